#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# A disk that fails, RAM that cannot be had. Errors of the disk reach the caller as they are and leave no copy; failing RAM
# costs speed, never an error.
# shellcheck disable=SC2317 # functions given to check, fails and traced
set -eu
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/rdc.bash"

rdc_disk 16M
rdc_random "$DISK"
rd_attach 8M
CACHE=/dev/rd$RD
LEN=$(sectors "$DISK")

# One bad sector, number 1001, in the middle of a block
rdc_dm bad "0 1001 linear $DISK 0
1001 1 error
1002 $((LEN - 1002)) linear $DISK 1002"
BAD=$DM
rdc_map sector "$BAD" "$CACHE"
cached=$(rdc_stat "$MAP" cached_blocks) # udev has looked at the mapping
sector() { dd if="$MAP" of="$tap_scratch/s" bs=512 skip="$1" count="$2" iflag=direct status=none; }
check "the good sector before a bad one in the same block is read" sector 1000 1
check "and it is right" cmp "$tap_scratch/s" <(dd if="$DISK" bs=512 skip=1000 count=1 iflag=direct status=none)
check "the good sectors after it too" sector 1002 6
fails "the bad sector itself fails" "Input/output error" sector 1001 1
fails "and so does the block" "Input/output error" sector 1000 8
fails "a write to it fails" "Input/output error" dd if=/dev/zero of="$MAP" bs=4k seek=125 count=1 oflag=direct status=none
is "nothing of that block is kept" "$(rdc_stat "$MAP" cached_blocks)" "$cached"
check "its neighbours work" sector 1008 8
at_least "errors of the disk were counted" "$(rdc_stat "$MAP" origin_errors)" 3
rdc_dm_remove "$(basename "$MAP")"

# Writes that fail half way: the copy from before the write must not come back
rdc_dm flip "0 $LEN linear $DISK 0"
FLIP=$DM
flip() {
    dmsetup suspend --nolockfs "$FLIP"
    dmsetup reload "$FLIP" --table "$1"
    dmsetup resume --noudevsync "$FLIP"
}
rdc_map fail "$FLIP" "$CACHE"
rdc_read "$MAP" 0 8
cached=$(rdc_stat "$MAP" cached_blocks)
flip "0 $LEN error"
fails "a write that the disk fails is failed" "Input/output error" \
    dd if=/dev/urandom of="$MAP" bs=32k count=1 oflag=direct status=none
is "and leaves no copy" "$(rdc_stat "$MAP" cached_blocks)" $((cached - 8))
fails "so that a read asks the disk" "Input/output error" dd if="$MAP" of=/dev/null bs=4k count=1 iflag=direct status=none
flip "0 $LEN linear $DISK 0"
check "and works when the disk is back" dd if="$MAP" of=/dev/null bs=4k count=1 iflag=direct status=none

# Faults on and off under load
toggle() {
    while true; do
        flip "0 $LEN error"
        sleep 0.1
        flip "0 $LEN linear $DISK 0"
        sleep 0.3
    done
}
toggle &
toggle=$!
check "a disk that fails now and then: no wrong data" \
    "$PROGRAMS/rdc_check" --errors-ok --sectors 128 --threads 16 --seconds 5 "$MAP"
note "$(tail -n 1 "$tap_scratch/out")"
kill $toggle
wait $toggle 2>/dev/null || true
flip "0 $LEN linear $DISK 0"
check "afterwards cache and disk hold the same" rdc_same "$MAP" "$DISK"
check "and once more, from RAM" rdc_same "$MAP" "$DISK"

# RAM keeps its pages: nobody takes them away underneath, under load neither
dmsetup message "$MAP" 0 invalidate
rdc_read "$MAP" 0 1024
BUSY="Device or resource busy"
erase() { echo 1 >"/sys/block/rd$RD/rapiddisk/erase"; }
scribble() { dd if=/dev/urandom of="$CACHE" bs=64k count=4 oflag=direct conv=notrunc,nocreat status=none; }
partition() { printf '2048,2048\n' | sfdisk -q --force "$CACHE"; }
fails "the RAM disk cannot be discarded underneath" "$BUSY" blkdiscard -f "$CACHE"
fails "nor erased" "$BUSY" erase
fails "nor written" "$BUSY" scribble
if command -v sfdisk >/dev/null; then
    fails "nor partitioned" "" partition
else
    skip "nor partitioned" "sfdisk is not installed"
fi
check "the cache is right" rdc_same "$MAP" "$DISK" 4194304
lose() {
    while sleep 0.02; do
        if blkdiscard -f "$CACHE" || erase || scribble; then touch "$tap_scratch/lost"; fi
        echo >>"$tap_scratch/tried"
    done
}
lose 2>/dev/null &
lose=$!
check "RAM that somebody keeps trying to take away: no error, no wrong data" \
    "$PROGRAMS/rdc_check" --origin "$DISK" --sectors 512 --threads 16 --seconds 5 "$MAP"
note "$(tail -n 1 "$tap_scratch/out")"
kill $lose
wait $lose 2>/dev/null || true
at_least "it was tried" "$(wc -l <"$tap_scratch/tried")" 1
check "and refused each time" test ! -e "$tap_scratch/lost"
rdc_dm_remove "$(basename "$MAP")"

# RAM cannot be had: the RAM disk's limit is reached
LIMIT=/sys/module/rapiddisk/parameters/memory_limit
old=$(cat $LIMIT)
at_end sh -c "echo $old >$LIMIT"
blkdiscard -f "$CACHE"
rdc_map noram "$DISK" "$CACHE"
echo 1 >$LIMIT # MiB, for all RAM disks
check "without RAM: no error, no wrong data" \
    "$PROGRAMS/rdc_check" --origin "$DISK" --sectors 4096 --threads 16 --seconds 4 "$MAP"
at_least "and it is counted" "$(rdc_stat "$MAP" ram_failed)" 1
check "without RAM every byte is right" rdc_same "$MAP" "$DISK" 4194304
echo "$old" >$LIMIT
rdc_read "$MAP" 0 256
before=$(rdc_stat "$MAP" hits)
rdc_read "$MAP" 0 256
at_least "with RAM again, it caches again" "$(($(rdc_stat "$MAP" hits) - before))" 256
rdc_dm_remove "$(basename "$MAP")"

# The disk goes read-only, and goes away
rdc_map ro "$FLIP" "$CACHE"
rdc_read "$MAP" 0 16
flip "0 $LEN error"
check "what is in RAM is served while the disk is gone" rdc_read "$MAP" 0 16
fails "what is not is failed" "Input/output error" rdc_read "$MAP" 2000 16
is "the kernel did not complain" "$(kernel_complaints)" ""
finish
