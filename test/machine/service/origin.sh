#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# A disk that fails I/O under a cache is told; so is one that is pulled out from under a cache, by the name that it had, and the cache can be removed.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../cache/rdc.bash"
need busctl dmsetup modprobe systemctl
rdc_scsi 32 || skip_all "scsi_debug is not available"

manager() {
    busctl --timeout=120 call org.rapiddisk.Manager /org/rapiddisk/Manager org.rapiddisk.Manager "$@"
}
problems() { busctl get-property org.rapiddisk.Manager /org/rapiddisk/Manager org.rapiddisk.Manager Problems; }
source_of() { busctl get-property org.rapiddisk.Manager "/org/rapiddisk/Manager/caches/$1" org.rapiddisk.Manager.Cache Source; }
# told NAME: its problem, within 10 s
# shellcheck disable=SC2317 # called by check
told() {
    for _ in $(seq 50); do
        if problems | grep -o "$DISK, the origin of $1, is gone: [^\"]*"; then return; fi
        sleep 0.2
    done
    problems
    return 1
}

# eventually_is VALUE COMMAND...: what the command prints, within 60 s
# shellcheck disable=SC2317 # called by check
eventually_is() {
    local value=$1
    shift
    for _ in $(seq 120); do
        [ "$("$@")" = "$value" ] && return
        sleep 0.5
    done
    "$@"
    return 1
}

systemctl start rapiddiskd.service
manager CreateVolume 'ta{sv}' $((16 << 20)) 1 number u 237 >/dev/null
at_end busctl --timeout=120 call org.rapiddisk.Manager /org/rapiddisk/Manager/volumes/rd237 org.rapiddisk.Manager.Volume Remove 'a{sv}' 0
manager CreateCache 'sssa{sv}' rd237 "$DISK" write-through 1 name s gone >/dev/null
at_end dmsetup remove --retry gone
is "the cache has its origin" "$(source_of gone)" "s \"$DISK\""
is "and nothing is wrong" "$(problems)" "as 0"

state_of() { busctl get-property org.rapiddisk.Manager "/org/rapiddisk/Manager/caches/$1" org.rapiddisk.Manager.Cache State; }
# sectors 0x1234 to 0x123d cannot be read
echo 2 >/sys/bus/pseudo/drivers/scsi_debug/opts
fails "a block that the origin cannot read" "" dd if=/dev/mapper/gone of=/dev/null bs=4k skip=$((0x1234 / 8)) count=1 iflag=direct
check "is told without anybody asking" eventually_is 's "origin-errors"' state_of gone
check "and is among the problems" bash -c "$(declare -f problems); problems | grep -q '$DISK, the origin of gone, reported [0-9]* I/O error'"
check "and in the statistics" bash -c "rapiddisk stats gone | grep -q 'origin_errors: *[1-9]'"
echo 0 >/sys/bus/pseudo/drivers/scsi_debug/opts
check "until they are reset" busctl --timeout=120 call org.rapiddisk.Manager /org/rapiddisk/Manager/caches/gone \
    org.rapiddisk.Manager.Cache ResetStatistics 'a{sv}' 0
is "then all is well again" "$(state_of gone) $(problems)" 's "ok" as 0'

echo 1 >"/sys/block/${DISK#/dev/}/device/delete"
check "that the origin is gone is among the problems" told gone
is "and the cache still says what it was" "$(source_of gone)" "s \"$DISK\""
systemctl restart rapiddiskd.service
check "a service that starts later tells it as well" bash -c "$(declare -f problems); problems | grep -q 'the origin of gone, is gone'"
check "the cache can be removed" busctl --timeout=120 call org.rapiddisk.Manager /org/rapiddisk/Manager/caches/gone \
    org.rapiddisk.Manager.Cache Remove 'a{sv}' 0
is "and nothing is wrong any more" "$(problems)" "as 0"
finish
