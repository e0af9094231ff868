#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# The thirteen numbers: their form, their order, and what each counts. The messages.
# level: smoke
set -eu
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/rdc.bash"

rdc_disk 32M
rdc_random "$DISK"
rd_attach 4M
rdc_map status "$DISK" "/dev/rd$RD" 8192 0 512

is "the text" "$(dmsetup status "$MAP" | tr -s '0-9' N)" "N N rapiddisk-cache stats:
	reads(N), writes(N)
	cache hits(N), replacement(N), write replacement(N)
	read invalidates(N), write invalidates(N)
	uncached reads(N), uncached writes(N)
	disk reads(N), disk writes(N)
	cache reads(N), cache writes(N)"
# As tools read it: all but digits and blanks removed, after start, length and target
numbers=$(dmsetup status "$MAP" | tr -cd '0-9 ' | wc -w)
is "thirteen numbers follow start and length" "$((numbers - 2))" 13

zero() {
    rd_settle # udev looks at the mapping, and is counted
    dmsetup message "$MAP" 0 stats_reset
}
wr() { dd if=/dev/urandom of="$MAP" bs="$1" seek="$2" count="$3" oflag=direct status=none; }
zero
is "stats_reset sets all to zero" "$(rdc_info "$MAP")" "0 0 0 0 0 0 0 0 0 0 0 0 0"
#                 reads writes hits repl wrepl rinv winv uread uwrite dread dwrite cread cwrite
rdc_read "$MAP" 0 10
is "ten cold reads" "$(rdc_info "$MAP")" "10 0 0 0 0 0 0 0 0 10 0 0 10"
zero
rdc_read "$MAP" 0 10
is "ten hits" "$(rdc_info "$MAP")" "10 0 10 0 0 0 0 0 0 0 0 10 0"
zero
wr 4k 20 10
is "ten writes through" "$(rdc_info "$MAP")" "0 10 0 0 0 0 0 0 0 0 10 0 10"
zero
wr 512 160 1
is "a part of a cached block written" "$(rdc_info "$MAP")" "0 1 0 0 0 0 0 0 0 0 1 0 1"
zero
wr 512 4000 1
is "a part of a block that is not cached written" "$(rdc_info "$MAP")" "0 1 0 0 0 0 0 0 1 0 1 0 0"
check "the data is right" rdc_same "$MAP" "$DISK" 1048576
dmsetup message "$MAP" 0 mode write-around
rd_settle
dmsetup message "$MAP" 0 invalidate
rdc_read "$MAP" 0 10
zero
wr 4k 0 10
is "ten cached blocks written around" "$(rdc_info "$MAP")" "0 10 0 0 0 0 10 0 10 0 10 0 0"
is "the counter of cached blocks goes down again" "$(rdc_stat "$MAP" cached_blocks)" 0
dmsetup message "$MAP" 0 mode passthrough
zero
rdc_read "$MAP" 0 10
is "ten reads passed through" "$(rdc_info "$MAP")" "10 0 0 0 0 0 0 10 0 10 0 0 0"
dmsetup message "$MAP" 0 mode wt
rd_settle
dmsetup message "$MAP" 0 invalidate
dmsetup message "$MAP" 0 seq_cutoff 0
# Evictions: twice the cache's blocks
zero
dd if="$MAP" of=/dev/null bs=4k count=2048 iflag=direct status=none
is "a cache of 1024 blocks that read 2048 evicted 1024" "$(rdc_info "$MAP" | cut -d' ' -f4)" 1024
is "and is full" "$(rdc_stat "$MAP" cached_blocks)" 1024
zero
dd if=/dev/zero of="$MAP" bs=4k seek=4096 count=100 oflag=direct status=none
is "writes evict too, in their own column" "$(rdc_info "$MAP" | cut -d' ' -f4,5)" "0 100"

# Long streams go past a full cache
dmsetup message "$MAP" 0 seq_cutoff 2048
zero
dd if="$MAP" of=/dev/null bs=128k skip=64 count=64 iflag=direct status=none
is "a stream past the cutoff of 1 MiB fills its first 256 blocks only" "$(rdc_info "$MAP" | cut -d' ' -f13)" 256
is "the rest goes past the cache" "$(rdc_info "$MAP" | cut -d' ' -f8)" 1792
at_least "and is counted" "$(rdc_stat "$MAP" sequential_bypass)" 1792

# invalidate: all, and ranges
dmsetup message "$MAP" 0 invalidate
is "invalidate drops everything" "$(rdc_stat "$MAP" cached_blocks)" 0
rdc_read "$MAP" 0 16
dmsetup message "$MAP" 0 invalidate 8 16
is "invalidate drops a range of sectors" "$(rdc_stat "$MAP" cached_blocks)" 14

for bad in "" "nonsense" "mode" "mode wb" "mode 0" "invalidate 1" "invalidate 0 0" "invalidate a b" "seq_cutoff" \
    "seq_cutoff -1" "stats now" "stats_reset 1" "STATS"; do
    # shellcheck disable=SC2086 # a list of words
    fails "message \"$bad\" is refused" "" dmsetup message "$MAP" 0 $bad
done
# Changed underneath: what invalidate is for
rdc_read "$MAP" 0 16
dd if=/dev/urandom of="$DISK" bs=4k count=16 oflag=direct status=none
dmsetup message "$MAP" 0 invalidate
check "after invalidate the disk's new content is read" rdc_same "$MAP" "$DISK" 65536
per_block=$(($(rdc_stat "$MAP" metadata_bytes) / $(rdc_stat "$MAP" blocks)))
at_most "metadata per block (bytes)" "$per_block" 24
is "the kernel did not complain" "$(kernel_complaints)" ""
finish
