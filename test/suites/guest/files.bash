# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# fsx and fsstress, as xfstests builds them, on a file system with blocks of 1 KiB: most I/O is a part of a block of the cache.
# The cache's RAM is a fraction of the disk. After each, the file system is checked, and behind a cache the disk holds what the
# mapping reads.

# run_files: with variables of `one`
run_files() {
    local mount=/run/suites/test size=256 options=noatime programs=/srv/xfstests/ltp status
    device_up "$kind" test "$size" 32 || return
    make_filesystem "$filesystem" "$DEVICE" || return
    [ "$kind" != rd ] || options+=,discard
    mount -o "$options" "$DEVICE" "$mount" || return
    case $test in
        fsx) within "$seconds" "$programs/fsx" -q -N 3000 "$mount/file" ;;
        # All I/O by O_DIRECT in units of 512 bytes
        fsx-direct) within "$seconds" "$programs/fsx" -q -N 1500 -Z -r 512 -w 512 -t 512 "$mount/file" ;;
        fsx-aio) within "$seconds" "$programs/fsx" -q -N 1500 -A -Z -r 512 -w 512 -t 512 "$mount/file" ;;
        fsstress) within "$seconds" "$programs/fsstress" -d "$mount" -p 4 -n 300 -s 1 ;;
        *) false ;;
    esac
    status=$?
    umount "$mount" || return
    [ "$status" = 0 ] || return 1
    e2fsck -fn "$DEVICE" || return
    [ -n "$ORIGIN" ] || return 0
    dmsetup status "$(basename "$DEVICE")"
    # The page cache is emptied, so that the copies in RAM are what is compared.
    echo 3 >/proc/sys/vm/drop_caches
    cmp --bytes=$((size << 20)) "$DEVICE" "$ORIGIN" || return
    echo "the disk holds what the mapping reads"
}
