#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# All tests, level by level; each level runs even when an earlier one failed, and the last line adds them up.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

passed=0 failed=0 skipped=0
log=$(mktemp)

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

# beside NAME COMMAND... : runs it while others stream; its output waits for replay NAME.
beside() {
    local name=$1 began=$SECONDS
    shift
    "$@" >"$log.$name" 2>&1
    printf '%d %d\n' $? $((SECONDS - began)) >"$log.$name.end"
}
replay() {
    local status=1 took=0
    cat "$log.$1"
    read -r status took <"$log.$1.end"
    printf 'ran beside the others for %d s\n' "$took"
    return "$status"
}

# What still runs beside us ends with us: the shell that would start more, then what it started.
finish() {
    local children
    trap - EXIT
    if [ -n "$running" ]; then
        mapfile -t children < <(pgrep -P "$running")
        kill "$running" "${children[@]}" 2>/dev/null
    fi
    rm -f "$log" "$log".*
}
running=''
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

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

tools/setup.sh node lint service page vm kernel-unit || exit 1
make --no-print-directory all || exit 1

mocha=('[0-9]+ passing' '[0-9]+ failing' '[0-9]+ pending')
plain=('[0-9]+ passed' '[0-9]+ failed' '[0-9]+ skipped')
# Beside what runs in the foreground, a second line of work, since two processors is what we count on: the virtual machines'
# images first (whatever goes wrong there, the machine level meets again), then one half of test/machine in one of them.
here=() there=()
for path in test/machine/*/; do
    case $path in
        */cache/ | */nvme/ | */ramdisk/) there+=("$path") ;;
        *) here+=("$path") ;;
    esac
done
images() {
    local kernel
    for kernel in 6.12 6.1 7.2; do vm/prepare --kernel "$kernel" || return; done
}
second_line() {
    beside images images
    beside machine-2 vm/test-machine "${there[@]}"
    beside smoke-7.2 vm/test-machine --kernel 7.2 --smoke
}
printf '\nBuilding the virtual machines in the background, and testing in them as soon as they are there …\n'
second_line &
running=$!

level "lint" "${plain[@]}" make --no-print-directory lint
level "unit" "${mocha[@]}" npx mocha
level "kernel logic in user space" "${plain[@]}" make --no-print-directory -C kernel/tests
# Needs of what is built in the background only the userland, which comes first.
page() { vm/prepare --userland && npx mocha --config .mocharc.page.json; }
level "page, in a browser" "${mocha[@]}" page
level "service" "${mocha[@]}" npx mocha --config .mocharc.service.json
printf '\nWaiting for the virtual machines …\n'
until [ -e "$log.images.end" ]; do sleep 1; done
replay images >"$log" 2>&1 || cat "$log"
level "machine, Linux 6.12: ${here[*]#test/machine/}" "${plain[@]}" vm/test-machine "${here[@]}"
level "machine, the page in a browser" "${mocha[@]}" test/page/vm/run
level "machine smoke, Linux 6.1" "${plain[@]}" vm/test-machine --kernel 6.1 --smoke
printf '\nWaiting for the other virtual machine …\n'
wait "$running"
running=''
level "machine, Linux 6.12: ${there[*]#test/machine/}" "${plain[@]}" replay machine-2
level "machine smoke, Linux 7.2" "${plain[@]}" replay smoke-7.2

printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" = 0 ]
