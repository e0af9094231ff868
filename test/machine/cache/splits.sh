#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# Origins that split what the cache sends them: at the borders of a table, at stripes, at the largest request of a disk. A
# fill is wider than the read that it is for, so it may fail or be sent away for a sector that nobody asked for; the read
# is then sent once more. No read ends before all of its parts have, none fails that the bare disk would not fail, and the
# disk is not asked again and again for a sector that it cannot read.
# shellcheck disable=SC2317 # functions given to check and fails
set -eu
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/rdc.bash"

rd_attach 16M
CACHE=/dev/rd$RD

# map WORD ORIGIN: $MAP, with no stream taken past the cache
map() {
    rdc_map "$1" "$2" "$CACHE"
    dmsetup message "$MAP" 0 seq_cutoff 0
}
# part DEVICE FIRST COUNT: these sectors, in one read past the page cache
part() { dd if="$1" bs=$(($3 * 512)) count=1 skip=$(($2 * 512)) iflag=direct,skip_bytes status=none; }
# reads_well FIRST COUNT GOOD: reads the sectors five times, and once more from RAM what stayed there; each is as on GOOD
reads_well() {
    local i
    for i in 1 2 3 4 5; do
        dmsetup message "$MAP" 0 invalidate
        cmp <(part "$MAP" "$1" "$2") <(part "$3" "$1" "$2") || return
    done
    cmp <(part "$MAP" "$1" "$2") <(part "$3" "$1" "$2")
}
# fails_well FIRST COUNT BAD: the same for sectors of which the disk cannot read one: the error is that of the disk BAD
fails_well() {
    local i error
    error=$(part "$3" "$1" "$2" 2>&1 >"$tap_scratch/part" | sed -n 's/.*: //p')
    echo "the disk says: $error"
    [ -n "$error" ] || return
    for i in 1 2 3 4 5; do
        dmsetup message "$MAP" 0 invalidate
        ! part "$MAP" "$1" "$2" >"$tap_scratch/part" 2>"$tap_scratch/error" || return
        grep -qF -e "$error" "$tap_scratch/error" || { cat "$tap_scratch/error" && return 1; }
    done
}

# --- a bad sector between the lines of a table ----------------------------------------------------------------------
# Sector 1000 is on a disk of its own, which counts how often it was asked for
rdc_disk 16M
rdc_random "$DISK"
LEN=$(sectors "$DISK")
rdc_dm bad "0 1 error"
rdc_dm counts "0 1 linear $DM 0"
BAD=$DM
asked() { awk '{ print $1 }' "/sys/class/block/$(rdc_kname "$BAD")/stat"; }
rdc_dm split "0 1000 linear $DISK 0
1000 1 linear $BAD 0
1001 7 linear $DISK 1001
1008 $((LEN - 1008)) linear $DISK 1008"
SPLIT=$DM
map split "$SPLIT"
check "a bad sector beside the read, across the borders of the table" reads_well 1001 15 "$DISK"
check "before it, too" reads_well 985 15 "$DISK"
check "a read of it fails each time" fails_well 985 30 "$SPLIT"
check "and one of it alone" fails_well 1000 1 "$SPLIT"
dmsetup message "$MAP" 0 stats_reset
dmsetup message "$MAP" 0 invalidate

# A block with a bad sector that a disk takes seconds to give up is asked for once, not by each read beside it
rdc_dm_remove "$(basename "$MAP")"
map once "$SPLIT"
before=$(asked)
check "the first read beside the bad sector is right" cmp <(part "$MAP" 1001 3) <(part "$DISK" 1001 3)
at_least "the fill that failed counts as an error of the disk" "$(rdc_stat "$MAP" origin_errors)" 1
errors=$(rdc_stat "$MAP" origin_errors)
first=$(($(asked) - before))
is "the bad sector was asked for once" "$first" 1
for i in 1001 1002 1003 1004 1005 1006 1007 1001 1002 1003; do part "$MAP" "$i" 1; done >"$tap_scratch/got"
for i in 1001 1002 1003 1004 1005 1006 1007 1001 1002 1003; do part "$DISK" "$i" 1; done >"$tap_scratch/wanted"
check "ten more reads beside it are right" cmp "$tap_scratch/got" "$tap_scratch/wanted"
is "none of them asked for the bad sector" $(($(asked) - before)) "$first"
is "nor met an error" "$(rdc_stat "$MAP" origin_errors)" "$errors"
fails "the bad sector itself still fails" "Input/output error" part "$MAP" 1000 1

