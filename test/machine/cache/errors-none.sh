#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# Many at once on the same cold blocks of a slow, healthy disk: nobody is failed, nobody is given wrong data.
# level: smoke
set -eu
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/rdc.bash"

rdc_disk 64M
rdc_slow "$DISK" 5
rd_attach 4M

# 64 cold blocks, read by 32 threads at once, dropped now and then so that they are cold again
chill() {
    while sleep 0.05; do dmsetup message "$MAP" 0 invalidate || break; done
}

for mode in 0 1; do
    rdc_map "cold$mode" "$SLOW" "/dev/rd$RD" 8192 $mode
    chill &
    chill=$!
    check "mode $mode: readers of the same cold blocks get no error and no wrong data" \
        "$PROGRAMS/rdc_check" --origin "$DISK" --sectors 512 --threads 32 --seconds 3 --writes 0 "$MAP"
    check "mode $mode: readers and writers of the same blocks get no error and no wrong data" \
        "$PROGRAMS/rdc_check" --origin "$DISK" --sectors 512 --threads 32 --seconds 3 --writes 50 "$MAP"
    note "$(tail -n 1 "$tap_scratch/out")"
    kill "$chill"
    wait "$chill" 2>/dev/null || true
    at_least "mode $mode: accesses did meet I/O in flight" "$(rdc_stat "$MAP" busy)" 1
    is "mode $mode: the origin failed nothing" "$(rdc_stat "$MAP" origin_errors)" 0
    rdc_dm_remove "$(basename "$MAP")"
done
is "the kernel did not complain" "$(kernel_complaints)" ""
finish
