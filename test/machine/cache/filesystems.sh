#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# ext4 and XFS, over a RAM disk and over a cache: random operations on files, each held against a copy in memory, and a
# sound file system in the end. The cache is a small one, suspended and resumed meanwhile.
# shellcheck disable=SC2317 # functions given to check
set -eu
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/rdc.bash"
need mkfs.xfs

OPERATIONS=400
DIR=$tap_scratch/m
mkdir -p "$DIR"

# exercised: two exercisers at once on the mounted file system, and a look at what they say
exercised() {
    local n pids=() status=0
    for n in 1 2; do
        "$PROGRAMS/fs-exercise" "$DIR/$n" $((n + $1)) "$OPERATIONS" >"$tap_scratch/ex$n" 2>&1 &
        pids+=($!)
    done
    for n in "${pids[@]}"; do wait "$n" || status=1; done
    cat "$tap_scratch"/ex[12]
    return "$status"
}

# repaired DEVICE: whether xfs_repair finds nothing to do; what it says when all is well is left out
repaired() {
    xfs_repair -n "$1" >"$tap_scratch/repair" 2>&1 && return
    grep -vE '^Phase|^ +- (agno|process|traversal|scan|setting|check|zero|found|moving|traversing)|^No modify' "$tap_scratch/repair"
    return 1
}

# try WHAT DEVICE SEED: both file systems on it
try() {
    local what=$1 device=$2 fs
    for fs in ext4 xfs; do
        case $fs in
            ext4) mkfs.ext4 -q -F "$device" ;;
            xfs) mkfs.xfs -q -f "$device" ;;
        esac
        # Not while the device is suspended: a frozen device is busy to those who would mount it.
        flock "$tap_scratch/frozen" mount -o discard "$device" "$DIR"
        check "$what, $fs: files hold what was written, by whatever way" exercised "$3"
        check "$what, $fs: free space is given back" fstrim "$DIR"
        # Nor when it goes: what a freeze holds is written and let go by the thaw, some time after umount returned.
        {
            flock 9
            unmount "$DIR"
        } 9>"$tap_scratch/frozen"
        case $fs in
            ext4) check "$what, $fs: sound" e2fsck -fn "$device" ;;
            xfs) check "$what, $fs: sound" repaired "$device" ;;
        esac
    done
}

# The exerciser can fail: somebody else writes into its file
: >"$RDC_FILES/file"
while printf '\001' | dd of="$RDC_FILES/file" bs=1 seek=$((RANDOM * 20)) conv=notrunc status=none; do :; done &
scribbler=$!
fails "a byte that somebody else changed is noticed" "WRONG" "$PROGRAMS/fs-exercise" "$RDC_FILES/file" 1 200000
kill $scribbler
wait $scribbler 2>/dev/null || true

rd_attach 320M
try "RAM disk" "/dev/rd$RD" 10
rd_detach "$RD"

rd_attach 8M
rdc_disk 320M
rdc_map fs "$DISK" "/dev/rd$RD"
doze() {
    exec {frozen}>"$tap_scratch/frozen"
    until [ -e "$tap_scratch/awake" ]; do
        flock "$frozen"
        dmsetup suspend --noudevsync "$MAP" 2>/dev/null || true
        dmsetup resume --noudevsync "$MAP" || true
        flock --unlock "$frozen"
        sleep 0.3
    done
}
doze &
dozer=$!
try "cache" "$MAP" 20
touch "$tap_scratch/awake"
wait $dozer || true
check "cache and disk hold the same" rdc_same "$MAP" "$DISK"
at_least "the cache was used" "$(rdc_stat "$MAP" hits)" 100
at_least "and too small for all of it" "$(($(rdc_stat "$MAP" read_evictions) + $(rdc_stat "$MAP" write_evictions)))" 100
rdc_dm_remove "$(basename "$MAP")"
is "the kernel did not complain" "$(kernel_complaints)" ""
finish
