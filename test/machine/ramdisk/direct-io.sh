#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# Direct I/O as programs do it: odd memory, io_uring without a worker, statistics, limits, read-only.
# shellcheck disable=SC2317 # functions are called through check and at_end
set -eu
# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"

need fio rd-odd dmsetup
rd_attach 64M
disk=/dev/rd$RD
queue=/sys/block/rd$RD/queue
q() { cat "$queue/$1"; }

# what the queue promises
is "logical blocks of 512" "$(q logical_block_size)" 512
is "physical blocks of 4096" "$(q physical_block_size)" 4096
is "smallest good I/O 4096" "$(q minimum_io_size)" 4096
is "no best I/O" "$(q optimal_io_size)" 0
is "not rotational" "$(q rotational)" 0
is "no write cache" "$(q write_cache)" "write through"
is "no FUA needed" "$(q fua)" 0
is "statistics are on" "$(q iostats)" 1
is "discard by the page" "$(q discard_granularity)" "$PAGE"
at_least "discard is offered" "$(q discard_max_bytes)" 1073741824
at_least "write-zeroes is offered" "$(q write_zeroes_max_bytes)" 1073741824
is "the parameter sets the preferred size" "$(q max_sectors_kb)" "$(cat /sys/module/rapiddisk/parameters/max_sectors)"

# odd memory
check "memory at any 4 byte offset, and vectors that are no sectors, where the kernel takes them" rd-odd "$disk"
note "$(tail -n 1 "$tap_scratch/out")"

# statistics
stat() { awk -v f="$1" '{ print $f }' "/sys/block/rd$RD/stat"; }
reads=$(stat 1) sectors=$(stat 3) writes=$(stat 5) written=$(stat 7) discards=$(stat 12)
dd if="$disk" of=/dev/null bs=64K count=16 iflag=direct status=none
dd if=/dev/zero of="$disk" bs=64K count=16 oflag=direct status=none
blkdiscard -f "$disk"
rd_settle
at_least "reads are counted" $(($(stat 1) - reads)) 16
at_least "and their sectors" $(($(stat 3) - sectors)) 2048
is "writes are counted" $(($(stat 5) - writes)) 16
is "and their sectors, too" $(($(stat 7) - written)) 2048
at_least "discards are counted" $(($(stat 12) - discards)) 1
echo 0 >"$queue/iostats"
writes=$(stat 5)
dd if=/dev/zero of="$disk" bs=64K count=16 oflag=direct status=none
is "statistics can be switched off" "$(stat 5)" "$writes"
echo 1 >"$queue/iostats"

# NOWAIT: io_uring needs no worker for what is served at once
if fio --name=n --filename="$disk" --direct=1 --rw=randwrite --bs=4k --size=4M --ioengine=io_uring --iodepth=8 \
    --output="$tap_scratch/fio" >/dev/null 2>&1; then
    fio --name=n --filename="$disk" --direct=1 --rw=randread --bs=4k --size=4M --time_based --runtime=3 \
        --ioengine=io_uring --iodepth=1 --output="$tap_scratch/fio" &
    load=$!
    sleep 1.5
    is "io_uring reads without a worker" "$(cat /proc/[0-9]*/task/[0-9]*/comm 2>/dev/null | grep -c '^iou-wrk')" 0
    check "and ends well" wait $load
    check "io_uring verifies its writes" fio --name=n --filename="$disk" --direct=1 --rw=randwrite --bsrange=512-64k \
        --blockalign=512 --size=16M --verify=crc32c --verify_backlog=16 --ioengine=io_uring --iodepth=16 \
        --output="$tap_scratch/fio"
else
    skip "io_uring reads without a worker" "io_uring is not to be had here: $(head -n 1 "$tap_scratch/fio")"
fi
# The kernel answers EAGAIN where the range has pages in the page cache (generic_file_direct_write() in 6.1), and udev leaves
# some there, since it reads a disk whenever somebody has closed it.
rd_settle
blockdev --flushbufs "$disk"
check "RWF_NOWAIT is served" fio --name=n --filename="$disk" --direct=1 --rw=randrw --bs=4k --size=4M \
    --ioengine=pvsync2 --nowait=1 --output="$tap_scratch/fio"

# read-only, also for who is on top
dd if=/dev/urandom of="$disk" bs=1M count=4 oflag=direct status=none
sum=$(md5sum <"$disk")
dmsetup create rdtest --table "0 131072 linear $disk 0"
at_end dmsetup remove --retry rdtest
rd_settle
check "a mapped disk can be locked" blockdev --setro "$disk"
fails "a write through the mapping fails" "" dd if=/dev/zero of=/dev/mapper/rdtest bs=4096 count=1 oflag=direct conv=nocreat
fails "a discard through the mapping fails" "" blkdiscard -f /dev/mapper/rdtest
fails "a zeroing through the mapping fails" "" blkdiscard -f -z -l 1048576 /dev/mapper/rdtest
is "the locked disk is as it was" "$(md5sum <"$disk")" "$sum"
blockdev --setrw "$disk"
check "unlocked, it is written again" dd if=/dev/zero of=/dev/mapper/rdtest bs=4096 count=1 oflag=direct conv=nocreat status=none
is "the kernel has nothing to complain of" "$(kernel_complaints | grep -v 'Trying to write to read-only' || true)" ""
finish
