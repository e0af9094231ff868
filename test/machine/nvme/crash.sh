#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# The service is killed right before each step of making and of removing an export: strace ends it as it enters the system
# call. The next start of the service finishes what was begun or takes it away, and what it shows is what the kernel has.
# The service's own program runs here under strace from its first moment, without systemd, whose part in a start is none of
# this test's; the last start is the unit's again.
# shellcheck disable=SC2317 # functions are called through check and within
set -eu
# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=nvme.bash
. "$(dirname "$0")/nvme.bash"
need nvme jq busctl strace
unit=rapiddiskd.service
subsystem=$NVMET/subsystems/$NQN
said=$tap_scratch/said
# As the unit starts it
read -r -a program <<<"$(sed -n 's/^ExecStart=//p' "$(systemctl show -p FragmentPath --value "$unit")")"

# started_to_die CALL PATH: the service runs, and dies when it is about to make that system call
started_to_die() {
    : >"$said"
    strace -f --seccomp-bpf -qq -P "$2" -e trace="$1" -e inject="$1":signal=SIGKILL -o "$tap_scratch/strace" \
        "${program[@]}" </dev/null >/dev/null 2>"$said" &
    tracer=$!
    within 120 grep -q 'serves [0-9]* volumes' "$said"
}

# it_dies COMMAND...: it fails, because the service dies of it
it_dies() {
    if "$@"; then return 1; fi
    within 60 not kill -0 "$tracer" || return
    wait "$tracer" || [ $? = 137 ]
}

# none: neither in the kernel nor on the bus is there anything of the export
none() {
    [ ! -d "$subsystem" ] && [ ! -d "$NVMET/hosts/$HOST_A" ] && [ ! -e "$NVMET/ports/1/subsystems/$NQN" ] &&
        [ "$(manager ListExports)" = "aa{sv} 0" ] &&
        [ "$(property volumes rd370 InUse)" = false ]
}
make() {
    manager CreateExport 'sa{sv}' rd370 3 nqn s "$NQN" ports as 1 1 hosts as 1 "$HOST_A"
}
unmake() {
    on_export "$NQN" Remove 'a{sv}' 0
}
# systemd_again: whatever ran here is ended, and systemd may start the service
systemd_again() {
    kill "$tracer" 2>/dev/null || true
    wait "$tracer" 2>/dev/null || true
    systemctl unmask --runtime "$unit"
    systemctl start "$unit"
}

check "the target is loaded" load_target
volume 370 16M
check "a port" port 1 tcp 127.0.0.1
at_end export_gone "$NQN"
# Nobody but this test starts it now.
systemctl stop "$unit"
systemctl mask --runtime "$unit" 2>/dev/null
tracer=
at_end systemd_again

while read -r what call path; do
    check "the service starts" started_to_die "$call" "$path"
    check "nothing of the export is there" none
    [ "$what" = make ] || check "it is made" make
    check "$what, killed before $call of ${path#"$NVMET"/}" it_dies "$what"
    [ "$what" = unmake ] || [ "$call" = mkdir ] || check "half of it is left" test -d "$subsystem"
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
check "systemd starts it" systemd_again
check "nothing of the export is there" none
check "and one can be made" make
is "which the bus shows" "$(property exports "$NQN" Enabled)" true
export_gone "$NQN"
port_gone 1
check "the volume can go" on_volume rd370 Remove 'a{sv}' 0
check "nothing is left in the kernel" target_is_empty
check "the target's modules can go" within 60 unload_target
finish
