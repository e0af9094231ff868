#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# The table line: what is accepted, what is refused and with which word, start offsets, length, and that the line the
# kernel prints can be loaded again.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/rdc.bash"

rdc_disk 16M
ORIGIN=$DISK
rdc_disk 16M
DISK2=$DISK
rd_attach 16M
CACHE=/dev/rd$RD
LEN=$(sectors "$ORIGIN")

refused "a table longer than the source" "longer than the source" "0 $((LEN * 4)) rapiddisk-cache $ORIGIN $CACHE"
refused "one sector too long" "longer than the source" "0 $((LEN + 1)) rapiddisk-cache $ORIGIN $CACHE"
refused "no arguments" "Needs <source> <cache>" "0 $LEN rapiddisk-cache"
refused "too many arguments" "Too many arguments" "0 $LEN rapiddisk-cache $ORIGIN $CACHE 32768 0 512 7"
refused "a source that does not exist" "Source device lookup failed" "0 $LEN rapiddisk-cache /dev/nowhere $CACHE"
refused "a cache that does not exist" "Cache device lookup failed" "0 $LEN rapiddisk-cache $ORIGIN /dev/nowhere"
refused "a cache that is no RAM disk of ours" "must be a whole RapidDisk RAM disk" "0 $LEN rapiddisk-cache $ORIGIN $DISK2"
refused "source and cache the same" "must be different" "0 $(sectors "$CACHE") rapiddisk-cache $CACHE $CACHE"
refused "a cache larger than its device" "larger than the cache device" "0 $LEN rapiddisk-cache $ORIGIN $CACHE 32769"
refused "a cache below eight blocks" "at least 8 blocks" "0 $LEN rapiddisk-cache $ORIGIN $CACHE 63 0 8"
refused "a cache size that is no number" "number of 512-byte sectors" "0 $LEN rapiddisk-cache $ORIGIN $CACHE 16M"
refused "a mode that is none" "Mode must be" "0 $LEN rapiddisk-cache $ORIGIN $CACHE 32768 fast"
refused "an associativity that is no power of two" "power of two" "0 $LEN rapiddisk-cache $ORIGIN $CACHE 32768 0 100"
refused "an associativity above the cache size" "must not exceed" "0 $LEN rapiddisk-cache $ORIGIN $CACHE 256 0 512"
blockdev --setro "$CACHE"
refused "a locked RAM disk" "read-only" "0 $LEN rapiddisk-cache $ORIGIN $CACHE"
blockdev --setrw "$CACHE"

# Small caches, at and below one set of the default associativity
for size in 64 100 4088 4095 4096 4097; do
    rdc_map "small$size" "$ORIGIN" "$CACHE" "$size" 0 64
    rdc_read "$MAP" 0 64
    at_least "a cache of $size sectors works" "$(rdc_stat "$MAP" cached_blocks)" 8
    rdc_dm_remove "$(basename "$MAP")"
done
rdc_map default "$ORIGIN" "$CACHE" 2048
is "a cache under one set of the default associativity works whole" "$(rdc_stat "$MAP" blocks)" 256
rdc_dm_remove "$(basename "$MAP")"

# The cache is known by what it is, not by how it is called
ln -sf "$CACHE" "$tap_scratch/other-name"
rdc_map link "$ORIGIN" "$tap_scratch/other-name"
rdc_dm_remove "$(basename "$MAP")"
rdc_map number "$ORIGIN" "$(cat "/sys/class/block/rd$RD/dev")"
pass "the cache may be given by any path or as major:minor"

# The printed line loads again, with every mode
line=$(dmsetup table "$MAP")
note "$line"
check "the printed table line can be loaded again" dmsetup reload "$MAP" --table "$line"
dmsetup resume --noudevsync "$MAP"
is "and prints the same" "$(dmsetup table "$MAP")" "$line"
for mode in wa passthrough wt; do
    dmsetup message "$MAP" 0 mode $mode
    line=$(dmsetup table "$MAP")
    check "in mode $mode too" dmsetup reload "$MAP" --table "$line"
    dmsetup resume --noudevsync "$MAP"
    is "in mode $mode it prints the same" "$(dmsetup table "$MAP")" "$line"
done

