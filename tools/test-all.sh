#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# tools/test-all.sh [--may-skip "LEVEL..."] [-- CHECKOUTS]: what `make test` runs, and what takes too long for it: every kernel,
# the sanitizer kernels, planted faults, the kernel's memory model, packages on new systems, and the suites that others wrote
# when CHECKOUTS has them.
# docs/testing.md says what each part proves, and keeps its last result.
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=levels.sh
. tools/levels.sh
options=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do options+=("$1") && shift; done
read_options "${options[@]}"
checkouts=${2-}

tools/setup.sh node sanitize deb vm ${checkouts:+suites} || exit 1

suites() {
    if [ -n "$checkouts" ]; then
        test/suites/run "$checkouts"
    else
        echo "ok - suites that others wrote # SKIP no checkouts are named: SUITES=DIR"
        echo "0 passed, 0 failed, 1 skipped"
    fi
}
[ -n "$checkouts" ] || may_skip+=(suites)

level "test" "${plain[@]}" tools/test.sh
level "kernels" "${plain[@]}" vm/test-kernels
level "sanitizer kernel" "${plain[@]}" kernel/tests/uml/run
level "races, KCSAN" "${plain[@]}" kernel/tests/uml/run --kcsan
level "mutants" "${plain[@]}" kernel/tests/uml/run --mutants
level "mutants, KCSAN" "${plain[@]}" kernel/tests/uml/run --kcsan --mutants
level "litmus" "${plain[@]}" kernel/tests/litmus/run --build
level "packages" "${plain[@]}" packaging/test/run
level "suites" "${plain[@]}" suites

verdict
