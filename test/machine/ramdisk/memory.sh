#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# Filling memory ends in ENOSPC with the machine alive; usage is exact; what is discarded, zeroed or erased is given back.
# shellcheck disable=SC2317 # functions are called through check and fails
set -eu
# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"

need fio blkdiscard
parameters=/sys/module/rapiddisk/parameters
memory() { awk -v k="$1" '$1 == k { print $2 }' /sys/kernel/rapiddisk/memory; }
held() { memory used; }
# told WHY: whether the kernel log says so of a write to the second disk, which is tried again, as the log is rate-limited
told() {
    dd if=/dev/zero of="/dev/rd$b" bs=1M seek=32 oflag=direct status=none 2>/dev/null || true
    if dmesg | grep -qF -e "rd$b: write failed: $1"; then echo yes; else echo no; fi
}
meminfo() { echo $(($(awk -v k="$1:" '$1 == k { print $2 }' /proc/meminfo) * 1024)); }
available() { meminfo MemAvailable; }
# missing: how much less is available than nine tenths of what was at the start
missing() { echo $((begun * 9 / 10 - $(available))); }
# settled COMMAND WANTED: waits until a command prints a number up to WANTED
settled() {
    local i
    for i in $(seq 50); do
        [ "$($1)" -le "$2" ] && return 0
        sleep 0.1
    done
    note "$1 is still $($1), wanted at most $2 ($i)"
    return 1
}

# a disk larger than the memory
total=$(meminfo MemTotal)
base=$(held)
rd_attach $((total * 2 / 1048576))M
big=$RD
begun=$(available)
fails "filling a disk twice the memory ends in ENOSPC" "No space left on device" \
    dd if=/dev/zero of="/dev/rd$big" bs=1M oflag=direct
# Not what is available now: udev looks at the disk as soon as dd closes it, with memory of its own. The disk may pass what was
# above the reserve by what each CPU takes between two looks (512 KiB), by what other programs gave back meanwhile, and by page
# cache, of which MemAvailable counts a part alone: together well below a quarter of the reserve.
at_most "and leaves the reserve" "$(rd_used "$big")" $((begun - $(memory reserve) * 3 / 4))
note "above the reserve were $((begun - $(memory reserve))) bytes, the disk has $(rd_used "$big"), available are $(available)"
at_least "the disk took most of the memory first" "$(rd_used "$big")" $((begun / 2))
at_most "all disks stay below the limit" "$(memory used)" "$(memory limit)"
at_least "the failure is counted" "$(rd_errors "$big")" 1
check "the machine runs programs" bash -c "ls /proc | sort | uniq -c | tail -n 1"
check "the disk can still be read" dd if="/dev/rd$big" of=/dev/null bs=1M count=16 iflag=direct status=none
# the kernel's page cache knows but EIO for what could not be written
fails "a buffered write past that fails its fsync" "fsync failed" \
    dd if=/dev/zero of="/dev/rd$big" bs=1M count=128 conv=fsync seek=$((total / 1048576))
check "discard of the full disk" blkdiscard -f "/dev/rd$big"
is "its use is 0" "$(rd_used "$big")" 0
check "the memory comes back" settled missing 0
check "and can be written at once" dd if=/dev/zero of="/dev/rd$big" bs=1M count=64 oflag=direct status=none
rd_detach "$big"
check "detach gives back the rest" settled held "$base"

# the limit is exact, over all disks
old=$(cat $parameters/memory_limit)
at_end bash -c "echo $old > $parameters/memory_limit"
rd_attach 64M
a=$RD
rd_attach 64M
b=$RD
echo 32 >$parameters/memory_limit
dd if=/dev/zero of="/dev/rd$a" bs=1M count=16 oflag=direct status=none
fails "the second disk meets the limit of both" "No space left on device" \
    dd if=/dev/zero of="/dev/rd$b" bs=1M oflag=direct status=none
at_most "they hold no more than the limit" "$(memory used)" $((32 * 1048576))
at_least "and no less than it, but for a page a CPU" $(($(memory used) + $(nproc) * PAGE)) $((32 * 1048576))
becomes "the log says that it was the limit" yes told "the disks hold as much as memory_limit allows"
check "what is there can be overwritten at the limit" dd if=/dev/zero of="/dev/rd$a" bs=1M count=16 oflag=direct status=none
held=$(memory used)
fails "an attach with populate fails whole" "No space left on device" mgmt attach "$(rd_free_number)" 67108864 populate
is "and leaves nothing" "$(memory used)" "$held"
reserved=$(cat $parameters/memory_reserve)
at_end bash -c "echo $reserved > $parameters/memory_reserve"
echo 1048576 >$parameters/memory_limit
echo $(($(available) / 1048576 + 1024)) >$parameters/memory_reserve
fails "so does one that meets the reserve" "Cannot allocate memory" mgmt attach "$(rd_free_number)" 67108864 populate
is "which leaves nothing either" "$(memory used)" "$held"
becomes "the log says of a write that it was the reserve" yes told "available memory is down to memory_reserve"
echo "$reserved" >$parameters/memory_reserve
echo "$old" >$parameters/memory_limit
rd_detach "$b"

# exact use, also with many writers of one page
check "eight jobs write the same new pages" fio --name=w --filename="/dev/rd$a" --direct=1 --rw=randwrite --bs=512 \
    --numjobs=8 --size=16M --io_size=2M --randseed=1 --allrandrepeat=1 --group_reporting --norandommap \
    --ioengine=psync --output="$tap_scratch/fio"
dd if=/dev/zero of="/dev/rd$a" bs=1M count=64 oflag=direct status=none
is "a full disk uses its size, and not a byte more" "$(rd_used "$a")" $((64 * 1048576))
is "the pages tell the same" "$(rd-ioctl "/dev/rd$a" ro 0x0530)" $((64 * 1048576 / PAGE))
for _ in 1 2 3; do blkdiscard -f "/dev/rd$a"; done
is "repeated discards leave 0" "$(rd_used "$a")" 0
rd_detach "$a"
check "two disks less hold nothing" settled held "$base"
is "the kernel has nothing to complain of" "$(kernel_complaints)" ""
finish
