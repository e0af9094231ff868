# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# Sourced by the tests here, after lib.sh. What the command says is compared with what the kernel shows and, through
# busctl, which starts faster in an emulated machine, with the service.

# property volumes|caches NAME PROPERTY: its value as the service has it
property() {
    local label interface=Volume
    label=$(printf '%s' "$2" | sed 's/_/_5f/g; s/-/_2d/g')
    [ "$1" = volumes ] || interface=Cache
    busctl get-property org.rapiddisk.Manager "/org/rapiddisk/Manager/$1/$label" \
        "org.rapiddisk.Manager.$interface" "$3" | cut -d' ' -f2- | tr -d '"'
}

# ends STATUS PROMISE WORDS...: runs rapiddisk with these words; what it printed is in $tap_scratch/said
ends() {
    local wanted=$1 promise=$2 status=0
    shift 2
    rapiddisk "$@" >"$tap_scratch/said" 2>&1 || status=$?
    if [ "$status" = "$wanted" ]; then
        pass "$promise"
    else
        fail "$promise" "rapiddisk $* ended with $status, not $wanted: $(said)"
    fi
}

# said: what rapiddisk printed last
said() {
    cat "$tap_scratch/said"
}

# says PROMISE TEXT: it was in that
says() {
    check "$1" grep -qF -e "$2" "$tap_scratch/said"
}

as_nobody() {
    setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}
