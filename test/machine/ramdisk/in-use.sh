#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# A device in use is never detached, shrunk or erased, no matter who uses it, and works on afterwards.
# level: smoke
# shellcheck disable=SC2317 # functions are called through check and fails
set -eu
# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"

need dmsetup losetup mkfs.ext4 mkswap swapon
erase() { echo 1 >"/sys/block/rd$RD/rapiddisk/erase"; }

# refused_while WHO: the three refusals, and the disk as it was
refused_while() {
    local size used highest
    size=$(rd_size "$RD") used=$(rd_used "$RD") highest=$(cat "/sys/block/rd$RD/rapiddisk/highest_written")
    fails "detach is refused while $1" "Device or resource busy" mgmt detach "$RD"
    fails "shrinking is refused while $1" "Device or resource busy" mgmt resize "$RD" $((size - 4096))
    fails "erasing is refused while $1" "Device or resource busy" erase
    fails "erasing by ioctl is refused while $1" "Device or resource busy" rd-ioctl "/dev/rd$RD" rw 0x0531
    is "and all stays while $1" "$(rd_size "$RD") $(rd_used "$RD") $(cat "/sys/block/rd$RD/rapiddisk/highest_written")" \
        "$size $used $highest"
}

rd_attach 64M
disk=/dev/rd$RD
dd if=/dev/urandom of="$disk" bs=1M count=2 oflag=direct status=none

hold "$disk"
refused_while "a process has it open for reading"
release

hold "$disk" rw
refused_while "a process has it open for writing"
release

dmsetup create rdtest --table "0 $((64 * 2048)) linear $disk 0"
at_end dmsetup remove --retry rdtest
rd_settle
refused_while "device-mapper maps it"
fails "an erase through the mapping is refused" "" rd-ioctl /dev/mapper/rdtest rw 0x0531
dd if=/dev/mapper/rdtest of=/dev/null bs=1M count=2 iflag=direct status=none
pass "the mapping still works"
dmsetup remove --retry rdtest

loop=$(losetup -f --show "$disk")
rd_settle
refused_while "a loop device is on it"
losetup -d "$loop"
rd_settle

mkswap "$disk" >/dev/null
rd_settle
swapon "$disk"
refused_while "it is swap"
swapoff "$disk"

mkfs.ext4 -qF "$disk"
rd_settle
mkdir -p "$tap_scratch/mnt"
mount "$disk" "$tap_scratch/mnt"
at_end unmount "$tap_scratch/mnt"
head -c 4M /dev/urandom >"$tap_scratch/mnt/file"
sum=$(md5sum <"$tap_scratch/mnt/file")
sync
refused_while "it is mounted"
echo 3 >/proc/sys/vm/drop_caches
is "the mounted file is whole" "$(md5sum <"$tap_scratch/mnt/file")" "$sum"
fails "the module cannot be unloaded" "in use" rmmod rapiddisk
unmount "$tap_scratch/mnt"
rd_settle

if modprobe -q nvmet && mountpoint -q /sys/kernel/config; then
    sub=/sys/kernel/config/nvmet/subsystems/rd-in-use
    mkdir -p "$sub/namespaces/1"
    at_end rmdir "$sub/namespaces/1" "$sub"
    echo -n "$disk" >"$sub/namespaces/1/device_path"
    echo 1 >"$sub/namespaces/1/enable"
    refused_while "nvmet exports it"
    echo 0 >"$sub/namespaces/1/enable"
else
    skip "detach is refused while nvmet exports it" "nvmet is not there"
fi

printf 'label: gpt\n,16M\n' | sfdisk -q "$disk" --wipe always
rd_settle
hold "${disk}p1"
refused_while "a partition of it is open"
release

fails "the module cannot be unloaded under an idle disk" "in use" rmmod rapiddisk
check "an idle disk is detached" mgmt detach "$RD"
check "and gone" test ! -e "/sys/block/rd$RD"

# a short look, as udev takes it, is waited for (how long is a parameter), though a signal comes meanwhile: SIGCHLD
grace=/sys/module/rapiddisk/parameters/busy_grace_ms
at_end sh -c "echo $(cat $grace) >$grace"
echo 20000 >$grace
rd_attach 8M
(
    exec 3<"/dev/rd$RD"
    : >"$tap_scratch/looking"
    sleep 0.3
) &
until [ -e "$tap_scratch/looking" ]; do sleep 0.02; done
check "detach waits for somebody who only looks for a moment" mgmt detach "$RD"
wait
is "the kernel has nothing to complain of" "$(kernel_complaints)" ""
finish
