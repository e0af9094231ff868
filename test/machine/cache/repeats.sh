#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# While writes of one block overlap, a reader may see either, but never the new one, the old one and the new one again: the
# disk would not show it that. The disk is a file on a slow disk, so that a write which must be stable is seen by readers
# long before it ends.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/rdc.bash"

need mkfs.ext4
rdc_null 64 irqmode=2 completion_nsec=2000000
mkfs.ext4 -q -F "$DISK"
rd_settle
mkdir "$tap_scratch/mnt"
mount "$DISK" "$tap_scratch/mnt"
at_end unmount "$tap_scratch/mnt"
truncate -s 16M "$tap_scratch/mnt/file"
DISK=$(losetup --find --show "$tap_scratch/mnt/file")
at_end losetup -d "$DISK"
rd_settle
rd_attach 8M

# run PROMISE DEVICE WHOSE: and the readers did see the block change
run() {
    local changes
    check "$1" "$PROGRAMS/rdc_repeat" "$2"
    note "$(tail -n 1 "$tap_scratch/out")"
    changes=$(sed -n 's/.* changes \([0-9]*\) .*/\1/p' "$tap_scratch/out")
    at_least "$3 readers saw it change" "${changes:-0}" 50
}

run "the disk alone never shows again what it replaced" "$DISK" "its"
for mode in 0 1; do
    rdc_map "repeat$mode" "$DISK" "/dev/rd$RD" 8192 $mode
    run "mode $mode: nor does the cache" "$MAP" "mode $mode: its"
    rdc_dm_remove "$(basename "$MAP")"
done
is "the kernel did not complain" "$(kernel_complaints)" ""
finish
