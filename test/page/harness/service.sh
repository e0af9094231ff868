#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# What the bus of the tree starts when somebody calls the service, as systemd does on a real host: the service over a
# simulated kernel. A file `refuse` makes it fail.
share=/run/rapiddisk-test
[ ! -e "$share/refuse" ] || exit 1
umask 022
mkdir -p "$share/state" "$share/runtime"
exec /usr/bin/node --max-semi-space-size=4 --max-old-space-size=64 --optimize-for-size --v8-pool-size=1 /usr/lib/rapiddisk/rapiddiskd.cjs --sim \
    --sim-state "$share/kernel.json" --sim-control "$share/control" --state-dir "$share/state" \
    --runtime-dir "$share/runtime" 2>>"$share/service.log"
