#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# Reads, writes, zeroing of parts of blocks, blocks and ranges, on few blocks over a slow disk: every race between a
# fill, a write and a discard is open for milliseconds. No read may return what was overwritten before it began, and
# at the end RAM and disk hold the same.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/rdc.bash"

rdc_disk 64M
rdc_slow "$DISK" 5
rd_attach 4M

run() {
    local promise=$1 device=$2
    shift 2
    check "$promise" "$PROGRAMS/rdc_check" --origin "$DISK" --threads 24 --seconds 3 "$@" "$device"
    note "$(tail -n 1 "$tap_scratch/out")"
}

for mode in 0 1; do
    rdc_map "race$mode" "$SLOW" "/dev/rd$RD" 8192 $mode
    run "mode $mode: whole blocks, a stale fill is never kept" "$MAP" --sectors 64 --align 8 --writes 30
    run "mode $mode: parts of blocks and blocks straddled" "$MAP" --sectors 128 --writes 40
    run "mode $mode: overlapping writes in flight" "$MAP" --sectors 24 --align 8 --writes 70
    run "mode $mode: zeroing over cached, filling and writing blocks" "$MAP" --sectors 128 --writes 30 --zeroes 20
    at_least "mode $mode: copies were dropped because something else wrote the block" "$(rdc_stat "$MAP" doomed)" 1
    rdc_dm_remove "$(basename "$MAP")"
done

# The smallest cache: eight blocks for sixty-four, so that slots change hands all the time, also under readers
rdc_map tiny "$SLOW" "/dev/rd$RD" 64 0 8
run "eight slots for sixty-four blocks" "$MAP" --sectors 512 --writes 30
is "the smallest cache has eight blocks" "$(rdc_stat "$MAP" blocks)" 8
at_least "blocks were evicted" "$(($(rdc_stat "$MAP" read_evictions) + $(rdc_stat "$MAP" write_evictions)))" 10
rdc_dm_remove "$(basename "$MAP")"

# Writes that come to the disk late: a fill that begins after such a write reads the old data, and is over before it
rdc_slow "$DISK" 0 20
for mode in 0 1; do
    rdc_map "late$mode" "$SLOW" "/dev/rd$RD" 8192 $mode
    run "mode $mode: no fill keeps what a write in flight is about to overwrite" "$MAP" --sectors 128 --writes 20
    rdc_dm_remove "$(basename "$MAP")"
done

# A fast disk: the windows are short, but millions of operations pass
rdc_map fast "$DISK" "/dev/rd$RD" 64 0 8
run "eight slots over a fast disk" "$MAP" --sectors 512 --writes 30 --zeroes 5
rdc_dm_remove "$(basename "$MAP")"

# A disk as fast as the cache, that puts nobody to sleep: slots change hands while another processor copies from them
CACHE=/dev/rd$RD
rd_attach 4M
DISK=/dev/rd$RD
rdc_map ram "$DISK" "$CACHE" 64 0 8
run "eight slots over a disk of RAM" "$MAP" --sectors 512 --align 8 --writes 10 --one-writer
rdc_dm_remove "$(basename "$MAP")"
is "the kernel did not complain" "$(kernel_complaints)" ""
finish
