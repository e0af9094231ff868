#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# What --explain prints, run by a shell, does what the command would have done. (Every command's line is run against
# the simulated kernel in test/service/cli; here a life of a volume and a cache on the real one.)
set -eu
# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=cli.bash
. "$(dirname "$0")/cli.bash"

need rapiddisk busctl blockdev dmsetup
source_disk=/dev/disk/by-id/virtio-scratch-plain
[ -b "$source_disk" ] || skip_all "there is no scratch disk"
n=$(rd_free_number)
rd=rd$n
mapping=cli-explained
at_end rd_detach "$n"
at_end dmsetup remove --retry "$mapping"

# explained WORDS...: runs what is printed for them
# shellcheck disable=SC2317 # called through check
explained() {
    rapiddisk "$@" --explain >"$tap_scratch/line"
    sh -e "$tap_scratch/line"
}

rapiddisk volume create 8M --number "$n" --explain >"$tap_scratch/line"
check "--explain does nothing itself" test ! -e "/sys/block/$rd"
check "volume create" sh -e "$tap_scratch/line"
is "makes the same" "$(blockdev --getsize64 "/dev/$rd")" 8388608
check "volume resize" explained volume resize "$rd" 16M
is "resizes" "$(blockdev --getsize64 "/dev/$rd")" 16777216
check "volume lock" explained volume lock "$rd"
is "locks" "$(blockdev --getro "/dev/$rd")" 1
rapiddisk volume unlock "$rd"
check "list" explained list
check "cache create" explained cache create "$rd" "$source_disk" --mode write-around --name "$mapping"
is "makes the same" "$(property caches "$mapping" Mode)" write-around
check "cache reset-stats" explained cache reset-stats "$mapping"
check "cache remove" explained cache remove "$mapping"
fails "removes" "" dmsetup info "$mapping"
check "volume remove" explained volume remove "$rd"
check "removes it" test ! -e "/sys/block/$rd"
finish
