# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# A test of blktests.

# run_blktests: with variables of `one`. A test that does no I/O to the device is a skip: it says nothing about us.
run_blktests() {
    local before output status
    output=$(mktemp -d /var/tmp/blktests.XXXXXX)
    device_up "$kind" test 1024 64 || return
    export SUITES_DEVICE=$DEVICE SUITES_STATE=$output/device-is-given
    before=$(touched "$DEVICE")
    cd /srv/blktests || return
    within "$seconds" ./check --config "$here/blktests.config" --output "$output/results" "$test" 2>&1 | tee "$logs/output"
    status=${PIPESTATUS[0]}
    cp -r "$output/results" "$logs/" 2>/dev/null
    rm -rf "$output"
    [ "$status" = 0 ] || return 1
    # A test may run several times, under several conditions: one that ran is enough.
    if ! grep -q '\[passed\]$' "$logs/output"; then
        skipped "$(awk '/\[not run\]$/ { getline; sub(/^ +/, ""); print; exit }' "$logs/output" | grep . || echo "blktests ran nothing")"
        return
    fi
    [ "$(touched "$DEVICE")" != "$before" ] || skipped "passed, without any I/O to the device"
}
