#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# level: smoke
#
# Exports on any kernel: made, connected to, written to, verified, taken apart; what this kernel lacks is refused by its name
# and is not among the features.
# shellcheck disable=SC2317 # functions are called through check and within
set -eu
# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=nvme.bash
. "$(dirname "$0")/nvme.bash"
need nvme jq busctl gdbus
load_hosts nvme_tcp
# refused WORDS...: a call of the manager by gdbus, which says the name of an error
refused() {
    gdbus call --system -d org.rapiddisk.Manager -o "/org/rapiddisk/Manager$1" -m "org.rapiddisk.Manager$2" "${@:3}"
}
features() { busctl --json=short get-property org.rapiddisk.Manager /org/rapiddisk/Manager org.rapiddisk.Manager Features | jq -r '.data[]'; }
lacks=org.rapiddisk.Manager.Error.NotSupported

check "the target is loaded" load_target
volume 380 8M
check "a port for TCP" port 1 tcp 127.0.0.1
on=1
features >"$tap_scratch/features"
note "features: $(tr '\n' ' ' <"$tap_scratch/features")"
loop=
if modinfo nvme_loop >/dev/null 2>&1; then
    loop=yes on="1 2"
    check "a port for loop" port 2 loop ""
    check "which is a feature" grep -qx nvme-loop "$tap_scratch/features"
else
    fails "loop is refused: this kernel has none" "$lacks: The kernel module nvme_loop" refused "" .CreatePort 2 loop "''" '{}'
    check "and is no feature" not grep -qx nvme-loop "$tap_scratch/features"
fi
check "an export" exported "$NQN" rd380 "$on" "$HOST_A"
fails "a host that is not named is refused" "" joins "$HOST_B" "$NQN" -t tcp -a 127.0.0.1 -s 4420
check "the host connects over TCP" joins "$HOST_A" "$NQN" -t tcp -a 127.0.0.1 -s 4420
check "what it writes is on the volume" same_data "$(disk_of "$NQN")" /dev/rd380
nvme disconnect -n "$NQN" >/dev/null
if [ -n "$loop" ]; then
    check "the host connects over loop" joins "$HOST_A" "$NQN" -t loop
    check "what it writes over loop is on the volume" same_data "$(disk_of "$NQN")" /dev/rd380
    nvme disconnect -n "$NQN" >/dev/null
fi

# keys: the kernel's own files tell whether it has them
key="DHHC-1:00:KioqKioqKioqKioqKioqKioqKioqKioqKioqKioqKiqM5sHn:"
if [ -e "$NVMET/hosts/$HOST_A/dhchap_key" ]; then
    check "keys are a feature" grep -qx nvme-auth "$tap_scratch/features"
    check "a host is given one" on_export "$NQN" SetHostKeys 'sa{sv}' "$HOST_A" 1 key s "$key"
    fails "and is refused without it" "" joins "$HOST_A" "$NQN" -t tcp -a 127.0.0.1 -s 4420
else
    check "keys are no feature" not grep -qx nvme-auth "$tap_scratch/features"
    fails "a key is refused: this kernel has none" "$lacks: The NVMe target of this kernel knows no DH-HMAC-CHAP" \
        refused "/exports/$(label "$NQN")" .Export.SetHostKeys "$HOST_A" "{'key': <'$key'>}"
    check "the refusal does not repeat it" not grep -qF "${key:12:20}" "$tap_scratch/out"
fi
tls="The TLS handshake service tlshd"
[ -e "$NVMET/ports/1/addr_tsas" ] || tls="The NVMe target of this kernel knows no TLS"
fails "TLS is refused: $tls" "$lacks: $tls" refused "" .CreatePort 3 tcp 127.0.0.1 "{'tls': <true>, 'service': <'4421'>}"
check "and is no feature" not grep -qx nvme-tls "$tap_scratch/features"

check "the export is removed" on_export "$NQN" Remove 'a{sv}' 0
port_gone 1
port_gone 2
check "the volume can go" on_volume rd380 Remove 'a{sv}' 0
check "nothing is left in the kernel" target_is_empty
check "the target's modules can go" within 60 unload_target
finish