# Others cannot have the devices meanwhile
refused "a second cache on the same RAM disk" "already the cache" "0 $LEN rapiddisk-cache $DISK2 $CACHE"
first=$CACHE
rd_attach 8M
CACHE=/dev/rd$RD
refused "a second cache of the same source" "already cached" "0 $LEN rapiddisk-cache $ORIGIN $CACHE"
refused "a cache of another cache's RAM disk" "is the cache of another" "0 $(sectors "$first") rapiddisk-cache $first $CACHE"
refused "two targets of one table on one RAM disk" "already the cache" "0 8192 rapiddisk-cache $DISK2 $CACHE
8192 8192 rapiddisk-cache $ORIGIN $CACHE"
rdc_dm_remove "$(basename "$MAP")"
rdc_dm other "0 $(sectors "$CACHE") linear $CACHE 0"
refused "a RAM disk in use by another mapping" "in use by another" "0 $LEN rapiddisk-cache $ORIGIN $CACHE"
rdc_dm_remove "$(basename "$DM")"
mkfs.ext4 -q -F "$CACHE"
mkdir -p "$tap_scratch/mnt"
mount "$CACHE" "$tap_scratch/mnt"
refused "a mounted RAM disk" "Cache device is in use" "0 $LEN rapiddisk-cache $ORIGIN $CACHE"
unmount "$tap_scratch/mnt"
fails "a mapping holds its RAM disk: detach is refused" "busy" bash -c "
    dmsetup create rdctest-hold --table '0 $LEN rapiddisk-cache $ORIGIN $CACHE'
    echo rapiddisk detach $RD >$MGMT; status=\$?
    udevadm settle || true
    dmsetup remove rdctest-hold
    exit \$status"

# A target that does not begin at sector 0 reads and writes the right sectors
rdc_random "$ORIGIN"
rdc_dm parts "0 16 zero
16 8192 rapiddisk-cache $ORIGIN $CACHE"
check "a target with a start offset maps the source's first sectors" rdc_same "$DM" "$ORIGIN" 4194304 8192
check "also when they come from RAM" rdc_same "$DM" "$ORIGIN" 4194304 8192
dd if=/dev/urandom of="$DM" bs=4k seek=100 count=8 oflag=direct status=none
check "and after a write" rdc_same "$DM" "$ORIGIN" 4194304 8192
rdc_dm_remove "$(basename "$DM")"

# Partitions as sources, one of them at an odd sector, in two targets of one table, each with its RAM disk
if command -v sfdisk >/dev/null && command -v partx >/dev/null; then
    first=$CACHE
    rd_attach 8M
    rdc_disk 16M --partscan
    printf '63,8000\n8192,8192\n' | sfdisk -q "$DISK" >/dev/null
    partx -u "$DISK"
    rd_settle
    rdc_random "${DISK}p1"
    rdc_random "${DISK}p2"
    rdc_dm parts "0 8000 rapiddisk-cache ${DISK}p1 $first
8000 8192 rapiddisk-cache ${DISK}p2 /dev/rd$RD"
    check "two partitions in two targets: across the border and on both sides, no wrong data" \
        "$PROGRAMS/rdc_check" --first 7872 --sectors 256 --threads 16 --seconds 3 --zeroes 5 "$DM"
    check "the first partition has what the first target shows" rdc_same "$DM" "${DISK}p1"
    check "the second has what the second shows" rdc_same "$DM" "${DISK}p2" 4194304 $((8000 * 512))
    fails "another cache over the whole disk is refused" "" dmsetup create "rdctest-$$-whole" --table \
        "0 8 rapiddisk-cache $DISK /dev/rd$RD"
    rdc_dm_remove "$(basename "$DM")"
else
    skip "two partitions in two targets" "sfdisk or partx is not installed"
fi

# A source whose size is no multiple of 4 KiB: its last sectors are served, uncached
rdc_disk $((1048576 + 1536))
rdc_random "$DISK"
rdc_map odd "$DISK" "$CACHE"
check "the last sectors of an odd source are right" rdc_same "$MAP" "$DISK"
check "and once more" rdc_same "$MAP" "$DISK"
is "the kernel did not complain" "$(kernel_complaints)" ""
finish
