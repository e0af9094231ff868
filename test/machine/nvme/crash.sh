#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# The service is killed in the midst of making, of removing and of narrowing an export, at each kind of half of it that the
# kernel can be left with: strace ends it as it enters the system call. The next start of the service takes away what was
# begun, and brings a denial to its end. Every single step, before it and after it, is gone through over the simulated kernel
# (test/unit/model/crash.test.ts), where a start costs nothing.
# shellcheck disable=SC2317 # functions are called through check and within
set -eu
# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=nvme.bash
. "$(dirname "$0")/nvme.bash"
need nvme jq busctl strace
load_hosts nvme_tcp
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
deny() {
    on_export "$NQN" DenyHost 'sa{sv}' "$HOST_B" 0
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

# a denial that is cut short in its first and in its last step
while read -r call; do
    check "another host is allowed" on_export "$NQN" AllowHost 'sa{sv}' "$HOST_B" 0
    check "and connects" joins "$HOST_B" "$NQN" -t tcp -a 127.0.0.1 -s 4420
    check "it is denied, killed before $call of the port's link" killed_at "$call" "$NVMET/ports/1/subsystems/$NQN" deny
    check "after the next start it is not allowed" within 120 property_is exports "$NQN" AllowedHosts "[\"$HOST_A\"]"
    check "and is disconnected for good" within 120 not known "$HOST_B" "$NQN"
    check "the export is on its port" test -e "$NVMET/ports/1/subsystems/$NQN"
done <<END
unlink
symlink
END
export_gone "$NQN"
port_gone 1
check "the volume can go" on_volume rd370 Remove 'a{sv}' 0
check "nothing is left in the kernel" target_is_empty
check "the target's modules can go" within 60 unload_target
finish
