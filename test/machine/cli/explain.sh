#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# What --explain prints, run by a shell, does what the command would have done.
set -eu
# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"

need rapiddisk busctl jq blockdev
source_disk=/dev/disk/by-id/virtio-scratch-plain
[ -b "$source_disk" ] || skip_all "there is no scratch disk"
n=$(rd_free_number)
rd=rd$n
mapping="odd name'\$x"
at_end rapiddisk volume remove "$rd"
at_end rapiddisk cache remove "$mapping"

# explained WORDS...: runs what is printed for them
# shellcheck disable=SC2317 # called through check
explained() {
    rapiddisk "$@" --explain >"$tap_scratch/line"
    sh -e "$tap_scratch/line"
}

rapiddisk volume create 8M --number "$n" --explain >/dev/null
check "--explain does nothing itself" test ! -e "/sys/block/$rd"
check "volume create" explained volume create 8M --number "$n"
is "made the same" "$(rapiddisk volume show "$rd" --json | jq -c '[.size, .persistent]')" '[8388608,false]'
check "volume resize" explained volume resize "$rd" 16M
is "resized" "$(blockdev --getsize64 "/dev/$rd")" 16777216
check "volume lock" explained volume lock "$rd"
is "locked" "$(blockdev --getro "/dev/$rd")" 1
check "volume unlock" explained volume unlock "$rd"
check "volume persist" explained volume persist "$rd"
is "persists" "$(rapiddisk volume show "$rd" --json | jq .persistent)" true
check "volume persist --off" explained volume persist "$rd" --off
check "volume erase" explained volume erase "$rd"
check "list" explained list
check "status" explained status
check "resources" explained resources
check "modules load" explained modules load
check "jobs" explained jobs
check "stats" explained stats
if rapiddisk cache create "$rd" "$source_disk" --name "$mapping" >/dev/null 2>"$tap_scratch/why"; then
    rapiddisk cache remove "$mapping"
else
    note "a mapping of that name is refused: $(cat "$tap_scratch/why")"
    mapping=cli-explained
    at_end rapiddisk cache remove "$mapping"
fi
check "cache create" explained cache create "$rd" "$source_disk" --mode write-around --name "$mapping"
is "made the same" "$(rapiddisk cache show "$mapping" --json | jq -r .mode)" write-around
check "cache show" explained cache show "$mapping"
check "cache flush" explained cache flush "$mapping"
check "cache reset-stats" explained cache reset-stats "$mapping"
check "cache remove" explained cache remove "$mapping"
check "volume remove" explained volume remove "$rd"
check "removed" test ! -e "/sys/block/$rd"
finish
