# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
# shellcheck shell=bash
#
# Sourced by both parts of the test: promises as TAP lines, and what an installation leaves behind.

tap_count=0 tap_failed=0

# check PROMISE COMMAND...: kept when the command succeeds
check() {
    local promise=$1
    shift
    tap_count=$((tap_count + 1))
    if "$@" >/tmp/check.out 2>&1; then
        printf 'ok %d - %s\n' "$tap_count" "$promise"
    else
        tap_failed=$((tap_failed + 1))
        printf 'not ok %d - %s\n' "$tap_count" "$promise"
        tail -n 30 /tmp/check.out | sed 's/^/# /'
    fi
}

# files FILE: every path of the system but those that change by themselves, or belong to the package manager, to DKMS (its
# signing key), to depmod or to sysusers (its backups).
files() {
    find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /root -o -path /work \
        -o -path /var/log -o -path /var/cache -o -path /var/tmp -o -path /var/lib/dpkg -o -path /var/lib/apt \
        -o -path /var/lib/systemd -o -path /var/lib/dkms -o -path '/usr/lib/modules/*/modules.*' -o -path '/etc/*-' -o -path /etc/.pwd.lock -o -path /usr/lib/rapiddisk-test \) -prune -o -print | LC_ALL=C sort >"$1"
}

# same BEFORE AFTER: no path more, none less
same() {
    diff "$1" "$2"
}

finish() {
    printf '1..%d\n' "$tap_count"
    [ "$tap_failed" = 0 ]
}
