#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# The service is killed right before each step of making and of removing an export: strace ends it as it enters the system
# call. The next start of the service finishes what was begun or takes it away, and what it shows is what the kernel has.
# shellcheck disable=SC2317 # functions are called through check and within
set -eu
# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=nvme.bash
. "$(dirname "$0")/nvme.bash"
need nvme jq busctl strace
unit=rapiddiskd.service
subsystem=$NVMET/subsystems/$NQN

# main_pid: of the service, once it answers
main_pid() {
    manager ListPorts >/dev/null
    systemctl show -p MainPID --value "$unit"
}

# killed_at SYSCALL PATH COMMAND...: runs the command with the service dying when it is about to do that; 1 when it lived on
killed_at() {
    local call=$1 path=$2 pid tracer
    shift 2
    pid=$(main_pid)
    strace -f -qq -p "$pid" -P "$path" -e trace="$call" -e inject="$call":signal=SIGKILL -o "$tap_scratch/strace" &
    tracer=$!
    within 30 grep -q "^TracerPid:[[:space:]]*$tracer" "/proc/$pid/status" || return
    "$@" >"$tap_scratch/called" 2>&1 || true
    if within 10 not test -e "/proc/$pid"; then
        wait "$tracer" || true
        return 0
    fi
    kill "$tracer"
    wait "$tracer" || true
    cat "$tap_scratch/called"
    return 1
}

# whole: nothing of the export, or all of it, and the bus says the same
whole() {
    if [ -d "$subsystem" ]; then
        property_is exports "$NQN" Enabled true && property_is exports "$NQN" AllowedHosts "[\"$HOST_A\"]" &&
            property_is exports "$NQN" Ports '["/org/rapiddisk/Manager/ports/1"]' && [ -L "$NVMET/ports/1/subsystems/$NQN" ] &&
            [ "$(cat "$subsystem/namespaces/1/enable")" = 1 ]
    else
        [ ! -d "$NVMET/hosts/$HOST_A" ] && [ -z "$(property exports "$NQN" Nqn 2>/dev/null)" ] && manager ListExports >/dev/null
    fi
}
make() {
    manager CreateExport 'sa{sv}' rd370 3 nqn s "$NQN" ports as 1 1 hosts as 1 "$HOST_A"
}
unmake() {
    on_export "$NQN" Remove 'a{sv}' 0
}

check "the target is loaded" load_target
volume 370 16M
# Each step kills the service once; systemd would give up after a few in a row.
mkdir -p "/run/systemd/system/$unit.d"
printf '[Unit]\nStartLimitIntervalSec=0\n[Service]\nRestartSec=100ms\n' >"/run/systemd/system/$unit.d/crash-test.conf"
systemctl daemon-reload
at_end systemctl daemon-reload
at_end rm -r "/run/systemd/system/$unit.d"
check "a port" port 1 tcp 127.0.0.1
at_end export_gone "$NQN"

while read -r what call path; do
    case $what in
        make) [ ! -d "$subsystem" ] || unmake >/dev/null ;;
        unmake) [ -d "$subsystem" ] || make >/dev/null ;;
    esac
    check "$what, killed before $call of ${path#"$NVMET"/}" killed_at "$call" "$path" "$what"
    check "is whole or gone after the next start" within 90 whole
done <<END
make mkdir $NVMET/hosts/$HOST_A
make mkdir $subsystem
make write $subsystem/attr_serial
make symlink $subsystem/allowed_hosts/$HOST_A
make mkdir $subsystem/namespaces/1
make write $subsystem/namespaces/1/device_path
make write $subsystem/namespaces/1/device_uuid
make write $subsystem/namespaces/1/enable
make symlink $NVMET/ports/1/subsystems/$NQN
unmake unlink $NVMET/ports/1/subsystems/$NQN
unmake write $subsystem/namespaces/1/enable
unmake rmdir $subsystem/namespaces/1
unmake unlink $subsystem/allowed_hosts/$HOST_A
unmake rmdir $subsystem
unmake rmdir $NVMET/hosts/$HOST_A
END
export_gone "$NQN"
port_gone 1
check "the volume can go" on_volume rd370 Remove 'a{sv}' 0
check "nothing is left in the kernel" target_is_empty
check "the target's modules can go" within 60 unload_target
finish
