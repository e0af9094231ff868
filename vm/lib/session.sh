# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
# shellcheck shell=bash
#
# A running guest: waiting for it, commands in it, what it leaves behind.

# ssh_options DIRECTORY: one connection for all commands, to exactly this guest and nobody else.
ssh_options() {
    printf '%s\n' -F none -o "ControlPath=$1/ssh" -o ControlMaster=auto -o ControlPersist=yes -o BatchMode=yes \
        -o "UserKnownHostsFile=$1/known_hosts" -o StrictHostKeyChecking=yes -o "IdentityFile=$1/key" \
        -o IdentitiesOnly=yes -o LogLevel=ERROR -o ConnectTimeout=60 -o ServerAliveInterval=30 \
        -o ServerAliveCountMax=10 -o KexAlgorithms=curve25519-sha256 -o Ciphers=aes128-gcm@openssh.com \
        -o HostKeyAlias=guest -o HostKeyAlgorithms=ssh-ed25519 -p "$(cat "$1/port.ssh")"
}

# guest_within SECONDS DIRECTORY COMMAND...: run in the guest as root; status as there, 124 when the time is up (0: no
# limit), 255 when the guest is not reachable.
guest_within() {
    local seconds=$1 dir=$2 options
    shift 2
    mapfile -t options < <(ssh_options "$dir")
    timeout --foreground "$seconds" ssh "${options[@]}" root@127.0.0.1 "$@"
}

# guest DIRECTORY COMMAND...: the same without a limit.
guest() { guest_within 0 "$@"; }

# wait_ready DIRECTORY BOOTS SECONDS: until the guest has said BOOTS times that it is ready.
wait_ready() {
    local dir=$1 boots=$2 limit=$3 started=$SECONDS count=0
    while :; do
        count=$(grep -c '^ready ' "$dir/ready" 2>/dev/null) || true
        [ "${count:-0}" -ge "$boots" ] && return 0
        if ! qemu_alive "$dir"; then
            say "QEMU ended: $(tail -n 3 "$dir/qemu.log")"
            return 1
        fi
        if [ $((SECONDS - started)) -ge "$limit" ]; then
            say "The guest is not ready after $limit s; the end of its console:"
            tail -n 20 "$dir/console.log" >&2
            return 1
        fi
        sleep 0.1
    done
}

# wait_first_program DIRECTORY: until the guest's kernel has started its first program, which takes some 5 s on an idle host;
# 1 when it has not after half of what a whole boot may take. A QEMU that ended, or a kernel that complains, is for
# wait_ready to tell.
wait_first_program() {
    local started=$SECONDS
    until grep -q -a -F 'vm: the kernel runs its first program' "$1/console.log" 2>/dev/null; do
        qemu_alive "$1" || return 0
        ! grep -q -a -E 'BUG|Oops|WARNING|panic|Call Trace' "$1/console.log" 2>/dev/null || return 0
        [ $((SECONDS - started)) -lt $((OPT_READY_SECONDS / 2)) ] || return 1
        sleep 0.2
    done
}

# find_ports DIRECTORY: which ports of 127.0.0.1 the system gave us.
find_ports() {
    local dir=$1 table port
    table=$(qemu_ask "$dir" "info usernet") || return 1
    for port in ssh:22 cockpit:9090 rest:9118; do
        awk -v guest="${port#*:}" '/HOST_FORWARD/ && $6 == guest { print $4 }' <<<"$table" >"$dir/port.${port%:*}"
        [ -s "$dir/port.${port%:*}" ] || return 1
    done
    printf 'guest %s\n' "$(cut -d' ' -f1,2 "$dir/host_key.pub")" >"$dir/known_hosts"
}

# disconnect DIRECTORY: ends the shared connection.
disconnect() {
    local options
    [ -S "$1/ssh" ] || return 0
    mapfile -t options < <(ssh_options "$1")
    ssh "${options[@]}" -O exit root@127.0.0.1 2>/dev/null || true
}

# processors DIRECTORY: where each of the guest's processors is, asked of QEMU three times: of a guest that neither answers nor
# prints anything, nothing else can be learned. An address of the kernel has its name in /proc/kallsyms of any other start of it.
processors() {
    local look
    for look in 1 2 3; do
        printf 'look %d: %s\n' "$look" "$(qemu_ask "$1" "info status")"
        qemu_ask "$1" "info registers -a" | grep -a -E '^CPU#|\<(RSP|RIP|PC|SP)='
        sleep 0.2
    done
}

# collect DIRECTORY TARGET: brings the logs back. A dead guest leaves its console at least.
collect() {
    local dir=$1 target=$2
    mkdir -p "$target"
    cp "$dir/console.log" "$dir/qemu.log" "$dir/qemu.command" "$target/" 2>/dev/null || true
    if qemu_alive "$dir" && [ -e "$dir/known_hosts" ]; then
        guest_within 90 "$dir" '
            mkdir -p /run/collect
            journalctl -k -b all -o short-monotonic --no-pager >/run/collect/kernel.log 2>/dev/null
            dmesg >/run/collect/dmesg.log
            journalctl -b all --no-pager >/run/collect/journal.log 2>/dev/null
            tar -C /run/collect -cf - . -C /var/log rapiddisk-test 2>/dev/null' |
            tar -C "$target" --no-same-owner -xf - 2>/dev/null && return
        say "The guest did not hand over its logs; its processors:"
        processors "$dir" | tee "$target/processors.log"
    fi
}
