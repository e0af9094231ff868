#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# The service with dbus-broker as the system's bus, as Fedora, RHEL and Arch have it: changes are made and refused, told by whom,
# and the service stays connected all the while.
set -eu
. "$(dirname "$0")/../lib.sh"
need busctl dbus-broker-launch rapiddisk
manager=(org.rapiddisk.Manager /org/rapiddisk/Manager org.rapiddisk.Manager)
restarts() { systemctl show --value --property=NRestarts,MainPID rapiddiskd.service | paste -sd' '; }

case ${RAPIDDISK_TEST_STAGE:-0} in
    0)
        check "dbus-broker is chosen" systemctl enable dbus-broker.service
        sync
        tap_finished=1
        exit 100
        ;;
    1)
        at_end systemctl disable dbus-broker.service
        is "the system's bus is dbus-broker" "$(systemctl show --value --property=Id dbus.service)" dbus-broker.service
        systemctl start rapiddiskd.service
        before=$(restarts)
        check "root makes a volume" busctl --timeout=120 call "${manager[@]}" CreateVolume 'ta{sv}' $((4 << 20)) 1 number u 230
        fails "one who may nothing is refused, and not cut off" "not authorized" \
            runuser -u nobody -- busctl --timeout=120 call "${manager[@]}" CreateVolume 'ta{sv}' 4194304 0
        check "the command resizes it" rapiddisk volume resize rd230 8M
        is "the volume has its size" "$(rd_size 230)" $((8 << 20))
        systemctl start rapiddisk-rest-admin.socket
        check "the bridge answers" curl --silent --fail --unix-socket /run/rapiddisk-rest/admin.sock http://localhost/v2/volumes/rd230
        check "the bridge removes it" curl --silent --fail --unix-socket /run/rapiddisk-rest/admin.sock -X DELETE http://localhost/v2/volumes/rd230
        is "the service was neither restarted nor cut off" "$(restarts)" "$before"
        journalctl --sync
        journalctl --boot --unit=rapiddiskd.service --output=cat >"$tap_scratch/journal"
        check "what root did is told with the user" grep -q "uid=0 .*operation=volume-create .*result=done" "$tap_scratch/journal"
        check "what was refused is told with the user" grep -q "uid=65534 .*operation=volume-create" "$tap_scratch/journal"
        is "nothing was done by an unknown user" "$(grep -c uid=unknown "$tap_scratch/journal")" 0
        is "nobody was cut off by the bus" \
            "$(journalctl --boot --unit=dbus-broker.service --output=cat | grep -c 'being disconnected')" 0
        check "dbus-daemon is chosen again" systemctl disable dbus-broker.service
        sync
        [ "$tap_failed" = 0 ] || finish
        tap_finished=1
        # By power: systemd waits in vain for an answer on the bus that it has just put aside.
        exit 101
        ;;
    2)
        is "the system's bus is dbus-daemon again" "$(systemctl show --value --property=Id dbus.service)" dbus.service
        ;;
esac
finish
