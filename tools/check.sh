#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# tools/check.sh [--may-skip "LEVEL..."]: what to run before each commit: lint, unit and service level, without a browser or a
# virtual machine. Lint runs beside the others, so that two processors take less than five minutes.
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=levels.sh
. tools/levels.sh
read_options "$@"

tools/setup.sh node lint unit service || exit 1
run make --no-print-directory all || exit 1

lint_beside() { beside lint make --no-print-directory lint; }
in_background lint_beside

level "unit" "${mocha[@]}" npx mocha --reporter dot
level "service" "${mocha[@]}" npx mocha --config .mocharc.service.json --reporter dot
await_background
level "lint" "${plain[@]}" replay lint

verdict
