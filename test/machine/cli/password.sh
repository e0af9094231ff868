#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# A person at a terminal is asked for a password, once it is needed, and the right one is enough.
set -eu
# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"

need rapiddisk script pkttyagent useradd chpasswd
user=cliasker
useradd --create-home "$user"
at_end userdel --remove --force "$user"
echo "$user:right-password" | chpasswd
# The one administrator who can be asked, so that pkttyagent need not ask which of them is there.
rules=/etc/polkit-1/rules.d/00-cli-test.rules
at_end rm -f "$rules"
echo "polkit.addAdminRule(function () { return [\"unix-user:$user\"]; });" >"$rules"
chmod 644 "$rules"
n=$(rd_free_number)
at_end rd_detach "$n"

# typing PASSWORD: types it whenever somebody may be listening
typing() {
    for _ in $(seq 1 20); do
        sleep 1
        echo "$1"
    done
}

# asked PASSWORD WORDS...: runs the command on a terminal as that user
asked() {
    local password=$1
    shift
    typing "$password" | timeout 60 setpriv --reuid "$user" --regid "$user" --init-groups \
        script -qec "rapiddisk $*; echo ended with \$?" /dev/null || true
}

asked wrong-password volume create 4M --number "$n" >"$tap_scratch/wrong" 2>&1
check "a password is asked for" grep -q "AUTHENTICATING FOR org.rapiddisk.manager.volume-create" "$tap_scratch/wrong"
check "the wrong one is refused: 5" grep -q "ended with 5" "$tap_scratch/wrong"
check "and nothing is made" test ! -e "/sys/block/rd$n"
asked right-password volume create 4M --number "$n" >"$tap_scratch/right" 2>&1
check "the right one is enough" grep -q "Created rd$n, 4 MiB" "$tap_scratch/right"
note "$(tail -n 5 "$tap_scratch/right")"
check "the volume is there" test -b "/dev/rd$n"
fails "without a terminal nobody is asked" "" timeout 20 setpriv --reuid "$user" --regid "$user" --init-groups rapiddisk volume remove "rd$n" </dev/null
check "root is not asked" rapiddisk volume remove "rd$n"
finish
