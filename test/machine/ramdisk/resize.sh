#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# Growing goes on in use and is told to everybody; shrinking never loses data.
set -eu
# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"

need fio mkfs.ext4 resize2fs dmsetup
rd_attach 64M
disk=/dev/rd$RD
size() { blockdev --getsize64 "$disk"; }

mkfs.ext4 -qF "$disk"
rd_settle
mkdir "$tap_scratch/mnt"
mount "$disk" "$tap_scratch/mnt"
at_end unmount "$tap_scratch/mnt"
head -c 8M /dev/urandom >"$tap_scratch/mnt/file"
sum=$(md5sum <"$tap_scratch/mnt/file")

monitor=
if command -v udevadm >/dev/null; then
    udevadm monitor --kernel --property --subsystem-match=block >"$tap_scratch/events" &
    monitor=$!
    at_end kill "$monitor"
    until grep -q KERNEL "$tap_scratch/events"; do sleep 0.1; done # it says that it listens
fi
# uevent PROMISE LINE: exactly one came with that line
uevent() {
    if [ -n "$monitor" ]; then
        becomes "$1" 1 grep -cx "$2" "$tap_scratch/events"
    else
        skip "$1" "udevadm is not installed"
    fi
}
check "a mounted disk grows" mgmt resize "$RD" $((128 * 1048576))
is "at once" "$(size)" $((128 * 1048576))
is "in devices, too" "$(rd_size "$RD")" $((128 * 1048576))
uevent "a uevent tells of it" RESIZE=1
check "the file system grows" resize2fs "$disk"
at_least "and has the room" "$(stat -fc '%b' "$tap_scratch/mnt")" 100000
is "its file is whole" "$(md5sum <"$tap_scratch/mnt/file")" "$sum"
unmount "$tap_scratch/mnt"
rd_settle

blockdev --setro "$disk"
blockdev --setro "$disk"
blockdev --setrw "$disk"
uevent "a uevent tells of locking, when it changes something" DISK_RO=1
uevent "and of unlocking" DISK_RO=0
if [ -n "$monitor" ]; then
    kill "$monitor"
    wait "$monitor" 2>/dev/null || true
fi

fails "shrinking into data is refused: ENOTEMPTY" "Directory not empty" mgmt resize "$RD" 1048576
is "and changes nothing" "$(size)" $((128 * 1048576))
blkdiscard -f -o $((16 * 1048576)) "$disk"
rd_settle
check "what was discarded does not stand in the way" mgmt resize "$RD" $((16 * 1048576))
is "the size is the new one" "$(size)" $((16 * 1048576))
check "and growing again" mgmt resize "$RD" $((32 * 1048576))
is "brings up zeros" "$(dd if="$disk" bs=1M skip=16 status=none | md5sum)" "$(head -c 16M /dev/zero | md5sum)"
check "the same size again is no error" mgmt resize "$RD" $((32 * 1048576))
blkdiscard -f "$disk"
rd_settle
head -c 4096 /dev/urandom | dd of="$disk" bs=512 oflag=direct status=none
rd_settle
fails "not into the last page's data" "Directory not empty" mgmt resize "$RD" 3584
check "down to the very end of the data" mgmt resize "$RD" 4096
is "highest_written agrees" "$(cat "/sys/block/rd$RD/rapiddisk/highest_written")" 4096
check "a size that is no multiple of a page" mgmt resize "$RD" 10752
is "is exact" "$(size)" 10752
fails "a write behind the end fails" "" dd if=/dev/zero of="$disk" bs=512 count=1 seek=21 oflag=direct
check "a write up to the end does not" dd if=/dev/zero of="$disk" bs=512 count=1 seek=20 oflag=direct status=none
rd_detach "$RD"

# growing under load, with every write checked
rd_attach 16M
disk=/dev/rd$RD
fio --name=g --filename="$disk" --direct=1 --rw=randrw --bs=4k --size=16M --verify=crc32c --verify_backlog=32 \
    --time_based --runtime=8 --ioengine=libaio --iodepth=8 --output="$tap_scratch/fio" &
load=$!
grown=0
for i in $(seq 17 100); do
    mgmt resize "$RD" $((i * 1048576)) || grown=$i
    dd if=/dev/urandom of="$disk" bs=1M seek=$((i - 1)) count=1 oflag=direct status=none || grown=$i
done
is "84 steps of growth, each used at once" "$grown" 0
check "a disk under load stays right" wait $load
rd_detach "$RD"

# growth below device-mapper
rd_attach 16M
dmsetup create rdtest --table "0 32768 linear /dev/rd$RD 0"
at_end dmsetup remove --retry rdtest
rd_settle
check "a mapped disk grows" mgmt resize "$RD" $((32 * 1048576))
check "and the mapping can be reloaded over all of it" bash -c "dmsetup suspend rdtest &&
    dmsetup load rdtest --table '0 65536 linear /dev/rd$RD 0' && dmsetup resume rdtest"
check "with I/O to its end" dd if=/dev/urandom of=/dev/mapper/rdtest bs=1M seek=31 count=1 oflag=direct status=none
fails "a mapped disk does not shrink" "Device or resource busy" mgmt resize "$RD" $((31 * 1048576))
dmsetup remove --retry rdtest
rd_settle
rd_detach "$RD"
is "the kernel has nothing to complain of" "$(kernel_complaints)" ""
finish
