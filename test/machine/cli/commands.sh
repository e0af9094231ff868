#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# The commands in words, each against the real kernel: what they say is what the kernel then shows.
set -eu
# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=cli.bash
. "$(dirname "$0")/cli.bash"

need rapiddisk jq dmsetup blockdev busctl
source_disk=/dev/disk/by-id/virtio-scratch-plain
[ -b "$source_disk" ] || skip_all "there is no scratch disk"
origin=$(readlink -f "$source_disk")
mapping=cli-test-cache

ends 0 "the service answers" status --json
is "both modules are loaded" "$(said | jq '.modules.rapiddisk and .modules.rapiddisk_cache')" true

# volumes
n=$(rd_free_number)
rd=rd$n
at_end rd_detach "$n"
ends 0 "volume create" volume create 64M --number "$n"
is "says what it made" "$(said)" "Created $rd, 64 MiB: /dev/$rd"
is "of the size that was asked for" "$(blockdev --getsize64 "/dev/$rd")" 67108864
ends 8 "the same number again is refused" volume create 64M --number "$n"
ends 0 "volume resize" volume resize "$rd" 96M
is "makes it that large" "$(blockdev --getsize64 "/dev/$rd")" 100663296
head -c 1M /dev/urandom | dd of="/dev/$rd" bs=1M oflag=direct status=none
ends 0 "volume list" volume list --json
is "shows the size" "$(said | jq ".[] | select(.name == \"$rd\") | .size")" 100663296
at_least "and the memory that it holds" "$(said | jq ".[] | select(.name == \"$rd\") | .used")" 1048576
ends 0 "volume lock" volume lock "$rd"
is "makes it read-only for the kernel" "$(blockdev --getro "/dev/$rd")" 1
ends 0 "volume unlock" volume unlock "$rd"
is "makes it writable again" "$(blockdev --getro "/dev/$rd")" 0
ends 0 "volume erase" volume erase "$rd"
is "leaves zeros" "$(dd if="/dev/$rd" bs=1M count=1 iflag=direct status=none | md5sum)" "$(head -c 1M /dev/zero | md5sum)"
is "and no memory held" "$(rd_used "$n")" 0
ends 0 "volume persist" volume persist "$rd"
is "is kept" "$(property volumes "$rd" Persistent)" true
ends 0 "volume persist --off" volume persist "$rd" --off
is "is kept no more" "$(property volumes "$rd" Persistent)" false
mkfs.ext4 -qF "/dev/$rd"
mkdir "$tap_scratch/mnt"
mount "/dev/$rd" "$tap_scratch/mnt"
at_end unmount "$tap_scratch/mnt"
ends 4 "a mounted volume is not removed" volume remove "$rd"
says "and the mount is named" "$tap_scratch/mnt"
unmount "$tap_scratch/mnt"
rd_settle

# caches
head -c 8M /dev/urandom >"$tap_scratch/data"
dd if="$tap_scratch/data" of="$origin" bs=1M oflag=direct status=none
at_end dmsetup remove --retry "$mapping"
ends 0 "cache create" cache create "$rd" "$source_disk" --mode write-around --name "$mapping"
check "makes a mapping of ours" grep -q rapiddisk-cache <(dmsetup table "$mapping")
is "in that mode" "$(property caches "$mapping" Mode)" write-around
for time in first second; do
    sum=$(dd if="/dev/mapper/$mapping" bs=4k count=2048 iflag=direct status=none | md5sum)
    is "the $time read gives what the origin holds" "$sum" "$(md5sum <"$tap_scratch/data")"
done
ends 0 "stats" stats "$mapping" --json
at_least "shows that the second came from the cache" "$(said | jq .cache_hits)" 1000
ends 4 "the volume of a cache is not removed" volume remove "$rd"
ends 0 "list" list
is "shows both" "$(said | grep -cE "^($rd|$mapping) ")" 2
ends 0 "resources" resources --json
is "shows that the origin is used" "$(said | jq ".[] | select(.path == \"$origin\") | .in_use")" true
ends 0 "cache mode" cache mode "$mapping" write-through
is "changes it" "$(property caches "$mapping" Mode)" write-through
ends 0 "cache flush" cache flush "$mapping"
ends 0 "cache reset-stats" cache reset-stats "$mapping"
ends 0 "stats --watch" stats "$mapping" --watch 0.2 --count 2 --json
is "shows as often as asked for" "$(said | wc -l)" 2
at_most "from zero on" "$(said | head -n 1 | jq .cache_hits)" 10
ends 0 "cache remove" cache remove "$mapping"
fails "the mapping is gone" "" dmsetup info "$mapping"
is "the origin has all data" "$(dd if="$origin" bs=1M count=8 iflag=direct status=none | md5sum)" "$(md5sum <"$tap_scratch/data")"

# the rest
ends 0 "modules load" modules load
ends 0 "jobs" jobs
ends 3 "what does not exist is said to" volume show rd1048575
ends 2 "a size needs its unit" volume create 512
ends 0 "volume remove" volume remove "$rd"
check "the volume is gone" test ! -e "/sys/block/$rd"

# who may
check "anybody may look" as_nobody rapiddisk list
status=0
as_nobody rapiddisk volume create 4M --no-ask-password >/dev/null 2>&1 || status=$?
is "not everybody may change: 5" "$status" 5
if systemctl mask --runtime --now polkit.service >/dev/null 2>&1; then
    at_end systemctl unmask --runtime polkit.service
    ends 0 "root needs no polkit" volume create 4M --number "$n"
    ends 0 "nor to remove" volume remove "$rd"
else
    skip "root needs no polkit" "polkit.service cannot be masked here"
fi
finish