# The disk puts a spare sector in its place when it is written
dmsetup suspend --nolockfs "$SPLIT"
dmsetup reload "$SPLIT" --table "0 $LEN linear $DISK 0"
dmsetup resume --noudevsync "$SPLIT"
check "the bad sector is written" dd if=/dev/urandom of="$MAP" bs=512 seek=1000 count=1 oflag=direct conv=notrunc status=none
check "then it is read" cmp <(part "$MAP" 1000 8) <(part "$DISK" 1000 8)
before=$(rdc_stat "$MAP" hits)
check "right from RAM" cmp <(part "$MAP" 1000 8) <(part "$DISK" 1000 8)
is "which has the block again" $(($(rdc_stat "$MAP" hits) - before)) 1
rdc_dm_remove "$(basename "$MAP")"

# --- a bad sector of a disk with short requests ---------------------------------------------------------------------
# short_requests WHAT: $DISK, whose sector 1000 is bad, takes 64 KiB at once
short_requests() {
    echo 64 >"/sys/class/block/$(basename "$DISK")/queue/max_sectors_kb"
    map short "$DISK"
    check "$1: the sectors before the bad one" reads_well 601 399 "$DISK"
    check "$1: those behind it" reads_well 1001 400 "$DISK"
    check "$1: with the bad one, the cache fails as the disk does" fails_well 900 400 "$DISK"
    check "$1: the sectors behind it again" reads_well 1001 400 "$DISK"
    rdc_dm_remove "$(basename "$MAP")"
}
rdc_null 32 irqmode=2 completion_nsec=100000
rdc_random "$DISK"
echo "+1000-1000" >"/sys/kernel/config/nullb/$RDC_NAME/badblocks"
short_requests "null_blk"
if rdc_scsi 32 opts=2 medium_error_start=1000 medium_error_count=1 delay=0; then
    rdc_random "$DISK"
    short_requests "a SCSI disk"
else
    skip "a SCSI disk" "scsi_debug is not available"
fi

# --- stripes, and who must not wait ---------------------------------------------------------------------------------
# errors DEVICE BLOCK DEPTH: how many io_uring reads at that depth, which begin at any sector, fail
errors() {
    fio --name=u --filename="$1" --rw=randread --bs="$2" --blockalign=512 --direct=1 --ioengine=io_uring --iodepth="$3" \
        --numjobs=2 --size=16M --time_based --runtime=5 --continue_on_error=all >"$tap_scratch/fio" 2>&1 || true
    if grep -q ' READ: bw=' "$tap_scratch/fio"; then grep -c 'io_u error' "$tap_scratch/fio" || true; else echo "fio did not end"; fi
}
only_again() { ! grep 'io_u error' "$tap_scratch/fio" | grep -v 'Resource temporarily unavailable' && grep ' READ: bw=' "$tap_scratch/fio"; }
# striped WHAT CHUNK BLOCK DEPTH: over two halves of $DISK
striped() {
    local stripe bare got
    rdc_dm stripe "0 65536 striped 2 $2 $DISK 0 $DISK 32768"
    stripe=$DM
    map stripe "$stripe"
    check "$1: reads and writes that must not wait" \
        "$PROGRAMS/rdc_check" --nowait --origin "$stripe" --sectors 2048 --threads 24 --seconds 4 "$MAP"
    note "$(tail -n 1 "$tap_scratch/out")"
    bare=$(errors "$stripe" "$3" "$4")
    got=$(errors "$MAP" "$3" "$4")
    note "errors of io_uring reads: the stripes $bare, the cache $got"
    if [ "$bare" = 0 ]; then
        is "$1: io_uring reads without an error" "$got" 0
    else
        check "$1: io_uring reads, and sees no other error than EAGAIN, as on the stripes" only_again
    fi
    is "$1: EAGAIN is no error of the disk" "$(rdc_stat "$MAP" origin_errors)" 0
    check "$1: cache and stripes hold the same" rdc_same "$MAP" "$stripe"
    rdc_dm_remove "$(basename "$MAP")"
    rdc_dm_remove "$(basename "$stripe")"
}
rdc_null 64 irqmode=2 completion_nsec=300000 hw_queue_depth=4 submit_queues=1
striped "a short queue" 8 64k 64
rdc_null 64 irqmode=2 completion_nsec=300000 hw_queue_depth=256 submit_queues=1
striped "a queue and stripes as usual" 128 256k 128
is "the kernel did not complain" "$(kernel_complaints)" ""
finish
