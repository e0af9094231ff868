#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# The service is killed before each single step that it takes in the kernel's target to make an export, to remove it and to
# deny a host: strace ends it as it enters the system call. The next start of the service takes away what was begun, and
# brings a denial to its end. Which steps there are is not written here: they are listened to once. Everything else that
# takes steps is killed before and after each over the simulated kernel (test/unit/model/crash.test.ts), where a start costs nothing.
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

# traced OPTION...: starts strace with them on the service; $tracer
traced() {
    local pid
    pid=$(systemctl show -p MainPID --value "$unit")
    strace -f -qq -p "$pid" "$@" -o "$tap_scratch/strace" &
    tracer=$!
    within 120 followed "$pid" "$tracer"
}

# steps_of COMMAND...: runs it, and prints what the service does to the target: system call, path, and how often it did so
steps_of() {
    traced -y -e trace=mkdir,rmdir,symlink,unlink,write,pwrite64 || return
    "$@" >"$tap_scratch/called" 2>&1 || { cat "$tap_scratch/called" && return 1; }
    kill "$tracer"
    wait "$tracer" || true
    sed -n -E "s#^[0-9]+ +(mkdir|rmdir|unlink)\(\"($NVMET/[^\"]*)\".*#\1 \2#p
        s#^[0-9]+ +(symlink)\(\"[^\"]*\", \"($NVMET/[^\"]*)\".*#\1 \2#p
        s#^[0-9]+ +(write|pwrite64)\([0-9]+<($NVMET/[^>]*)>.*#\1 \2#p" "$tap_scratch/strace" | awk '{ print $0, ++n[$0] }'
}

# killed_at SYSCALL PATH TIME COMMAND...: runs the command with the service dying when it is about to do that for the TIMEth
# time; 1 when it lived on
killed_at() {
    local call=$1 path=$2 time=$3 pid
    shift 3
    pid=$(systemctl show -p MainPID --value "$unit")
    traced -P "$path" -e trace="$call" -e inject="$call:signal=SIGKILL:when=$time" || return
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
    manager CreateExport 'sa{sv}' rd370 4 nqn s "$NQN" ports as 1 1 hosts as 1 "$HOST_A" no-key b true
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

# before_each STEPS FUNCTION: for each step of the list, what the function promises about a kill before it
before_each() {
    local call path time
    note "$(wc -l <"$1") steps"
    while read -r call path time; do
        "$2" "$call" "$path" "$time" "$call of ${path#"$NVMET"/}$([ "$time" = 1 ] || echo ", time $time")"
    done <"$1"
}

steps_of make >"$tap_scratch/make"
steps_of unmake >"$tap_scratch/unmake"
# Half of the truth would pass too: the list must hold what no export can do without.
for step in "mkdir $subsystem 1" "mkdir $subsystem/namespaces/1 1" "symlink $NVMET/ports/1/subsystems/$NQN 1"; do
    check "${step%% *} is one of the steps" grep -qxF "$step" "$tap_scratch/make"
    step=${step/mkdir/rmdir} step=${step/symlink/unlink}
    check "and ${step%% *} its undoing" grep -qxF "$step" "$tap_scratch/unmake"
done
in_the_making() {
    check "made, killed before $4" killed_at "$1" "$2" "$3" make
    check "nothing of it is there after the next start" within 120 none
}
before_each "$tap_scratch/make" in_the_making
in_the_removal() {
    check "an export" make
    check "removed, killed before $4" killed_at "$1" "$2" "$3" unmake
    check "nothing of it is there after the next start" within 120 none
}
before_each "$tap_scratch/unmake" in_the_removal

# A denial disconnects by taking the port's link away for a moment.
check "one can be made" make
is "which the bus shows" "$(property exports "$NQN" Enabled)" true
allow() {
    on_export "$NQN" AllowHost 'sa{sv}' "$HOST_B" 1 no-key b true
}
check "another host is allowed" allow
steps_of deny >"$tap_scratch/deny"
check "a denial unlinks the port" grep -qxF "unlink $NVMET/ports/1/subsystems/$NQN 1" "$tap_scratch/deny"
in_the_denial() {
    check "another host is allowed" allow
    check "and connects" joins "$HOST_B" "$NQN" -t tcp -a 127.0.0.1 -s 4420
    check "it is denied, killed before $4" killed_at "$1" "$2" "$3" deny
    check "after the next start it is not allowed" within 120 property_is exports "$NQN" AllowedHosts "[\"$HOST_A\"]"
    check "and is disconnected for good" within 120 not known "$HOST_B" "$NQN"
    check "the export is on its port" test -e "$NVMET/ports/1/subsystems/$NQN"
}
before_each "$tap_scratch/deny" in_the_denial
export_gone "$NQN"
port_gone 1
check "the volume can go" on_volume rd370 Remove 'a{sv}' 0
check "nothing is left in the kernel" target_is_empty
check "the target's modules can go" within 60 unload_target
finish
