#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# A file system and swap on the mapping while memory runs short: slower, never wrong, never stuck.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/rdc.bash"

rdc_disk 512M
rd_attach 128M
rdc_map mem "$DISK" "/dev/rd$RD"
mkfs.ext4 -q -F "$MAP"
mkdir -p "$tap_scratch/m"
mount "$MAP" "$tap_scratch/m"
at_end unmount "$tap_scratch/m"
avail=$(awk '/MemAvailable/ { print int($2 / 1024) }' /proc/meminfo)
stress-ng --vm 2 --vm-bytes "$((avail * 85 / 100))M" --vm-keep --timeout 15 --quiet &
hog=$!
check "files written, read back and verified while memory is short" timeout 200 fio --name=f --directory="$tap_scratch/m" \
    --rw=randwrite --bs=4k-64k --size=48M --numjobs=2 --ioengine=psync --fsync=64 --verify=crc32c --do_verify=1 \
    --verify_fatal=1 --time_based=0 --group_reporting
wait $hog 2>/dev/null || true
unmount "$tap_scratch/m"
check "the file system is sound" e2fsck -fn "$MAP"
check "cache and disk hold the same" rdc_same "$MAP" "$DISK"

mkswap -q "$MAP"
if swapon -p 32767 "$MAP"; then
    at_end swapoff "$MAP"
    avail=$(awk '/MemAvailable/ { print int($2 / 1024) }' /proc/meminfo)
    # Verified by stress-ng itself, page by page
    check "swap on the mapping: what was swapped out comes back right" \
        timeout 200 stress-ng --vm 1 --vm-bytes "$((avail + 100))M" --vm-method walk-0d --verify --vm-keep --timeout 12 --quiet
    at_least "and it was used" "$(rdc_stat "$MAP" writes)" 1000
    check "swapoff" timeout 120 swapoff "$MAP"
else
    fail "swap on the mapping"
fi
is "the kernel did not complain" "$(kernel_complaints)" ""
finish
