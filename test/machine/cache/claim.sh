#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# The RAM disk belongs to its cache: while a mapping has it, nobody else writes to it, by whatever way, and nobody maps it; a
# mapping is refused while somebody can. Otherwise the cache would serve what others wrote there. Reading is nobody's harm.
# shellcheck disable=SC2317 # functions given to check and fails
set -eu
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/rdc.bash"

need losetup mkfs.ext4 mkswap swapon blkdiscard
BUSY="Device or resource busy"
rdc_disk 16M
rdc_random "$DISK"
LEN=$(sectors "$DISK")
rd_attach 16M
CACHE=/dev/rd$RD
TABLE="0 $LEN rapiddisk-cache $DISK $CACHE"
LINEAR="0 $(sectors "$CACHE") linear $CACHE 0"
mkdir "$tap_scratch/mnt"
modprobe -q nvmet || true
NVMET=/sys/kernel/config/nvmet/subsystems
SUB=$NVMET/rdc-claim-$$
if [ -d "$NVMET" ]; then
    mkdir -p "$SUB/namespaces/1"
    at_end rmdir "$SUB/namespaces/1" "$SUB"
    printf %s "$CACHE" >"$SUB/namespaces/1/device_path"
fi

# Each way to write to it; each undoes what it did.
open_rw() { bash -c "exec 9<>$CACHE"; }
linear() {
    dmsetup create "rdcclaim$$" --noudevrules --noudevsync "$@" --table "$LINEAR" && rdc_dm_remove "rdcclaim$$"
}
map_it() { dmsetup create "rdcclaim$$" --noudevsync --table "$TABLE" && rdc_dm_remove "rdcclaim$$"; }
loop() {
    local loop
    loop=$(losetup --find --show "$CACHE") && losetup -d "$loop" && rd_settle
}
mounted() { mount -t ext4 "$CACHE" "$tap_scratch/mnt" && unmount "$tap_scratch/mnt"; }
swap() { swapon "$CACHE" && swapoff "$CACHE"; }
writes() { dd if=/dev/urandom of="$CACHE" bs=4k count=4 oflag=direct conv=notrunc,nocreat status=none; }
export_it() { echo 1 >"$SUB/namespaces/1/enable" && echo 0 >"$SUB/namespaces/1/enable"; }

# closed WHEN, allowed WHEN: all of that
closed() {
    fails "$1, opening it for writing is refused" "$BUSY" open_rw
    fails "$1, writing to it" "$BUSY" writes
    fails "$1, a linear mapping of it" "$BUSY" linear
    fails "$1, one that only reads" "$BUSY" linear --readonly
    fails "$1, a loop device over it" "$BUSY" loop
    fails "$1, a mount" "" mounted
    fails "$1, swap" "" swap
    fails "$1, a file system" "" mkfs.ext4 -q -F -F "$CACHE"
    fails "$1, a discard" "$BUSY" blkdiscard -f "$CACHE"
    fails "$1, zeroing" "$BUSY" blkdiscard -f -z "$CACHE"
    [ ! -d "$SUB" ] || fails "$1, an NVMe export" "$BUSY" export_it
    check "$1, it can be read" dd if="$CACHE" of=/dev/null bs=64k iflag=direct status=none
    check "$1, a loop device may read it" bash -c "losetup -d \$(losetup --find --show --read-only $CACHE)"
    check "$1, the cache is right" rdc_same "$MAP" "$DISK"
}
allowed() {
    rd_settle
    check "$1, it can be opened for writing" open_rw
    check "$1, written" writes
    check "$1, mapped" linear
    check "$1, mapped for reading" linear --readonly
    check "$1, taken for a loop device" loop
    rd_settle
    check "$1, discarded" blkdiscard -f "$CACHE"
    [ ! -d "$SUB" ] || check "$1, exported" export_it
    check "$1, made a swap area" mkswap "$CACHE"
    check "$1, swapped to" swap
    rd_settle
    check "$1, formatted" mkfs.ext4 -q -F "$CACHE"
    rd_settle
    check "$1, mounted" mounted
    rd_settle
}

allowed "Before a cache has it"
rdc_map claim "$DISK" "$CACHE"
check "what is cached is right" rdc_same "$MAP" "$DISK"
closed "While a cache has it"

