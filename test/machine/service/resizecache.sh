#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# A cache takes up in use what its origin and its volume have grown by: a file system on it stays mounted, is grown, and its
# data is right, also on the origin once the cache is gone.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../cache/rdc.bash"
need busctl dmsetup mkfs.ext4 resize2fs systemctl

rdc_disk 64M
HALF=$(($(sectors "$DISK") / 2))
rdc_dm grow "0 $HALF linear $DISK 0"
ORIGIN=$DM
systemctl start rapiddiskd.service
rapiddisk volume create 8M --number 238 >/dev/null
at_end rapiddisk volume remove rd238
rapiddisk cache create rd238 "$ORIGIN" --mode write-through --name growing >/dev/null
at_end rapiddisk cache remove growing
mkfs.ext4 -qF /dev/mapper/growing
mkdir -p "$tap_scratch/mnt"
mount /dev/mapper/growing "$tap_scratch/mnt"
at_end umount "$tap_scratch/mnt"
dd if=/dev/urandom of="$tap_scratch/mnt/before" bs=1M count=12 conv=fsync status=none
sum=$(sha256sum <"$tap_scratch/mnt/before")
# bytes PROPERTY
bytes() {
    busctl get-property org.rapiddisk.Manager /org/rapiddisk/Manager/caches/growing org.rapiddisk.Manager.Cache "$1" | cut -d' ' -f2
}
same() {
    echo 3 >/proc/sys/vm/drop_caches
    is "$1" "$(sha256sum <"$tap_scratch/mnt/before")" "$sum"
}

cached=$(rdc_stat /dev/mapper/growing cached_blocks)
at_least "something is cached" "$cached" 2
check "nothing to take up: nothing is done" rapiddisk cache resize growing
# The file system goes on writing for a while, which drops a few blocks; a cache that was emptied would have next to none.
at_least "and what is cached stays" "$(rdc_stat /dev/mapper/growing cached_blocks)" $((cached / 2))
dmsetup reload "$ORIGIN" --table "0 $((HALF * 2)) linear $DISK 0"
dmsetup resume --noudevsync "$ORIGIN"
dmsetup message growing 0 seq_cutoff 0
check "a larger origin is taken up while the file system is mounted" rapiddisk cache resize growing
is "the cache is as large as its origin" "$(bytes Size)" $((HALF * 1024))
is "the device too" "$(blockdev --getsize64 /dev/mapper/growing)" $((HALF * 1024))
is "the cutoff is what it was" "$(rdc_stat /dev/mapper/growing seq_cutoff)" 0
same "the data is right"
check "the file system grows online" resize2fs /dev/mapper/growing
dd if=/dev/urandom of="$tap_scratch/mnt/after" bs=1M count=24 conv=fsync status=none
after=$(sha256sum <"$tap_scratch/mnt/after")

rapiddisk volume resize rd238 32M >/dev/null
is "a larger volume does not grow the cache by itself" "$(bytes CacheSize)" $((8 << 20))
check "it is taken up while the file system is mounted" rapiddisk cache resize growing
is "the cache has all of it" "$(bytes CacheSize) $(rdc_stat /dev/mapper/growing blocks)" "$((32 << 20)) 8192"
same "the data is right again"
cat "$tap_scratch/mnt/after" "$tap_scratch/mnt/before" >/dev/null
at_least "it caches more than it could before" "$(rdc_stat /dev/mapper/growing cached_blocks)" 3000
at_most "and holds no more RAM than it may" "$(cat /sys/block/rd238/rapiddisk/used)" $((32 << 20))

check "a resize while data is written" bash -c "
    dd if=/dev/urandom of='$tap_scratch/mnt/load' bs=64k count=128 conv=fsync status=none & load=\$!
    rapiddisk volume resize rd238 48M >/dev/null && rapiddisk cache resize growing && wait \$load"
umount "$tap_scratch/mnt"
dmsetup reload "$ORIGIN" --table "0 $HALF linear $DISK 0"
dmsetup resume --noudevsync "$ORIGIN"
fails "an origin that shrank is refused" "shrank" rapiddisk cache resize growing
dmsetup reload "$ORIGIN" --table "0 $((HALF * 2)) linear $DISK 0"
dmsetup resume --noudevsync "$ORIGIN"
rapiddisk cache remove growing
check "the file system on the origin is whole" e2fsck -fn "$ORIGIN"
mount -o ro "$ORIGIN" "$tap_scratch/mnt"
is "with the data of before" "$(sha256sum <"$tap_scratch/mnt/before")" "$sum"
is "and of after" "$(sha256sum <"$tap_scratch/mnt/after")" "$after"
umount "$tap_scratch/mnt"
is "the kernel did not complain" "$(kernel_complaints)" ""
finish
