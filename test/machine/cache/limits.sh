#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# The mapping promises what its origin can do, as dm-linear over the same origin does, 4 KiB sectors included.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/rdc.bash"

queue() { echo "/sys/class/block/$(rdc_kname "$1")/queue"; }

# Every limit that a driver above may rely on
same_limits() {
    local linear=$1 cache=$2 path f
    for path in "$(queue "$linear")"/*; do
        f=$(basename "$path")
        case $f in
            scheduler | nr_requests | iosched | wbt_lat_usec | dax | max_write_zeroes_unmap_sectors | zoned_*) continue ;;
        esac
        [ -f "$path" ] || continue
        if ! cmp -s "$path" "$(queue "$cache")/$f"; then
            echo "$f: linear $(cat "$path" 2>&1), cache $(cat "$(queue "$cache")/$f" 2>&1)"
        fi
    done
}

rd_attach 16M
try() {
    local what=$1 disk=$2 align=$3
    rdc_dm "linear" "0 $(sectors "$disk") linear $disk 0"
    linear=$DM
    note "$what: $(blockdev --getss "$disk") bytes per sector"
    # The origin is opened by device-mapper only, so both may have it at once
    rdc_map "limits" "$disk" "/dev/rd$RD"
    is "$what: every limit as dm-linear's" "$(same_limits "$linear" "$MAP")" ""
    check "$what: data is right" "$PROGRAMS/rdc_check" --origin "$disk" --align "$align" --sectors 1024 --seconds 3 "$MAP"
    if [ "$align" = 8 ]; then
        # The kernel refuses what the disk could not do, before the disk is asked
        fails "$what: a read of 512 bytes is refused as on the bare disk" "Invalid argument" \
            dd if="$MAP" of=/dev/null bs=512 count=1 iflag=direct status=none
    fi
    check "$what: mkfs.ext4" mkfs.ext4 -q -F "$MAP"
    mkdir -p "$tap_scratch/m"
    check "$what: it mounts" mount "$MAP" "$tap_scratch/m"
    cp -r /etc "$tap_scratch/m/" 2>/dev/null || true
    check "$what: and unmounts" unmount "$tap_scratch/m"
    check "$what: and is sound" e2fsck -fn "$MAP"
    if [ "$(sectors "$MAP")" -ge 614400 ]; then
        check "$what: mkfs.xfs" mkfs.xfs -q -f "$MAP"
        check "$what: XFS is sound" xfs_repair -n "$MAP"
    fi
    check "$what: cache and disk hold the same" rdc_same "$MAP" "$disk" 33554432
    rdc_dm_remove "$(basename "$MAP")"
    rdc_dm_remove "$(basename "$linear")"
}

need mkfs.xfs
rdc_disk 64M
try "512-byte sectors" "$DISK" 1
rdc_disk 300M --sector-size 4096
try "4 KiB sectors" "$DISK" 8
real=/dev/disk/by-id/virtio-scratch-4kn
if [ -b "$real" ]; then
    disk=$(readlink -f "$real")
    wipefs -qa "$disk" || true
    try "a 4 KiB sector disk of virtio" "$disk" 8
else
    skip "a 4 KiB sector disk of virtio" "this machine has none"
fi
# 4 KiB inside, 512 bytes towards us: a part of a block is what the disk takes least gladly, but takes
if rdc_scsi 48 delay=0 physblk_exp=3; then
    is "a disk of 4 KiB sectors with 512-byte ones in front" "$(blockdev --getss --getpbsz "$DISK" | xargs)" "512 4096"
    try "512-byte sectors over 4 KiB ones" "$DISK" 1
    rdc_scsi 48 delay=0 physblk_exp=3 lowest_aligned=7
    is "the same, shifted by seven sectors" "$(blockdev --getalignoff "$DISK")" 3584
    try "shifted 4 KiB sectors" "$DISK" 1
else
    skip "512-byte sectors over 4 KiB ones" "scsi_debug is not available"
fi

# Discard: as the origin has it, and copies go
rdc_disk 16M
rdc_random "$DISK"
rdc_map discard "$DISK" "/dev/rd$RD"
rdc_read "$MAP" 0 1024
at_least "blocks are cached" "$(rdc_stat "$MAP" cached_blocks)" 1024
check "discard passes" blkdiscard -f -o 0 -l 2M "$MAP"
is "and drops what it covers" "$(rdc_stat "$MAP" cached_blocks)" 512
check "write zeroes passes" blkdiscard -f -z -o 2M -l 1M "$MAP"
# A loop device zeroes as its file can; where that cannot (tmpfs), the block layer writes zeroes instead. What is tried here was
# discarded before.
if fallocate -z -n -o 0 -l 4096 "$(cat "/sys/block/${DISK#/dev/}/loop/backing_file")" 2>"$tap_scratch/zero"; then
    is "and drops what it covers" "$(rdc_stat "$MAP" cached_blocks)" 256
else
    skip "and drops what it covers" "zeroes were written, and are cached: $(head -n 1 "$tap_scratch/zero")"
fi
check "a discard of everything passes" blkdiscard -f "$MAP"
is "and drops everything" "$(rdc_stat "$MAP" cached_blocks)" 0
check "cache and disk hold the same" rdc_same "$MAP" "$DISK"
is "the kernel did not complain" "$(kernel_complaints)" ""
finish
