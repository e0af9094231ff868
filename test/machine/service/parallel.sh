#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# Two calls at once that would put one device to two uses: one of them is done, and the kernel has one use of the device. The
# kernel itself does not see to that: the NVMe target opens a device without claiming it.
set -eu
. "$(dirname "$0")/../lib.sh"
need busctl systemctl dmsetup
origin=/dev/disk/by-id/virtio-scratch-plain
[ -b "$origin" ] || skip_all "the scratch disk is not there"
modprobe nvmet 2>/dev/null || skip_all "this kernel has no NVMe target"
rounds=10
target=/sys/kernel/config/nvmet

call() { # PATH INTERFACE MEMBER...
    local path=$1 iface=$2
    shift 2
    busctl --timeout=120 call org.rapiddisk.Manager "/org/rapiddisk/Manager$path" "org.rapiddisk.Manager$iface" "$@"
}
# shellcheck disable=SC2317 # called by at_once
nqn() { echo "nqn.2024-01.org.example:parallel-$1"; }
export_path() { echo "/exports/nqn_2e2024_2d01_2eorg_2eexample_3aparallel_2d$1"; }

# The calls that take rd231: as the origin of a cache, as a cache, as an export.
# shellcheck disable=SC2317
over() { call "" "" CreateCache 'sssa{sv}' rd230 /dev/rd231 "$2" 1 name s "$1"; }
# shellcheck disable=SC2317
by() { call "" "" CreateCache 'sssa{sv}' rd231 "$origin" "$2" 1 name s "$1"; }
# shellcheck disable=SC2317
exported() { call "" "" CreateExport 'sa{sv}' rd231 3 nqn s "$(nqn "$1")" hosts as 1 nqn.2024-01.org.example:host ports as 0; }

# uses: how many mappings and enabled exports rd231 has, as the kernel tells
uses() {
    local count=0 entry
    for entry in /sys/block/rd231/holders/*; do [ ! -e "$entry" ] || count=$((count + 1)); done
    for entry in "$target"/subsystems/*/namespaces/*; do
        [ -d "$entry" ] || continue
        case "$(cat "$entry/device_path") $(cat "$entry/enable")" in "/dev/rd231 1") count=$((count + 1)) ;; esac
    done
    echo "$count"
}
clear_uses() {
    local name
    for name in one two; do
        call "/caches/$name" .Cache Remove 'a{sv}' 0 || true
        call "$(export_path "$name")" .Export Remove 'a{sv}' 0 || true
    done >/dev/null 2>&1
}

# at_once PROMISE "CALL..." "CALL...": in every round one succeeds and rd231 has one use
at_once() {
    local promise=$1 first=$2 second=$3 round one two ended most=0 both=0 none=0 now
    for round in $(seq "$rounds"); do
        $first >"$tap_scratch/first" 2>&1 &
        one=$!
        $second >"$tap_scratch/second" 2>&1 &
        two=$!
        ended=0
        if wait "$one"; then ended=$((ended + 1)); fi
        if wait "$two"; then ended=$((ended + 1)); fi
        now=$(uses)
        [ "$now" -le "$most" ] || most=$now
        if [ "$ended" = 2 ]; then both=$((both + 1)); fi
        if [ "$ended" = 0 ]; then
            none=$((none + 1))
            note "round $round: $(cat "$tap_scratch/first" "$tap_scratch/second")"
        fi
        clear_uses
        udevadm settle -t 60
        [ "$(uses)" = 0 ] || break
    done
    is "$promise: rd231 has one use at most" "$most" 1
    is "$promise: never are both done" "$both" 0
    is "$promise: one of them is" "$none" 0
    is "$promise: and it can be taken back" "$(uses)" 0
}

systemctl start rapiddiskd.service
for number in 230 231; do
    call "" "" CreateVolume 'ta{sv}' $((64 << 20)) 1 number u "$number" >/dev/null
    at_end call "/volumes/rd$number" .Volume Remove 'a{sv}' 0
done
at_end clear_uses

at_once "a cache over it and an export of it" "over one write-through" "exported two"
at_once "an export of it and a cache over it" "exported one" "over two write-around"
at_once "two exports of it" "exported one" "exported two"
at_once "a cache over it and it as a cache" "over one write-through" "by two write-through"
at_once "an export of it and it as a cache" "exported one" "by two write-through"
if modprobe -q dm-writecache; then
    at_once "a writeback cache over it and an export of it" "over one writeback" "exported two"
    at_once "a writeback cache over it and it as one" "over one writeback" "by two writeback"
    at_once "it as a writeback cache and an export of it" "by one writeback" "exported two"
else
    skip "writeback caches" "this kernel has no dm-writecache"
fi
finish
