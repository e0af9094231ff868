#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# What was made on a disk of 512-byte sectors can be used through a writeback cache, whose sectors are of the size that suits
# it; the cache keeps its size when its volume grows.
set -eu
. "$(dirname "$0")/../lib.sh"
need blkid blockdev busctl dmsetup losetup mkfs.ext4 sfdisk systemctl
number=236
name=blocks

manager() {
    busctl --timeout=120 call org.rapiddisk.Manager /org/rapiddisk/Manager org.rapiddisk.Manager "$@"
}
object() { # PATH INTERFACE MEMBER...
    local path=$1 iface=$2 member=$3
    shift 3
    busctl --timeout=120 call org.rapiddisk.Manager "/org/rapiddisk/Manager/$path" "org.rapiddisk.Manager.$iface" "$member" "$@"
}
property() { # NAME
    busctl get-property org.rapiddisk.Manager "/org/rapiddisk/Manager/caches/$name" org.rapiddisk.Manager.Cache "$1"
}
# create [PERSIST]
# shellcheck disable=SC2317 # called by check
create() { manager CreateCache 'sssa{sv}' "rd$number" "$loop" writeback 2 name s "$name" persist b "${1:-false}"; }
# shellcheck disable=SC2317 # called by check
remove() {
    udevadm settle -t 30
    object "caches/$name" Cache Remove 'a{sv}' 0
}
# blocks_are WHAT SIZE: what the service, the table and the device say
blocks_are() {
    is "$1: the cache has blocks of $2 bytes" "$(property BlockSize)" "u $2"
    is "$1: the table says so" "$(dmsetup table "$name" | cut -d' ' -f7)" "$2"
    is "$1: the device's sectors are of $2 bytes" "$(blockdev --getss "/dev/mapper/$name")" "$2"
}
# empty: the disk holds nothing
empty() {
    truncate -s 0 "$tap_scratch/disk"
    truncate -s 512M "$tap_scratch/disk"
    losetup --set-capacity "$loop"
    udevadm settle -t 30
}
# usable WHAT: a file that was on the disk is read through the cache, and one written through the cache is on the disk
usable() {
    check "$1: mounts through the cache" mount "/dev/mapper/$name" "$tap_scratch/mnt"
    is "$1: has what the disk had" "$(cat "$tap_scratch/mnt/old" 2>&1)" old
    echo new >"$tap_scratch/mnt/new" || true
    umount "$tap_scratch/mnt" || true
    check "$1: the cache is removed" remove
    check "$1: mounts without the cache" mount "$loop" "$tap_scratch/mnt"
    is "$1: has what was written through the cache" "$(cat "$tap_scratch/mnt/new" 2>&1)" new
    umount "$tap_scratch/mnt" || true
}
# made COMMAND...: a file system with a file on the disk
made() {
    empty
    "$@" "$loop" >"$tap_scratch/out" 2>&1 || return 1
    udevadm settle -t 30
    mount "$loop" "$tap_scratch/mnt" || return 1
    echo old >"$tap_scratch/mnt/old"
    umount "$tap_scratch/mnt"
    udevadm settle -t 30
}
# shellcheck disable=SC2317 # called at the end
tidy() {
    umount "$tap_scratch/mnt" || true
    object "caches/$name" Cache Remove 'a{sv}' 0 || true
    object "volumes/rd$number" Volume Remove 'a{sv}' 0 || true
    losetup -d "$loop"
}

mkdir "$tap_scratch/mnt"
truncate -s 512M "$tap_scratch/disk"
loop=$(losetup --find --show "$tap_scratch/disk")
at_end tidy
is "the disk has sectors of 512 bytes" "$(blockdev --getss "$loop")" 512
systemctl start rapiddiskd.service
manager CreateVolume 'ta{sv}' $((32 << 20)) 1 number u "$number" >/dev/null

made mkfs.ext4 -q -F -b 1024
check "ext4 of 1 KiB blocks: a cache is made" create
blocks_are "ext4 of 1 KiB blocks" 512
usable "ext4 of 1 KiB blocks"

made mkfs.ext4 -q -F -b 4096
check "ext4 of 4 KiB blocks: a cache is made" create
blocks_are "ext4 of 4 KiB blocks" 4096
usable "ext4 of 4 KiB blocks"

if command -v mkfs.xfs >/dev/null && made mkfs.xfs -q -f -s size=512; then
    check "XFS of 512-byte sectors: a cache is made" create
    blocks_are "XFS of 512-byte sectors" 512
    usable "XFS of 512-byte sectors"
else
    skip "XFS of 512-byte sectors" "there is no mkfs.xfs, or the kernel has no XFS"
fi

empty
printf 'label: gpt\nstart=2048, size=8192\n' | sfdisk --quiet --no-reread --no-tell-kernel "$loop"
check "a GPT: a cache is made" create
blocks_are "a GPT" 512
is "a GPT: is seen through the cache" "$(blkid -p -s PTTYPE -o value "/dev/mapper/$name")" gpt
check "a GPT: the cache is removed" remove

empty
check "nothing: a cache is made" create true
blocks_are "nothing" 4096
size=$(property CacheSize)
at_most "the cache is no larger than its volume" "${size#t }" $((32 << 20))
at_least "and not much smaller" "${size#t }" $((31 << 20))
object "volumes/rd$number" Volume Resize 'ta{sv}' $((64 << 20)) 0
is "it keeps its size when the volume grows" "$(property CacheSize)" "$size"
systemctl restart rapiddiskd.service
is "also for a service that starts later" "$(property CacheSize)" "$size"
# A GPT that was made through the cache counts in its sectors: the next cache has the same.
printf 'label: gpt\nstart=256, size=1024\n' | sfdisk --quiet --no-reread --no-tell-kernel "/dev/mapper/$name"
check "a GPT made through the cache: the cache is removed" remove
check "a GPT made through the cache: a cache is made" create
blocks_are "a GPT made through the cache" 4096
is "a GPT made through the cache: is seen through the next one" "$(blkid -p -s PTTYPE -o value "/dev/mapper/$name")" gpt
finish
