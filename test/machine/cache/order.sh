#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# Power cuts. Below the cache dm-log-writes notes what became durable, in which order; above it programs and file
# systems flush. Whatever the kernel acknowledged as durable must be on the disk as the log has it at that moment, and
# a file system must be sound at every one of them.
# shellcheck disable=SC2317 # functions given to check
set -eu
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/rdc.bash"
need mkfs.xfs
modprobe -q dm-log-writes || skip_all "dm-log-writes is not available"

rd_attach 16M

# logged SIZE LOGSIZE MODE: $MAP, a cache over $LOGGED, which writes down in $LOG what arrives at $DISK
logged() {
    local size=$1 length=$2 mode=$3
    rdc_disk "$length"
    LOG=$DISK
    rdc_disk "$size"
    rdc_dm logged "0 $(sectors "$DISK") log-writes $DISK $LOG"
    LOGGED=$DM
    rdc_map order "$LOGGED" "/dev/rd$RD" 32768 "$mode"
}
unlogged() {
    rdc_dm_remove "$(basename "$MAP")"
    rdc_dm_remove "$(basename "$LOGGED")"
}

# The programs' flushes one at a time, when the order in the log is that on the disk; and several, when it need not be.
for way in "0" "0 --one-flush" "1" "1 --one-flush"; do
    read -r mode option <<<"$way"
    logged 8M 128M "$mode"
    check "mode $way: programs write, flush, and write durably" \
        "$PROGRAMS/rdc_order" ${option:+"$option"} write "$MAP" "$(basename "$LOGGED")" "$tap_scratch/promises"
    at_least "mode $way: the cache was part of it" "$(rdc_stat "$MAP" cache_writes)" 20
    unlogged
    check "mode $way: what was flushed is on the disk at every flush" \
        "$PROGRAMS/rdc_order" ${option:+"$option"} check "$LOG" "$tap_scratch/promises"
    note "$(tail -n 1 "$tap_scratch/out")"
    # The kernel follows up each of them with a flush, which would hide it
    at_least "mode $way: writes that ask to be durable still ask it of the disk" \
        "$(sed -n 's/.* fua \([0-9]*\) .*/\1/p' "$tap_scratch/out")" 64
done

logged 8M 128M 0
"$PROGRAMS/rdc_order" --mute write "$MAP" "$(basename "$LOGGED")" "$tap_scratch/promises"
unlogged
fails "without flushes the same check finds losses: it can fail" "LOST" \
    "$PROGRAMS/rdc_order" check "$LOG" "$tap_scratch/promises"

# A file system: files that fsync acknowledged, beside writes that nobody waits for
REPLICA=$RDC_FILES/replica
CUT=$RDC_FILES/cut
CUTS=$tap_scratch/cuts
mkdir -p "$tap_scratch/m" "$tap_scratch/c" "$tap_scratch/files"

write_files() {
    local i
    case $1 in
        ext4) mkfs.ext4 -q -F -E nodiscard "$MAP" ;;
        xfs) mkfs.xfs -q -f -K "$MAP" ;;
    esac
    mount "$MAP" "$tap_scratch/m"
    dd if=/dev/zero of="$tap_scratch/m/churn" bs=64k count=64 status=none
    sync
    dmsetup message "$(basename "$LOGGED")" 0 mark begin
    for i in $(seq 6); do
        dd if=/dev/urandom of="$tap_scratch/m/churn" bs=4k count=$((i * 7)) seek=$((i * 11)) conv=notrunc status=none
        dd if=/dev/urandom of="$tap_scratch/files/$i" bs=1k count=$((i * 13)) status=none
        dd if="$tap_scratch/files/$i" of="$tap_scratch/m/$i" bs=4k conv=fsync status=none
        dmsetup message "$(basename "$LOGGED")" 0 mark "$i"
    done
    unmount "$tap_scratch/m"
}

# cut ENTRY: $CUT, the disk after a power cut before that entry of the log
cut() {
    "$PROGRAMS/rdc_log" play "$LOG" "$REPLICA" "$played" "$1"
    played=$1
    rm -f "$CUT" # a new file: a loop device of the last cut may still be about to let go of the old one
    cp --sparse=always "$REPLICA" "$CUT"
}

# sound FILE-SYSTEM FILES: the file system in $CUT recovers, is sound, and has the first so many files
sound_ext4() {
    e2fsck -E journal_only -fy "$LOOP"
    e2fsck -fn "$LOOP"
}
sound_xfs() {
    mount -o nouuid "$LOOP" "$tap_scratch/c" && unmount "$tap_scratch/c" && xfs_repair -n "$LOOP"
}
sound() {
    local status=0
    # One loop device for all steps: what "mount -o loop" makes is let go at some time after the unmount.
    LOOP=$(losetup --find --show "$CUT") || return 1
    sound_on_loop "$@" || status=1
    losetup -d "$LOOP"
    return $status
}
sound_on_loop() {
    local i status=0
    "sound_$1" >"$tap_scratch/fsck" 2>&1 || {
        cat "$tap_scratch/fsck"
        return 1
    }
    [ "$2" -gt 0 ] || return 0
    mount -o ro "$LOOP" "$tap_scratch/c" || return 1
    for ((i = 1; i <= $2; i++)); do
        cmp "$tap_scratch/files/$i" "$tap_scratch/c/$i" || status=1
    done
    unmount "$tap_scratch/c" || status=1
    return $status
}

# try FILE-SYSTEM SIZE LOG-SIZE STEP: cuts at every mark, and at every so manyth flush or durable write
try() {
    local fs=$1 size=$2 length=$3 entry bad=0 files cuts=0 played=0
    logged "$size" "$length" 0
    check "$fs: files are written" write_files "$fs"
    unlogged
    "$PROGRAMS/rdc_log" list "$LOG" >"$tap_scratch/log"
    note "$fs: $(wc -l <"$tap_scratch/log") entries, $(grep -c flush "$tap_scratch/log") flushes," \
        "$(grep -c fua "$tap_scratch/log") durable writes"
    # Entry to stop before, and how many files are looked for then
    awk -v step="$4" '/mark,.* begin$/ { on = 1; next }
        on && /mark,/ { files = $5; print $1, files; next }
        on && /flush|fua/ && ++n % step == 0 { print $1 + 1, 0 }' "$tap_scratch/log" >"$CUTS"
    truncate -s "$size" "$REPLICA"
    while read -r entry files; do
        cut "$entry"
        cuts=$((cuts + 1))
        sound "$fs" "$files" >"$tap_scratch/sound" 2>&1 || {
            bad=$((bad + 1))
            # What the checks say when all is well says nothing here.
            note "cut at entry $entry with $files files: $(grep -vE '^Phase|^ +- |^No modify' "$tap_scratch/sound" | tail -n 15)"
        }
    done <"$CUTS"
    is "$fs: sound, with every file that fsync acknowledged, at each of $cuts cuts" "$bad" 0
    at_least "$fs: there were enough cuts" "$cuts" 6
    rm -f "$REPLICA" "$CUT"
}
try ext4 16M 128M 8
try xfs 320M 768M 99
is "the kernel did not complain" "$(kernel_complaints)" ""
finish
