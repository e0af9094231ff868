#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# The installed service keeps the D-Bus contract on this very kernel: the promises that it is held to over the simulated one.
set -eu
bundle=/usr/lib/rapiddisk-test/contract-dbus.cjs
if [ ! -f "$bundle" ]; then
    echo "1..1"
    echo "ok 1 - the D-Bus contract # SKIP $bundle is not installed: it comes with 'make'"
    exit 0
fi
systemctl start rapiddiskd.service
exec node "$bundle" "$@"
