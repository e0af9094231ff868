#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# What is saved is exported again after a reboot, under the same identity and to the same hosts.
set -eu
# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=nvme.bash
. "$(dirname "$0")/nvme.bash"
need nvme jq busctl systemctl
before=/var/lib/rapiddisk-test.identity
identity() {
    local name
    for name in Nqn Serial Model Uuid Nguid AllowedHosts AllowAnyHost Ports Device Enabled; do
        printf '%s %s\n' "$name" "$(property exports "$NQN" "$name")"
    done
}
case ${RAPIDDISK_TEST_STAGE:-0} in
    0)
        systemctl start rapiddiskd.service
        check "the target is loaded" load_target
        check "a volume that persists" manager CreateVolume 'ta{sv}' $((16 << 20)) 2 number u 360 persist b true
        check "a port that persists" manager CreatePort 'ussa{sv}' 1 tcp 127.0.0.1 2 service s 4460 persist b true
        check "an export that persists" manager CreateExport 'sa{sv}' rd360 5 nqn s "$NQN" ports as 1 1 \
            hosts as 1 "$HOST_A" persist b true no-key b true
        identity >"$before"
        sync
        tap_finished=1
        exit 100
        ;;
    1)
        at_end rm -f "$before"
        at_end volume_gone 360
        at_end port_gone 1
        at_end export_gone "$NQN"
        load_hosts nvme_tcp
        systemctl start rapiddiskd.service
        check "the export is there" within 60 property_is exports "$NQN" Enabled true
        check "as the same one" diff -u "$before" <(identity)
        check "its host connects" joins "$HOST_A" "$NQN" -t tcp -a 127.0.0.1 -s 4460
        check "and works" verified "$(disk_of "$NQN")"
        nvme disconnect -n "$NQN" >/dev/null
        is "nothing is missing" "$(busctl get-property org.rapiddisk.Manager /org/rapiddisk/Manager org.rapiddisk.Manager Missing)" "as 0"
        check "and of all problems there is only the host without a key" grep -q '^as 1 .*names are no secret' <(busctl get-property \
            org.rapiddisk.Manager /org/rapiddisk/Manager org.rapiddisk.Manager Problems)
        check "the export is removed" on_export "$NQN" Remove 'a{sv}' 0
        check "the port is removed" on_port 1 Remove 'a{sv}' 0
        check "the volume is removed" on_volume rd360 Remove 'a{sv}' 0
        is "nothing is saved any more" "$(grep -c '"number"\|"nqn"\|"transport"' /var/lib/rapiddisk/state.json)" 0
        check "nothing is left in the kernel" target_is_empty
        check "the target's modules can go" within 60 unload_target
        finish
        ;;
esac
