#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# The service's kernel adapter keeps its promises on this very kernel: the table that the simulated kernel is held to.
# The bundle is looked for beside the tests; without it the file is skipped, and says so.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
found=
for bundle in "${RAPIDDISK_CONTRACT_KERNEL:-}" "$here/../../contract-kernel.cjs" /usr/lib/rapiddisk-test/contract-kernel.cjs; do
    if [ -f "$bundle" ]; then
        found=$bundle
        break
    fi
done
if [ -z "$found" ]; then
    echo "1..1"
    echo "ok 1 - kernel contract # SKIP contract-kernel.cjs is not installed beside the tests"
    exit 0
fi
modprobe rapiddisk
exec node "$found" "$@"
