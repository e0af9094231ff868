#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# I/O that must not wait: hits never say "again", misses are passed on as they are, and nothing goes wrong in a storm.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/rdc.bash"

rdc_disk 64M --direct-io=on
rd_attach 16M
rdc_map now "$DISK" "/dev/rd$RD"
"$PROGRAMS/rdc_check" --sectors 1024 --threads 1 --seconds 1 --writes 0 "$MAP" >/dev/null
check "cached blocks read without waiting" \
    "$PROGRAMS/rdc_check" --nowait --sectors 1024 --threads 8 --seconds 3 --writes 0 "$MAP"
note "$(tail -n 1 "$tap_scratch/out")"
check "a storm of reads and writes that must not wait" \
    "$PROGRAMS/rdc_check" --nowait --origin "$DISK" --sectors 512 --threads 32 --seconds 4 "$MAP"
note "$(tail -n 1 "$tap_scratch/out")"
rdc_read "$MAP" 0 4096
dmsetup message "$MAP" 0 stats_reset
check "io_uring reads hits, verified" fio --name=u --filename="$MAP" --rw=randread --bs=4k --size=8M --direct=1 \
    --ioengine=io_uring --iodepth=16 --time_based --runtime=2
is "all of them from RAM" "$(rdc_stat "$MAP" disk_reads)" 0
check "io_uring writes and verifies" fio --name=v --filename="$MAP" --rw=randwrite --bs=4k --size=12M --direct=1 \
    --ioengine=io_uring --iodepth=16 --verify=crc32c --do_verify=1
is "the kernel did not complain" "$(kernel_complaints)" ""
finish
