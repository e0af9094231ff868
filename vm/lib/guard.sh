#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# guard.sh OWNER DIRECTORY: waits until the process OWNER ends, then ends the machine in DIRECTORY and removes it. This is
# what cleans up after an owner that was killed with no chance to do so itself. A guest that panics is switched off, so
# that nobody waits for it. A machine without an owner (OWNER is 1) is removed a minute after its QEMU ended.
set -u
owner=$1 dir=$2
trap '' INT TERM HUP
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=qemu.sh
. "$(dirname "$0")/qemu.sh"
# shellcheck source=session.sh
. "$(dirname "$0")/session.sh"

ended=''
while [ -d "$dir" ] && kill -0 "$owner" 2>/dev/null; do
    sleep 1
    [ -z "$ended" ] || continue
    if grep -q -a 'Kernel panic - not syncing' "$dir/console.log" 2>/dev/null; then
        sleep 1
        qemu_stop "$dir"
    fi
    [ ! -e "$dir/restarting" ] || continue
    qemu_alive "$dir" 2>/dev/null && continue
    ended=yes
    [ "$owner" != 1 ] || { sleep "${RAPIDDISK_VM_LINGER:-60}" && break; }
done
[ -d "$dir" ] || exit 0
disconnect "$dir"
# Its number may be another process by now.
[ -n "$ended" ] || qemu_stop "$dir"
rm -rf "$dir"
