#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# The service is killed in the midst of making and of removing an export, at each kind of half of it that the kernel can be
# left with: strace ends it as it enters the system call. The next start of the service takes away what was begun. Every
# single step, before it and after it, is gone through over the simulated kernel (test/unit/model/crash.test.ts), where a
# start costs nothing.
# shellcheck disable=SC2317 # functions are called through check and within
set -eu
# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=nvme.bash
. "$(dirname "$0")/nvme.bash"
need nvme jq busctl strace
unit=rapiddiskd.service
subsystem=$NVMET/subsystems/$NQN

# killed_at SYSCALL PATH COMMAND...: runs the command with the service dying when it is about to do that; 1 when it lived on
killed_at() {
    local call=$1 path=$2 pid tracer
    shift 2
    pid=$(systemctl show -p MainPID --value "$unit")
    strace -f -qq -p "$pid" -P "$path" -e trace="$call" -e inject="$call":signal=SIGKILL -o "$tap_scratch/strace" &
    tracer=$!
    within 120 grep -q "^TracerPid:[[:space:]]*$tracer" "/proc/$pid/status" || return
    if "$@" >"$tap_scratch/called" 2>&1 || ! within 60 not test -e "/proc/$pid"; then
        kill "$tracer"
        cat "$tap_scratch/called"
        return 1
    fi
    wait "$tracer" || true
}

# none: neither in the kernel nor on the bus is there anything of the export
none() {
    [ ! -d "$subsystem" ] && [ ! -d "$NVMET/hosts/$HOST_A" ] && [ ! -e "$NVMET/ports/1/subsystems/$NQN" ] &&
        [ "$(manager ListExports)" = "aa{sv} 0" ]
}
make() {
    manager CreateExport 'sa{sv}' rd370 3 nqn s "$NQN" ports as 1 1 hosts as 1 "$HOST_A"
}
unmake() {
    on_export "$NQN" Remove 'a{sv}' 0
}

check "the target is loaded" load_target
volume 370 16M
check "a port" port 1 tcp 127.0.0.1
at_end export_gone "$NQN"
# Each step kills the service once; systemd would give up after a few in a row.
mkdir -p "/run/systemd/system/$unit.d"
printf '[Unit]\nStartLimitIntervalSec=0\n[Service]\nRestartSec=10ms\n' >"/run/systemd/system/$unit.d/crash-test.conf"
systemctl daemon-reload
at_end systemctl daemon-reload
at_end rm -r "/run/systemd/system/$unit.d"

while read -r what call path; do
    [ "$what" = make ] || check "an export" make
    check "$what, killed before $call of ${path#"$NVMET"/}" killed_at "$call" "$path" "$what"
    check "nothing of it is there after the next start" within 120 none
done <<END
make mkdir $subsystem
make mkdir $subsystem/namespaces/1
make write $subsystem/namespaces/1/enable
make symlink $NVMET/ports/1/subsystems/$NQN
unmake unlink $NVMET/ports/1/subsystems/$NQN
unmake write $subsystem/namespaces/1/enable
unmake rmdir $subsystem/namespaces/1
unmake rmdir $NVMET/hosts/$HOST_A
END
check "one can be made" make
is "which the bus shows" "$(property exports "$NQN" Enabled)" true
export_gone "$NQN"
port_gone 1
check "the volume can go" on_volume rd370 Remove 'a{sv}' 0
check "nothing is left in the kernel" target_is_empty
check "the target's modules can go" within 60 unload_target
finish
