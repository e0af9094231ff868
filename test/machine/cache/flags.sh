#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# What the caller asked for arrives at the disk: flushes, FUA, sync, meta, priority, and the caller's cgroup. Seen at
# the origin by the kernel's own block trace.
# level: smoke
# shellcheck disable=SC2317 # functions given to check, fails and traced
set -eu
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/rdc.bash"

TRACE=/sys/kernel/tracing
[ -d "$TRACE/events/block" ] || mount -t tracefs tracefs "$TRACE" 2>/dev/null || true
[ -d "$TRACE/events/block" ] || skip_all "the kernel has no block trace events"

rdc_disk 256M
rd_attach 32M
IFS=: read -r major minor <"/sys/class/block/$(basename "$DISK")/dev"
echo "dev == $(((major << 20) | minor))" >"$TRACE/events/block/block_bio_queue/filter"
at_end sh -c "echo 0 >$TRACE/events/block/enable; echo 0 >$TRACE/events/block/block_bio_queue/filter"

# traced COMMAND...: prints the flags of each bio the origin got, one per line
traced() {
    echo >"$TRACE/trace"
    echo 1 >"$TRACE/events/block/block_bio_queue/enable"
    "$@" >/dev/null 2>&1
    echo 0 >"$TRACE/events/block/block_bio_queue/enable"
    sed -n 's/.*block_bio_queue: *[0-9]*,[0-9]* \([A-Z]*\) .*/\1/p' "$TRACE/trace"
}
count() { grep -c -x -E "$1" || true; }

fsyncs() { fio --name=f --filename="$1" --rw=randwrite --bs=4k --size=1M --number_ios=64 --fsync=1 --ioengine=psync; }
dsyncs() { dd if=/dev/zero of="$1" bs=4k count=64 oflag=direct,dsync status=none; }
directs() { dd if=/dev/zero of="$1" bs=4k count=64 seek="${2:-0}" oflag=direct status=none; }

raw_flushes=$(traced fsyncs "$DISK" | count 'F.*')
raw_fua=$(traced dsyncs "$DISK" | count 'WF.*')
note "the bare disk: $raw_flushes flushes for 64 fsyncs, $raw_fua writes with FUA for 64 synchronous writes"
at_least "the bare disk has a write cache to flush" "$raw_flushes" 60

for mode in 0 1; do
    rdc_map "flags$mode" "$DISK" "/dev/rd$RD" 65536 $mode
    is "mode $mode: the mapping has the disk's write cache" \
        "$(cat "/sys/class/block/$(rdc_kname "$MAP")/queue/write_cache")" \
        "$(cat "/sys/class/block/$(basename "$DISK")/queue/write_cache")"
    at_least "mode $mode: every fsync flushes the disk" "$(traced fsyncs "$MAP" | count 'F.*')" 60
    is "mode $mode: synchronous writes are durable at the disk as they are without the cache" \
        "$(traced dsyncs "$MAP" | count 'WF.*')" "$raw_fua"
    at_least "mode $mode: direct writes stay synchronous writes" "$(traced directs "$MAP" | count 'WF?S.*')" 64
    at_least "mode $mode: also when they replace cached blocks" "$(traced directs "$MAP" | count 'WF?S.*')" 64
    dmsetup message "$MAP" 0 invalidate
    at_least "mode $mode: cold direct reads keep their flags" \
        "$(traced dd if="$MAP" of=/dev/null bs=4k count=64 iflag=direct | count 'RS?')" 64
    mkfs.ext4 -q -F "$MAP"
    mkdir -p "$tap_scratch/m$mode"
    dmsetup message "$MAP" 0 invalidate
    meta() { mount "$MAP" "$1" && mkdir "$1/d" && sync && unmount "$1"; }
    at_least "mode $mode: a file system's metadata is still marked as such" \
        "$(traced meta "$tap_scratch/m$mode" | count '(R|W).*M.*')" 1
    rdc_dm_remove "$(basename "$MAP")"
done

rdc_map prio "$DISK" "/dev/rd$RD"
if grep -q ioprio "$TRACE/events/block/block_rq_issue/format"; then
    echo >"$TRACE/trace"
    echo "dev == $(((major << 20) | minor))" >"$TRACE/events/block/block_rq_issue/filter"
    echo 1 >"$TRACE/events/block/block_rq_issue/enable"
    ionice -c 1 -n 3 dd if=/dev/zero of="$MAP" bs=4k count=16 oflag=direct status=none
    echo 0 >"$TRACE/events/block/block_rq_issue/enable"
    at_least "real-time priority arrives at the disk" "$(grep -c 'rt,0,3' "$TRACE/trace")" 16
else
    skip "real-time priority arrives at the disk" "this kernel's trace does not show priorities"
fi

CG=/sys/fs/cgroup/rdctest-$$
if mkdir "$CG" 2>/dev/null && { grep -q io /sys/fs/cgroup/cgroup.subtree_control ||
    echo +io >/sys/fs/cgroup/cgroup.subtree_control; } 2>/dev/null && [ -e "$CG/io.stat" ]; then
    at_end rmdir "$CG"
    # shellcheck disable=SC2016 # expanded by the inner shell
    sh -c 'echo $$ >"$1/cgroup.procs"; dd if=/dev/zero of="$2" bs=4k count=64 seek=4096 oflag=direct status=none
        dd if="$2" of=/dev/null bs=4k count=64 skip=8192 iflag=direct status=none' sh "$CG" "$MAP"
    bytes=$(sed -n "s/^$major:$minor .*wbytes=\([0-9]*\).*/\1/p" "$CG/io.stat")
    is "writes are accounted to the caller's cgroup at the disk" "${bytes:-0}" 262144
    bytes=$(sed -n "s/^$major:$minor rbytes=\([0-9]*\).*/\1/p" "$CG/io.stat")
    is "and so are the reads that fill the cache" "${bytes:-0}" 262144
else
    skip "writes are accounted to the caller's cgroup at the disk" "no cgroup with io statistics"
fi
is "the kernel did not complain" "$(kernel_complaints)" ""
finish
