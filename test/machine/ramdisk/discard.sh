#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# Discard, write-zeroes and secure erase: zeros after, memory back, edges right, safe beside other I/O.
# shellcheck disable=SC2317 # functions are called through check and fails
set -eu
# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"

need blkdiscard rd-race fio
rd_attach 8M
disk=/dev/rd$RD
fill() { dd if="$tap_scratch/random" of="$disk" bs=1M oflag=direct status=none; }
head -c 8M /dev/urandom >"$tap_scratch/random"

# zeroed OFFSET LENGTH: the model with a hole, compared with the disk
zeroed() {
    cp "$tap_scratch/random" "$tap_scratch/model"
    dd if=/dev/zero of="$tap_scratch/model" bs=512 seek=$(($1 / 512)) count=$(($2 / 512)) conv=notrunc status=none
    cmp "$tap_scratch/model" "$disk"
}

# offset, length, and how many whole pages lie in between
all=$((8388608 / PAGE)) quarter=$((2097152 / PAGE))
for how in "" --zeroout --secure; do
    name=${how:-discard}
    for range in "0 8388608 $all" "$PAGE $PAGE 1" "512 1024 0" "512 $PAGE 0" "$((PAGE - 512)) $((2 * PAGE + 512)) 2" \
        "2097152 2097152 $quarter" "$((2097152 - PAGE)) $((2097152 + 2 * PAGE)) $((quarter + 2))" "1536 8386560 $((all - 2))"; do
        read -r offset length whole <<<"$range"
        left=$((8388608 - whole * PAGE))
        fill
        blkdiscard -f ${how:+"$how"} -o "$offset" -l "$length" "$disk"
        check "$name of $length at $offset: zeros there, data elsewhere" zeroed "$offset" "$length"
        is "$name of $length at $offset: whole pages are given back" "$(rd_used "$RD")" "$left"
    done
done

blkdiscard -f "$disk"
check "zeroing what was never written takes no memory" blkdiscard -f -z "$disk"
is "none at all" "$(rd_used "$RD")" 0
rd_detach "$RD"

# a size that is no multiple of a page
RD=$(rd_free_number)
mgmt attach "$RD" $((1048576 + 1536))
at_end rd_detach "$RD"
rd_settle
head -c $((1048576 + 1536)) /dev/urandom | dd of="/dev/rd$RD" bs=512 oflag=direct status=none iflag=fullblock
is "an odd size uses its last page" "$(rd_used "$RD")" $((1048576 + PAGE))
blkdiscard -f "/dev/rd$RD"
is "and a discard of all frees it, too" "$(rd_used "$RD")" 0
rd_detach "$RD"

# a huge sparse disk is discarded quickly
total=$(awk '/^MemTotal:/ { print int($2 / 1024) }' /proc/meminfo)
rd_attach $((total * 3))M
dd if=/dev/urandom of="/dev/rd$RD" bs=4K count=1 seek=$((total * 3 * 256 - 1)) oflag=direct status=none
# Its own processor time, since by the clock it takes as long as a busy host makes it.
TIMEFORMAT='%3U %3S'
times=$({ time blkdiscard -f "/dev/rd$RD"; } 2>&1)
at_most "a discard of three times the memory costs under 5 s" "$(awk '{ printf "%d", ($1 + $2) * 1000 }' <<<"$times")" 5000
is "and frees the one page there was" "$(rd_used "$RD")" 0
rd_detach "$RD"

# under I/O
rd_attach 32M
check "writers, readers and discards of the same ranges, with every sector checked" rd-race "/dev/rd$RD" 12
blkdiscard -f "/dev/rd$RD"
is "nothing is used after a last discard" "$(rd_used "$RD")" 0
check "fio verifies its writes beside trims" fio --name=v --filename="/dev/rd$RD" --direct=1 --rw=randtrimwrite --bs=4k \
    --size=32M --io_size=8M --ioengine=psync --output="$tap_scratch/fio"
check "fio verifies random writes" fio --name=v --filename="/dev/rd$RD" --direct=1 --rw=randwrite --bsrange=512-128k \
    --blockalign=512 --size=32M --verify=crc32c --verify_backlog=64 --ioengine=libaio --iodepth=16 \
    --output="$tap_scratch/fio"
rd_detach "$RD"
is "the kernel has nothing to complain of" "$(kernel_complaints)" ""
finish
