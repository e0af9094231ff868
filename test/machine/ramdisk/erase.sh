#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# Erasing needs privilege and a writable open, is whole or not at all, and is safe under I/O. The older ioctls.
set -eu
# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"

need rd-ioctl rd-race
rd_attach 64M
disk=/dev/rd$RD
attrs=/sys/block/rd$RD/rapiddisk
chmod 666 "$disk"

dd if=/dev/urandom of="$disk" bs=$((10 * PAGE)) count=1 oflag=direct status=none
is "0x0529 tells the end of the highest sector written" "$(rd-ioctl "$disk" ro 0x0529)" $((10 * PAGE / 512))
is "0x0530 tells the pages in use" "$(rd-ioctl "$disk" ro 0x0530)" 10
is "highest_written tells it in bytes" "$(cat "$attrs/highest_written")" $((10 * PAGE))
edge=$((13 * PAGE / 512))
dd if=/dev/urandom of="$disk" bs=512 count=2 seek=$((edge - 1)) oflag=direct status=none
is "a write across a page's edge raises the mark to its end, not beyond" "$(rd-ioctl "$disk" ro 0x0529)" $((edge + 1))
is "and takes two pages" "$(rd-ioctl "$disk" ro 0x0530)" 12

sum=$(md5sum <"$disk")
fails "nobody with a writable open cannot erase: EPERM" "Operation not permitted" \
    setpriv --reuid=65534 --clear-groups "$(command -v rd-ioctl)" "$disk" rw 0x0531
fails "nobody with a readable open cannot erase: EPERM" "Operation not permitted" \
    setpriv --reuid=65534 --clear-groups "$(command -v rd-ioctl)" "$disk" ro 0x0531
fails "root with a read-only open cannot erase: EBADF" "Bad file descriptor" rd-ioctl "$disk" ro 0x0531
hold "$disk"
fails "a second opener is in the way: EBUSY" "Device or resource busy" rd-ioctl "$disk" wo 0x0531
release
blockdev --setro "$disk"
fails "a locked disk is not erased: EROFS" "Read-only file system" rd-ioctl "$disk" wo 0x0531
blockdev --setrw "$disk"
is "a refused erase keeps the data" "$(md5sum <"$disk")" "$sum"
is "a refused erase keeps the statistics" "$(rd-ioctl "$disk" ro 0x0529 0x0530 | tr '\n' ' ')" "$((edge + 1)) 12 "

rd_settle
check "root with a writable open erases" rd-ioctl "$disk" wo 0x0531
is "what was there is zeros" "$(md5sum <"$disk")" "$(head -c 64M /dev/zero | md5sum)"
is "the statistics are 0" "$(rd-ioctl "$disk" ro 0x0529 0x0530 | tr '\n' ' ')" "0 0 "
is "nothing is used" "$(rd_used "$RD")" 0

# what the page cache holds must not come back
rd_settle
exec 7<>"$disk"
head -c 1M /dev/urandom >&7
exec 7>&-
rd_settle
check "erase through sysfs" bash -c "echo 1 > $attrs/erase"
sync
is "written data do not come back from the page cache" "$(head -c 1M "$disk" | md5sum)" "$(head -c 1M /dev/zero | md5sum)"
fails "erase wants a 1" "Invalid argument" bash -c "echo 0 > $attrs/erase"
fails "erase is for root" "Permission denied" setpriv --reuid=65534 --clear-groups bash -c "echo 1 > $attrs/erase"

printf 'label: gpt\n,16M\n' | sfdisk -q "$disk" --wipe always
rd_settle
check "there is a partition" test -b "${disk}p1"
check "erase of a partitioned disk" bash -c "echo 1 > $attrs/erase"
rd_settle
check "takes the partition along" test ! -e "${disk}p1"

# unknown ioctls: no line in the log
lines=$(dmesg | wc -l)
for i in 0x5331 0x5395 0x5401 0x2285; do
    fails "the probe $i is told: EINVAL" "Invalid argument" rd-ioctl "$disk" ro $i
done
fails "an unknown ioctl is told: ENOTTY" "Inappropriate ioctl" rd-ioctl "$disk" ro 0x7777
for _ in $(seq 200); do rd-ioctl "$disk" ro 0x7777 2>/dev/null || true; done
at_most "ioctls do not fill the log" $(($(dmesg | wc -l) - lines)) 2

rd_settle
check "threads that write, read, discard and erase at once do no harm" rd-race "$disk" 8 erase
is "the kernel has nothing to complain of" "$(kernel_complaints)" ""
finish
