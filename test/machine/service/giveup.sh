#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# A writeback cache whose origin is gone is removed when the loss is asked for, and with a sound origin that loses nothing.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../cache/rdc.bash"
need cmp dmsetup mkfs.ext4 mount modprobe systemctl
modprobe -q dm-writecache || skip_all "dm-writecache does not load"
rdc_scsi 32 || skip_all "scsi_debug is not available"

systemctl start rapiddiskd.service
rapiddisk volume create 16M --number 238 >/dev/null
at_end rapiddisk volume remove rd238 --if-exists

head -c 4M /dev/urandom >"$RDC_FILES/data"
rapiddisk cache create rd238 "$DISK" --mode writeback --name giveup >/dev/null
at_end dmsetup remove --force --retry giveup
dd if="$RDC_FILES/data" of=/dev/mapper/giveup bs=64k oflag=direct status=none
check "a cache with a sound origin is removed" rapiddisk cache remove giveup --lose-unwritten
check "and the origin has all that was written" cmp -n $((4 << 20)) "$RDC_FILES/data" "$DISK"

rapiddisk cache create rd238 "$DISK" --mode writeback --name giveup >/dev/null
mkfs.ext4 -q /dev/mapper/giveup
mkdir "$RDC_FILES/mnt"
mount /dev/mapper/giveup "$RDC_FILES/mnt"
cp "$RDC_FILES/data" "$RDC_FILES/mnt/data"
umount "$RDC_FILES/mnt"
echo 1 >"/sys/block/${DISK#/dev/}/device/delete"
fails "its removal when the origin is gone, told with the disk" "$DISK, the origin of giveup, " rapiddisk cache remove giveup
fails "and with the option" "bytes that only giveup holds. To remove giveup and lose them" rapiddisk cache remove giveup
lacks=$(grep -o 'it lacks [0-9]* bytes' "$tap_scratch/out" | grep -o '[0-9]*' || true)
at_least "and with at least the bytes of the file" "${lacks:-0}" $((4 << 20))
check "the cache is removed when the loss is asked for" rapiddisk cache remove giveup --lose-unwritten
check "its mapping is gone" test ! -e /dev/mapper/giveup
check "and the volume is free" rapiddisk volume remove rd238
finish
