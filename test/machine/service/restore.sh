#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# A restore that is killed forgets nothing, and the next one makes what is saved; beside the running service, it has the
# service do so.
set -eu
. "$(dirname "$0")/../lib.sh"
need busctl dmsetup losetup systemctl flock
plain=/dev/disk/by-id/virtio-scratch-plain
[ -b "$plain" ] || skip_all "the scratch disk is not there"
unit=rapiddisk-restore.service
state=/var/lib/rapiddisk/state.json

manager() {
    busctl --timeout=120 call org.rapiddisk.Manager /org/rapiddisk/Manager org.rapiddisk.Manager "$@"
}
object() { # PATH INTERFACE MEMBER...
    local path=$1 iface=$2 member=$3
    shift 3
    busctl --timeout=120 call org.rapiddisk.Manager "/org/rapiddisk/Manager/$path" "org.rapiddisk.Manager.$iface" "$member" "$@"
}
property() { # PATH INTERFACE NAME
    busctl get-property org.rapiddisk.Manager "/org/rapiddisk/Manager/$1" "org.rapiddisk.Manager.$2" "$3"
}
problems() { busctl get-property org.rapiddisk.Manager /org/rapiddisk/Manager org.rapiddisk.Manager Problems; }
journal() { journalctl --quiet --output=cat --unit "$1" --since "@$since"; }
# there PATH: yes or no
# shellcheck disable=SC2317 # called by becomes
there() { if [ -e "$1" ]; then echo yes; else echo no; fi; }
# All that is made of RAM goes, as at the end of the system.
forget_ram() {
    local name n
    for name in keep late; do dmsetup remove --retry "$name" 2>/dev/null || true; done
    for n in 230 231 232; do [ ! -e "/sys/block/rd$n" ] || rd_detach "$n"; done
}
# shellcheck disable=SC2317 # called at the end
tidy() {
    systemctl stop "$unit" rapiddiskd.service
    forget_ram
    rm -f "$state"
    systemctl reset-failed "$unit" || true
    systemctl start rapiddiskd.service
}

truncate -s 64M "$tap_scratch/late"
loop=$(losetup --find --show "$tap_scratch/late")
at_end losetup -d "$loop"
at_end tidy

systemctl start rapiddiskd.service
manager CreateVolume 'ta{sv}' $((16 << 20)) 2 number u 230 persist b true >/dev/null
object volumes/rd230 Volume SetReadOnly 'ba{sv}' true 0
manager CreateVolume 'ta{sv}' $((16 << 20)) 1 number u 231 >/dev/null
manager CreateCache 'sssa{sv}' rd231 "$plain" write-through 2 name s keep persist b true >/dev/null
manager CreateVolume 'ta{sv}' $((16 << 20)) 1 number u 232 >/dev/null
manager CreateCache 'sssa{sv}' rd232 "$loop" writeback 2 name s late persist b true >/dev/null
systemctl stop rapiddiskd.service
forget_ram
losetup -d "$loop"
cp "$state" "$tap_scratch/state.json"

# It waits for the origin of the last cache, and is killed there.
systemctl restart --no-block "$unit"
becomes "what can be made is made" yes there /dev/mapper/keep
systemctl kill --signal=KILL "$unit"
becomes "the restore was killed" failed systemctl is-failed "$unit"
check "nothing that is saved is forgotten" cmp "$state" "$tap_scratch/state.json"
check "nobody holds the lock of a process that is gone" flock --nonblock /run/rapiddisk/lock true

forget_ram
losetup "$loop" "$tap_scratch/late"
udevadm settle -t 30
check "the next restore ends well" systemctl restart "$unit"
check "and saves what was saved" cmp "$state" "$tap_scratch/state.json"
systemctl start rapiddiskd.service
is "nothing is missing" "$(problems)" "as 0"
is "a volume that was locked is locked" "$(property volumes/rd230 Volume ReadOnly)" "b true"
is "the caches are there" "$(property caches/keep Cache Persistent) $(property caches/late Cache Persistent)" "b true b true"

# Beside the service.
since=$(date +%s)
rd_detach 230
check "a restore beside the service ends well" systemctl restart "$unit"
is "it had the service restore" "$(journal "$unit" | grep -c 'rapiddiskd (process [0-9]*) is at work and is asked to restore')" 1
check "what was missing is there" test -b /dev/rd230
is "as a volume of the service" "$(property volumes/rd230 Volume Managed)" "b true"
is "nothing is unfinished" "$(find /run/rapiddisk/intents -name '*.json' | wc -l)" 0
is "nothing is wrong" "$(problems)" "as 0"
fails "a second service does not start" "works with /run/rapiddisk already" \
    timeout 60 node /usr/lib/rapiddisk/rapiddiskd.cjs
is "and the first goes on" "$(systemctl is-active rapiddiskd.service)" active
finish
