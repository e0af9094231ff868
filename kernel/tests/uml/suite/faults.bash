# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# Copyright (C) 2026 The RapidDisk Manager authors
#
# Sourced by the tests here that let allocations fail: only those with a frame of our modules in their call trace, so
# that the programs and the rest of the kernel have their memory.

FAULTS="/sys/kernel/debug/failslab /sys/kernel/debug/fail_page_alloc"

# fault_set NAME VALUE: for both kinds of allocation
fault_set() {
    local directory
    for directory in $FAULTS; do
        if [ -e "$directory/$1" ]; then echo "$2" >"$directory/$1"; fi
    done
}

# faults_aim: where the modules are now, from the lowest to the highest of their addresses
faults_aim() {
    local start end
    read -r start end < <(awk '
        function number(hex,    i, n) {
            for (i = 3; i <= length(hex); i++) n = n * 16 + index("0123456789abcdef", substr(hex, i, 1)) - 1
            return n
        }
        /^rapiddisk/ {
            first = number($6); last = first + $2
            if (!low || first < low) low = first
            if (last > high) high = last
        }
        END { printf "%.0f %.0f\n", low, high }' /proc/modules)
    fault_set require-start "$(printf '0x%x' "$start")"
    fault_set require-end "$(printf '0x%x' "$end")"
    fault_set stacktrace-depth 32
    fault_set ignore-gfp-wait N
    fault_set ignore-gfp-highmem N
    fault_set min-order 0
    fault_set verbose 0
    fault_set task-filter N
    faults_off
}

# faults_on PERCENT: of those allocations fail, wherever they are made
faults_on() {
    fault_set times -1
    fault_set probability "$1"
}

faults_off() {
    fault_set probability 0
}
