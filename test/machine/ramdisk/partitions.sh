#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# Partitions work, and udev gives names and finds contents.
# level: smoke
# shellcheck disable=SC2317 # functions are called through check and fails
set -eu
# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"

need sfdisk mkfs.ext4 udevadm
[ -S /run/udev/control ] || skip_all "udev does not run"
rd_attach 64M
disk=/dev/rd$RD
linked() { [ "$(readlink -f "$1")" = "$2" ]; }

check "by-id names the disk" linked "/dev/disk/by-id/rapiddisk-rd$RD" "$disk"
check "partitions are made" bash -c "printf 'label: gpt\n,16M\n,\n' | sfdisk -q $disk"
rd_settle
check "two of them are there" test -b "${disk}p1" -a -b "${disk}p2"
is "the disk's minor stays its number" "$(stat -c %T "$disk")" "$(printf '%x' "$RD")"
check "by-id names a partition" linked "/dev/disk/by-id/rapiddisk-rd$RD-part1" "${disk}p1"
uuid=$(lsblk -no PARTUUID "${disk}p1")
check "by-partuuid names it" linked "/dev/disk/by-partuuid/$uuid" "${disk}p1"

mkfs.ext4 -qF -L rdlabel "${disk}p1"
rd_settle
check "by-label finds the file system" linked /dev/disk/by-label/rdlabel "${disk}p1"
check "by-uuid, too" linked "/dev/disk/by-uuid/$(blkid -s UUID -o value "${disk}p1")" "${disk}p1"
is "udev knows its type" "$(udevadm info -q property -n "${disk}p1" | sed -n 's/^ID_FS_TYPE=//p')" ext4
mkdir "$tap_scratch/mnt"
mount /dev/disk/by-label/rdlabel "$tap_scratch/mnt"
at_end unmount "$tap_scratch/mnt"
head -c 1M /dev/urandom >"$tap_scratch/mnt/file"
sum=$(md5sum <"$tap_scratch/mnt/file")
fails "a disk with a mounted partition stays" "Device or resource busy" mgmt detach "$RD"
head -c 4M /dev/urandom >"$tap_scratch/two"
dd if="$tap_scratch/two" of="${disk}p2" bs=1M oflag=direct status=none
check "the second partition holds its own" cmp -n 4194304 "$tap_scratch/two" "${disk}p2"
sync
echo 3 >/proc/sys/vm/drop_caches
is "and the first" "$(md5sum <"$tap_scratch/mnt/file")" "$sum"
unmount "$tap_scratch/mnt"
rd_settle
blockdev --setro "${disk}p1"
fails "a partition can be locked" "" dd if=/dev/zero of="${disk}p1" bs=4096 count=1 oflag=direct
blockdev --setrw "${disk}p1"

check "detach takes the partitions along" mgmt detach "$RD"
rd_settle
check "all of them" test ! -e "${disk}p1" -a ! -e "$disk" -a ! -e "/dev/disk/by-id/rapiddisk-rd$RD"
n=$RD
rd_attach 64M
is "a new disk has no old partition" "$(find /sys/block/rd"$RD"/ -mindepth 1 -maxdepth 1 -name 'rd*' | wc -l)" 0
is "the number is free again" "$RD" "$n"
is "the kernel has nothing to complain of" "$(kernel_complaints)" ""
finish
