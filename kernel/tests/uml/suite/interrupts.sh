#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Copyright (C) 2026 The RapidDisk Manager authors
#
# An origin that completes its I/O in a timer's interrupt: long and short fills, writes and discards end there, and
# nothing that sleeps or takes a lock with interrupts on may be met.
# shellcheck disable=SC2317 # functions given to check
set -eu
# shellcheck source=../../../../test/machine/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=../../../../test/machine/cache/rdc.bash
. "$(dirname "$0")/../cache/rdc.bash"

rdc_null 1024 irqmode=2 completion_nsec=1000000 blocksize=512 discard=1
seconds=${UML_SECONDS:-5}
rd_attach 4M
for mode in 0 1; do
    rdc_map "irq$mode" "$DISK" "/dev/rd$RD" 8192 $mode
    check "mode $mode: short I/O" rdc_check --origin "$DISK" --sectors 256 --threads 16 --seconds "$seconds" --zeroes 10 "$MAP"
    note "$(tail -n 1 "$tap_scratch/out")"
    check "mode $mode: long reads" dd if="$MAP" of=/dev/null bs=1M count=16 iflag=direct status=none
    check "mode $mode: long writes" dd if=/dev/urandom of="$MAP" bs=1M count=16 oflag=direct status=none
    check "mode $mode: they are right" rdc_same "$MAP" "$DISK" 16777216
    check "mode $mode: a discard of everything" blkdiscard -f "$MAP"
    dmsetup message "$MAP" 0 invalidate
    check "mode $mode: reads that must not wait" rdc_check --nowait --sectors 4096 --threads 8 --seconds "$seconds" "$MAP"
    rdc_dm_remove "$(basename "$MAP")"
done
is "the kernel did not complain" "$(kernel_complaints)" ""
finish
