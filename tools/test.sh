#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# tools/test.sh [--may-skip "LEVEL..."]: all tests, level by level; each level runs even when an earlier one failed, and the
# last line adds them up. A level in which nothing ran has failed, unless it is named (lint, unit, service, page, machine …).
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=levels.sh
. tools/levels.sh
read_options "$@"

tools/setup.sh node lint unit service page vm kernel-unit || exit 1
run make --no-print-directory all || exit 1

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
    beside smoke-6.1 vm/test-machine --kernel 6.1 --smoke
}
printf '\nBuilding the virtual machines in the background, and testing in them as soon as they are there …\n'
in_background second_line

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
printf '\nWaiting for the other virtual machine …\n'
await_background
level "machine, Linux 6.12: ${there[*]#test/machine/}" "${plain[@]}" replay machine-2
level "machine smoke, Linux 7.2" "${plain[@]}" replay smoke-7.2
level "machine smoke, Linux 6.1" "${plain[@]}" replay smoke-6.1

verdict
