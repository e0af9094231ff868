#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# A block that is hot stays: readers of one cached block at once all hit, drop nothing and log nothing.
# level: smoke
set -eu
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/rdc.bash"

rdc_disk 16M
rdc_random "$DISK"
rd_attach 8M
rdc_map hot "$DISK" "/dev/rd$RD"
rdc_read "$MAP" 0 64
dmsetup message "$MAP" 0 stats_reset
lines=$(dmesg | grep -c "rapiddisk\|dm-" || true)
check "eight readers of one cached block" fio --name=hot --filename="$MAP" --rw=randread --bs=4k --size=4k --numjobs=8 \
    --direct=1 --ioengine=psync --time_based --runtime=2 --group_reporting
is "asked the disk for nothing" "$(rdc_stat "$MAP" disk_reads)" 0
is "dropped nothing" "$(rdc_stat "$MAP" read_invalidates)" 0
is "and all hit" "$(rdc_stat "$MAP" hits)" "$(rdc_stat "$MAP" reads)"
is "the kernel log did not grow" "$(dmesg | grep -c "rapiddisk\|dm-" || true)" "$lines"

# Small reads, as udev and blkid do, neither drop nor miss
dmsetup message "$MAP" 0 stats_reset
for s in 0 1 7 8 100; do dd if="$MAP" of=/dev/null bs=512 skip=$s count=3 iflag=direct status=none; done
is "reads of parts of cached blocks hit" "$(rdc_stat "$MAP" hits)" "$(rdc_stat "$MAP" reads)"
is "and drop nothing" "$(rdc_stat "$MAP" cached_blocks)" 64

# One read that is partly in RAM: only the rest is asked for
dmsetup message "$MAP" 0 stats_reset
dd if="$MAP" of=/dev/null bs=64k skip=3 count=1 iflag=direct status=none
dd if="$MAP" of=/dev/null bs=512k count=1 iflag=direct status=none
is "a large read takes from RAM what is there" "$(rdc_stat "$MAP" disk_reads)" "$((128 - 64))"
check "and the data is right" rdc_same "$MAP" "$DISK" 1048576

# A scan of the whole disk does not push out what is hot
rd_attach 16M
rdc_disk 256M
rdc_map scan "$DISK" "/dev/rd$RD"
dmsetup message "$MAP" 0 seq_cutoff 0
for _ in 1 2 3; do rdc_read "$MAP" 0 1500; done
dd if="$MAP" of=/dev/null bs=64k skip=250 count=2500 iflag=direct status=none
dmsetup message "$MAP" 0 stats_reset
rdc_read "$MAP" 0 1500
at_least "after a scan of ten times the cache, the hot blocks are still there (of 1500)" "$(rdc_stat "$MAP" hits)" 1350

# What a file system reads is readahead to the kernel: it is cached too, also by a full cache
buffered() {
    echo 1 >/proc/sys/vm/drop_caches
    dd if="$MAP" of=/dev/null bs=64k skip=800 count=16 status=none
}
buffered
dmsetup message "$MAP" 0 stats_reset
buffered
at_least "what was read ahead into a full cache hits the next time (of 256)" "$(rdc_stat "$MAP" hits)" 240
is "the kernel did not complain" "$(kernel_complaints)" ""
finish
