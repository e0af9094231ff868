#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# All tests, level by level; each level runs even when an earlier one failed, and the last line adds them up.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

passed=0 failed=0 skipped=0
log=$(mktemp)
trap 'rm -f "$log" "$log.vm"' EXIT

# tally REGEX_PASSED REGEX_FAILED REGEX_SKIPPED : adds the last number that the level's output gives for each.
tally() {
    local p f s
    p=$(grep -aoE "$1" "$log" | tail -n 1 | grep -oE '[0-9]+' | head -n 1)
    f=$(grep -aoE "$2" "$log" | tail -n 1 | grep -oE '[0-9]+' | head -n 1)
    s=$(grep -aoE "$3" "$log" | tail -n 1 | grep -oE '[0-9]+' | head -n 1)
    passed=$((passed + ${p:-0}))
    failed=$((failed + ${f:-0}))
    skipped=$((skipped + ${s:-0}))
    level_passed=${p:-0} level_failed=${f:-0}
}

# level NAME passed failed skipped COMMAND... : the three regexes find the counts in the output.
level() {
    local name=$1 p=$2 f=$3 s=$4 status started=$SECONDS
    shift 4
    printf '\n== %s\n' "$name"
    "$@" 2>&1 | tee "$log"
    status=${PIPESTATUS[0]}
    tally "$p" "$f" "$s"
    if [ "$status" != 0 ] && [ "$level_failed" = 0 ]; then
        failed=$((failed + 1))
        printf '%s ended with status %d\n' "$name" "$status"
    elif [ "$status" = 0 ] && [ "$level_passed" = 0 ]; then
        passed=$((passed + 1)) # a level that counts nothing itself is one check
    fi
    printf -- '-- %s: %d s\n' "$name" $((SECONDS - started))
}

tools/setup.sh node lint service vm kernel-unit || exit 1
make --no-print-directory all || exit 1

mocha=('[0-9]+ passing' '[0-9]+ failing' '[0-9]+ pending')
plain=('[0-9]+ passed' '[0-9]+ failed' '[0-9]+ skipped')
# The virtual machines' images are built beside the first levels; whatever goes wrong there, the machine level meets again.
printf '\nBuilding the virtual machines in the background …\n'
(for kernel in 6.12 6.1 7.2; do vm/prepare --kernel "$kernel"; done) >"$log.vm" 2>&1 &
images=$!

level "lint" "${plain[@]}" make --no-print-directory lint
level "unit" "${mocha[@]}" npx mocha
level "kernel logic in user space" "${plain[@]}" make --no-print-directory -C kernel/tests
printf '\nWaiting for the virtual machines …\n'
wait "$images" || cat "$log.vm"
level "service" "${mocha[@]}" npx mocha --config .mocharc.service.json
level "machine, Linux 6.12" "${plain[@]}" vm/test-machine
for kernel in 6.1 7.2; do
    level "machine smoke, Linux $kernel" "${plain[@]}" vm/test-machine --kernel "$kernel" --smoke
done

printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" = 0 ]
