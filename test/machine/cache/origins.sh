#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# Origins as they come: disks that end their I/O in hard interrupts, that have no room for more I/O, that become
# read-only, and that are pulled out. No wrong data, no error but the disk's own, RAM and disk the same.
# shellcheck disable=SC2317 # functions given to check, fails and at_end
set -eu
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/rdc.bash"

rd_attach 8M
CACHE=/dev/rd$RD
checked() {
    local promise=$1 device=$2
    shift 2
    check "$promise" "$PROGRAMS/rdc_check" --origin "$device" --seconds 3 "$@" "$MAP"
    note "$(tail -n 1 "$tap_scratch/out")"
}

# --- interrupts -----------------------------------------------------------------------------------------------------
# hard_irqs DEVICE COMMAND...: how many of the device's I/Os ended in a hard interrupt while the command ran
TRACE=/sys/kernel/tracing
[ -d "$TRACE/events/block" ] || mount -t tracefs tracefs "$TRACE" 2>/dev/null || true
hard_irqs() {
    local event=$TRACE/events/block/block_rq_complete major minor
    IFS=: read -r major minor <"/sys/class/block/$(basename "$1")/dev"
    shift
    echo "dev == $(((major << 20) | minor))" >"$event/filter"
    echo >"$TRACE/trace"
    echo 1 >"$event/enable"
    "$@" || return 1
    echo 0 >"$event/enable"
    echo 0 >"$event/filter"
    # The third letter of the flags: h or H in a hard interrupt
    grep -c -E '\] ..[hH].*block_rq_complete' "$TRACE/trace" || true
}

rdc_null 32 irqmode=2 completion_nsec=300000
NULL=$DISK
for mode in 0 1; do
    rdc_map "irq$mode" "$NULL" "$CACHE" 16384 $mode
    if [ -d "$TRACE/events/block" ]; then
        at_least "mode $mode: the disk does end reads in hard interrupts" "$(hard_irqs "$NULL" rdc_read "$MAP" 0 200)" 100
        at_least "mode $mode: and writes" \
            "$(hard_irqs "$NULL" dd if=/dev/zero of="$MAP" bs=4k count=200 oflag=direct status=none)" 100
    else
        skip "mode $mode: the disk does end reads in hard interrupts" "the kernel has no block trace events"
    fi
    checked "mode $mode: interrupts, whole blocks" "$NULL" --sectors 128 --align 8 --threads 16
    checked "mode $mode: interrupts, long and short, zeroing" "$NULL" --sectors 2048 --zeroes 10 --threads 16
    rdc_dm_remove "$(basename "$MAP")"
done
rdc_map irqtiny "$NULL" "$CACHE" 64 0 8
checked "interrupts and eight slots, so that they change hands" "$NULL" --sectors 2048 --threads 16
rdc_dm_remove "$(basename "$MAP")"
real=/dev/disk/by-id/virtio-scratch-plain
if [ -b "$real" ]; then
    REAL=$(readlink -f "$real")
    wipefs -qa "$REAL" || true
    rdc_map virtio "$REAL" "$CACHE"
    checked "a virtio disk" "$REAL" --sectors 2048 --zeroes 5 --threads 16
    rdc_dm_remove "$(basename "$MAP")"
else
    skip "a virtio disk" "this machine has none"
fi

# --- no room --------------------------------------------------------------------------------------------------------
# One request at a time: anyone who must not wait is often sent away, and tries again
rdc_null 32 irqmode=2 completion_nsec=2000000 hw_queue_depth=1 submit_queues=1
rdc_map tags "$DISK" "$CACHE"
checked "a disk without room for more: who must not wait gets EAGAIN or his data" "$DISK" --nowait --sectors 256 --threads 24
again=$(sed -n 's/.* again \([0-9]*\) .*/\1/p' "$tap_scratch/out")
at_least "and EAGAIN did happen" "${again:-0}" 1
is "EAGAIN is no error of the disk" "$(rdc_stat "$MAP" origin_errors)" 0
rdc_dm_remove "$(basename "$MAP")"

# --- read-only ------------------------------------------------------------------------------------------------------
rdc_scsi 16 ndelay=200000 || skip_all "scsi_debug is not available"
WP=/sys/module/scsi_debug/parameters/wp
rdc_random "$DISK"
for mode in 0 1; do
    rdc_map "wp$mode" "$DISK" "$CACHE" 16384 $mode
    rdc_read "$MAP" 0 64
    echo 1 >"$WP"
    bare=$(dd if=/dev/zero of="$DISK" bs=4k count=1 seek=2000 oflag=direct 2>&1 | sed -n 's/.*: //p' | head -n 1)
    fails "mode $mode: write-protected, a write fails as on the bare disk ($bare)" "$bare" \
        dd if=/dev/zero of="$MAP" bs=4k count=8 oflag=direct status=none
    check "mode $mode: and changed nothing, nor does a copy of it remain" rdc_same "$MAP" "$DISK" 262144
    check "mode $mode: what the cache did not have is read" rdc_same "$MAP" "$DISK" 2097152
    echo 0 >"$WP"
    check "mode $mode: writable again, it is written" dd if=/dev/zero of="$MAP" bs=4k count=8 oflag=direct status=none
    toggle() {
        while sleep 0.2; do
            echo 1 >"$WP"
            sleep 0.1
            echo 0 >"$WP"
        done
    }
    toggle &
    toggle=$!
    check "mode $mode: write protection on and off under load: no wrong data" \
        "$PROGRAMS/rdc_check" --errors-ok --sectors 128 --threads 16 --seconds 4 "$MAP"
    note "$(tail -n 1 "$tap_scratch/out")"
    kill $toggle
    wait $toggle 2>/dev/null || true
    echo 0 >"$WP"
    check "mode $mode: RAM and disk hold the same" rdc_same "$MAP" "$DISK"
    rdc_dm_remove "$(basename "$MAP")"
done

# --- gone -----------------------------------------------------------------------------------------------------------
rdc_map gone "$DISK" "$CACHE"
rdc_read "$MAP" 0 64
fio --name=g --filename="$MAP" --allow_file_create=0 --rw=randrw --bsrange=4k-64k --offset=4M --size=4M --ioengine=libaio --iodepth=32 --direct=1 \
    --time_based --runtime=4 --continue_on_error=all --output="$tap_scratch/fio" &
load=$!
sleep 1.5
echo 1 >"/sys/class/block/$(basename "$DISK")/device/delete"
wait $load || true
pass "pulled out under load: every I/O in flight got an answer"
check "what RAM has is still served" rdc_read "$MAP" 0 64
fails "what it has not is failed" "error reading" rdc_read "$MAP" 400 8
fails "a write is failed" "error writing" dd if=/dev/zero of="$MAP" bs=4k count=8 oflag=direct status=none
fails "and left no copy" "error reading" rdc_read "$MAP" 0 8
check "what was not written is still served" rdc_read "$MAP" 8 56
name=$(basename "$MAP")
check "the mapping can be removed" dmsetup remove --noudevsync --retry "$name"
DM_DISABLE_UDEV=1 dmsetup mknodes
check "and the RAM disk detached" rd_detach "$RD"
is "the kernel did not complain" "$(kernel_complaints)" ""
finish
