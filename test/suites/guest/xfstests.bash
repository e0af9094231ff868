# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# A test of xfstests: TEST_DEV and SCRATCH_DEV are devices of the same kind.

# make_filesystem FILESYSTEM DEVICE: ext4, ext4-1k (blocks of 1 KiB) or xfs
make_filesystem() {
    case $1 in
        ext4) mkfs.ext4 -q -F "$2" ;;
        ext4-1k) mkfs.ext4 -q -F -b 1024 "$2" ;;
        xfs) mkfs.xfs -q -f "$2" ;;
        *) return 1 ;;
    esac
}

# run_xfstests: with variables of `one`
run_xfstests() {
    local config=$logs/local.config status scratch
    device_up "$kind" scratch 1024 64 || return
    scratch=$DEVICE
    device_up "$kind" test 1024 64 || return
    make_filesystem "$filesystem" "$DEVICE" || return
    cat >"$config" <<CONFIG
export TEST_DEV=$DEVICE
export TEST_DIR=/run/suites/test
export SCRATCH_DEV=$scratch
export SCRATCH_MNT=/run/suites/scratch
export FSTYP=${filesystem%-1k}
export RESULT_BASE=$logs/results
CONFIG
    [ "$filesystem" != ext4-1k ] || echo 'export MKFS_OPTIONS="-b 1024"' >>"$config"
    cd /srv/xfstests || return
    export HOST_OPTIONS=$config
    within "$seconds" ./check "$test" 2>&1 | tee "$logs/output"
    status=${PIPESTATUS[0]}
    [ "$status" = 0 ] || return 1
    if grep -q '^Not run: ' "$logs/output"; then
        skipped "$(sed -n "s|^$test.*\[not run\] *||p" "$logs/output" | grep . || echo "xfstests ran nothing")"
        return
    fi
    grep -q '^Passed all 1 tests' "$logs/output"
}
