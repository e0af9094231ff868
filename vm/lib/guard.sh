#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# guard.sh OWNER DIRECTORY: waits until OWNER or the machine in DIRECTORY ends, then removes what is left of it. This is
# what cleans up after an owner that was killed with no chance to do so itself.
set -u
owner=$1 dir=$2
trap '' INT TERM HUP
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=qemu.sh
. "$(dirname "$0")/qemu.sh"
# shellcheck source=session.sh
. "$(dirname "$0")/session.sh"
while [ -d "$dir" ] && kill -0 "$owner" 2>/dev/null; do
    sleep 1
done
[ -d "$dir" ] || exit 0
disconnect "$dir"
qemu_stop "$dir"
rm -rf "$dir"