# --- partitions, which are other devices on the same sectors --------------------------------------------------------
# A partition can be made through a descriptor that only reads. On some kernels, 6.1 among them, its second opener does not open
# the disk again: there the write is refused.
if "$PROGRAMS/rdc_part" add "$CACHE" 1 8 8192 2>"$tap_scratch/out"; then
    PART=$CACHE"p1"
    until [ -b "$PART" ]; do sleep 0.1; done
    rd_settle
    fails "a partition made underneath is not opened for writing" "$BUSY" bash -c "exec 9<>$PART"
    hold "$PART"
    fails "nor written after somebody who reads it" "" dd if=/dev/zero of="$PART" bs=4k count=4 oflag=direct conv=notrunc status=none
    fails "nor mapped" "$BUSY" dmsetup create "rdcclaim$$" --noudevrules --noudevsync --table "0 8192 linear $PART 0"
    release
    rd_settle
    "$PROGRAMS/rdc_part" del "$CACHE" 1
else
    pass "no partition can be made underneath: $(tail -n 1 "$tap_scratch/out")"
fi

# --- new tables of the same mapping ---------------------------------------------------------------------------------
for access in "" --readonly ""; do
    check "a new table is taken ${access:+that only reads}" dmsetup reload $access "$MAP" --table "$TABLE"
    fails "meanwhile opening it for writing is refused" "$BUSY" open_rw
    dmsetup resume --noudevsync "$MAP"
    # udev hears of a device that became read-only or writable, and may take its name away, which udev did not make
    rd_settle
    DM_DISABLE_UDEV=1 dmsetup mknodes "$(basename "$MAP")"
    fails "and then" "$BUSY" open_rw
    fails "and mapping it" "$BUSY" linear
    check "and the cache is right" rdc_same "$MAP" "$DISK"
done
check "a new table that is dropped again" dmsetup reload "$MAP" --table "$TABLE"
dmsetup clear "$MAP"
fails "leaves the RAM disk with the old one" "$BUSY" open_rw
rdc_dm_remove "$(basename "$MAP")"
allowed "When the mapping is gone"

# --- a table that is refused takes nothing --------------------------------------------------------------------------
refused "a table with a wrong mode" "Mode must be" "$TABLE 32768 fast"
refused "a table with a source that is not there" "Source device lookup failed" "${TABLE/$DISK//dev/nowhere}"
check "after them the RAM disk can be written" writes

# --- who can write already ------------------------------------------------------------------------------------------
rd_settle
hold "$CACHE" rw
refused "a RAM disk that somebody has open for writing" "for writing" "$TABLE"
fails "the reason is EBUSY" "$BUSY" map_it
release
LOOP=$(losetup --find --show "$CACHE")
rd_settle
refused "a RAM disk under a loop device" "for writing" "$TABLE"
losetup -d "$LOOP"
rd_settle
if [ -d "$SUB" ]; then
    echo 1 >"$SUB/namespaces/1/enable"
    refused "a RAM disk that is exported" "for writing" "$TABLE"
    echo 0 >"$SUB/namespaces/1/enable"
fi
"$PROGRAMS/rdc_part" add "$CACHE" 1 8 8192
until [ -b "$CACHE"p1 ]; do sleep 0.1; done
rd_settle
hold "$CACHE"p1
reader=$tap_holder
hold "$CACHE"p1 rw
refused "a RAM disk of which one reads a partition and another can write it" "for writing" "$TABLE"
kill "$reader"
wait "$reader" || true
refused "a RAM disk of which somebody has a partition open for writing" "for writing" "$TABLE"
release
rd_settle
"$PROGRAMS/rdc_part" del "$CACHE" 1
hold "$CACHE"
rdc_map reader "$DISK" "$CACHE"
pass "who only reads it keeps no cache away"
rdc_dm_remove "$(basename "$MAP")"
release

# Somebody who looks for a moment, as programs do that ask a disk what it is, is waited for (how long is a parameter)
grace=/sys/module/rapiddisk/parameters/busy_grace_ms
at_end sh -c "echo $(cat $grace) >$grace"
echo 20000 >$grace
(
    exec 3<>"$CACHE"
    : >"$tap_scratch/looking"
    sleep 0.3
) &
until [ -e "$tap_scratch/looking" ]; do sleep 0.02; done
rdc_map patient "$DISK" "$CACHE"
pass "a cache waits for somebody who has it open for a moment"
wait
fails "and has it then" "$BUSY" open_rw
check "with right data" rdc_same "$MAP" "$DISK"
is "the kernel did not complain" "$(kernel_complaints)" ""
finish
