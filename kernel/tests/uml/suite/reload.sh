#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Copyright (C) 2026 The RapidDisk Manager authors
#
# Both modules are loaded and unloaded, fifty times, with a disk, a mapping and I/O between, the unloading right
# after the last bit of work, while pages still wait for a grace period.
# shellcheck disable=SC2317 # functions given to check
set -eu
# shellcheck source=../../../../test/machine/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=../../../../test/machine/cache/rdc.bash
. "$(dirname "$0")/../cache/rdc.bash"

times=${UML_RELOADS:-50}
rdc_disk 4M
put_back() { modprobe -a rapiddisk rapiddisk-cache; }
at_end put_back
rmmod rapiddisk-cache rapiddisk

# once: everything, in the order in which an administrator does it
once() {
    modprobe rapiddisk rd_nr=1 rd_size=4 || return 1
    modprobe rapiddisk-cache || return 2
    dd if=/dev/urandom of=/dev/rd0 bs=256k count=4 oflag=direct status=none || return 3
    dmsetup create reload --noudevsync --table "0 $(sectors "$DISK") rapiddisk-cache $DISK /dev/rd0" || return 4
    DM_DISABLE_UDEV=1 dmsetup mknodes reload || return 5
    dd if=/dev/mapper/reload of=/dev/null bs=256k count=8 iflag=direct status=none || return 6
    dd if=/dev/zero of=/dev/mapper/reload bs=64k count=8 oflag=direct status=none || return 7
    dmsetup remove --noudevsync --retry reload || return 8
    blkdiscard -f /dev/rd0 || return 9
    mgmt detach 0 || return 10
    rmmod rapiddisk-cache || return 11
    rmmod rapiddisk || return 12
}
done=0 status=0
while [ "$done" -lt "$times" ]; do
    once 2>"$tap_scratch/err" || { status=$? && break; }
    done=$((done + 1))
done
is "loaded and unloaded $times times" "$done $status $([ "$status" = 0 ] || cat "$tap_scratch/err")" "$times 0 "
is "the kernel did not complain" "$(kernel_complaints)" ""
finish
