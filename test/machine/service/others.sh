#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# What others do to volumes and caches, past the service, is soon on the bus, with many volumes too.
set -eu
. "$(dirname "$0")/../lib.sh"
need busctl dmsetup blockdev gdbus
origin=/dev/disk/by-id/virtio-scratch-plain
[ -b "$origin" ] || skip_all "the scratch disk is not there"
many=100

manager() {
    busctl --timeout=120 call org.rapiddisk.Manager /org/rapiddisk/Manager org.rapiddisk.Manager "$@"
}
systemctl start rapiddiskd.service
manager CreateVolume 'ta{sv}' $((16 << 20)) 1 number u 220 >/dev/null
at_end busctl call org.rapiddisk.Manager /org/rapiddisk/Manager/volumes/rd220 org.rapiddisk.Manager.Volume Remove 'a{sv}' 0
manager CreateCache 'sssa{sv}' rd220 "$origin" write-through 1 name s seen >/dev/null
at_end busctl --timeout=120 call org.rapiddisk.Manager /org/rapiddisk/Manager/caches/seen org.rapiddisk.Manager.Cache Remove 'a{sv}' 0
for n in $(seq 300 $((299 + many))); do
    mgmt attach "$n" 1048576
    at_end rd_detach "$n"
done
udevadm settle -t 120

# shellcheck disable=SC2317 # called by becomes
managed() { # managed VOLUME
    busctl get-property org.rapiddisk.Manager "/org/rapiddisk/Manager/volumes/$1" org.rapiddisk.Manager.Volume Managed
}
becomes "a volume of the service is its own" "b true" managed rd220
becomes "one that others made is not" "b false" managed rd300
manager CreateVolume 'ta{sv}' $((1 << 20)) 1 number u 221 >/dev/null
rd_detach 221
mgmt attach 221 1048576
at_end rd_detach 221
becomes "nor is one that others made in the place of one of its own" "b false" managed rd221
systemctl restart rapiddiskd.service
becomes "after a new start that is as before" "b false" managed rd221
becomes "and so is a volume of its own" "b true" managed rd220

# Each signal with the moment at which it came.
signals=$tap_scratch/signals
touch "$signals"
exec 7< <(exec gdbus monitor --system --dest org.rapiddisk.Manager)
at_end kill $!
while read -r line; do echo "$EPOCHREALTIME $line"; done <&7 >>"$signals" &
exec 7<&-

# quiet: nothing has been signalled for two seconds
quiet() {
    local seen=-1
    while [ "$(stat -c %s "$signals")" != "$seen" ]; do
        seen=$(stat -c %s "$signals")
        sleep 2
    done
}
# told PROMISE PATTERN COMMAND...: a signal like PATTERN comes after the command. Two seconds are promised; what it took is
# printed, and `make bench` measures it. Only the test's own limit ends the wait, since an emulated machine may be slow.
told() {
    local promise=$1 pattern=$2 ended
    shift 2
    quiet
    : >"$signals"
    "$@"
    ended=$EPOCHREALTIME
    until grep -q -e "$pattern" "$signals"; do sleep 0.1; done
    pass "$promise"
    note "after $(grep -m 1 -e "$pattern" "$signals" | awk -v ended="$ended" '{ printf "%d", ($1 - ended) * 1000 }') ms"
}

told "another volume appears" "InterfacesAdded.*rd$((300 + many))" mgmt attach $((300 + many)) 1048576
told "its growth" "rd$((300 + many)).*Size" mgmt resize $((300 + many)) 2097152
told "its end" "InterfacesRemoved.*rd$((300 + many))" rd_detach $((300 + many))
for n in 301 398; do
    told "rd$n of $many is locked" "rd$n: .*ReadOnly.*true" blockdev --setro "/dev/rd$n"
done
told "and unlocked" "rd398: .*ReadOnly.*false" blockdev --setrw /dev/rd398
told "a cache's mode" "caches/seen: .*Mode.*write-around" dmsetup message seen 0 mode write-around
at_end unmount /mnt
told "a mount" "rd350: .*Users.*mounted on" bash -c "mkfs.ext4 -q -F /dev/rd350 && mount /dev/rd350 /mnt"
told "an unmount" "rd350: .*InUse.*false" unmount /mnt
finish
