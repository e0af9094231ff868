# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
# shellcheck shell=bash
#
# What is to be run: lines "suite<TAB>test<TAB>device<TAB>filesystem<TAB>reason"; with a reason it is a skip.

SUITES_SKIP=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)/skip.txt

mapfile -t SKIP_LINES < <(grep -v -e '^#' -e '^$' "$SUITES_SKIP")

# skip_reason SUITE TEST DEVICE: sets REASON to why the list in the tree leaves it out; to nothing when it does not.
skip_reason() {
    local line name device
    for line in "${SKIP_LINES[@]}"; do
        read -r name device REASON <<<"$line"
        # shellcheck disable=SC2053 # patterns
        [[ "$1/$2" == $name && $3 == $device ]] && return
    done
    REASON=''
}

# plan_line SUITE TEST DEVICE FILESYSTEM [REASON]
plan_line() {
    REASON=${5:-}
    [ -n "$REASON" ] || skip_reason "$1" "$2" "$3"
    printf '%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" "$REASON"
}

# blktests_own FILE: why a test of blktests is not about our devices, which its file tells; nothing when it is.
blktests_own() {
    case $1 in
        */nvme/*) grep -q -E '^test\(\)' "$1" || echo "wants an NVMe disk, and gets it from PCI" ;;
        *) grep -q -E '^test_device\(\)' "$1" || echo "makes devices of its own, ours are not in it" ;;
    esac
}

# suites_plan BUILT DEVICES: the whole plan. BUILT holds the compiled suites.
suites_plan() {
    local built=$1 devices=$2 device test file
    for device in $devices; do
        for test in fsx fsx-direct fsx-aio fsstress; do
            if [ -d "$built/xfstests" ]; then
                plan_line files "$test" "$device" ext4-1k
            else
                plan_line files "$test" "$device" ext4-1k "there is no xfstests, which has it"
            fi
        done
    done
    for device in $devices; do
        [ "$device" != around ] || continue
        [ -d "$built/blktests" ] || plan_line blktests "everything" "$device" - "there is no checkout of blktests"
        for file in "$built"/blktests/tests/{block,dm,nvme}/[0-9]*; do
            case $file in *.out | *\**) continue ;; esac
            test=${file#"$built"/blktests/tests/}
            plan_line blktests "$test" "$device" - "$(blktests_own "$file")"
        done
    done
    for device in $devices; do
        [ -d "$built/xfstests" ] || plan_line xfstests "everything" "$device" - "there is no checkout of xfstests"
        for test in $(awk '/^[0-9]/ && / quick( |$)/ { print "generic/" $1 }' "$built/xfstests/tests/generic/group.list" 2>/dev/null); do
            case $device in
                cache) plan_line xfstests "$test" cache ext4 ;;
                around) plan_line xfstests "$test" around ext4-1k ;;
                rd) plan_line xfstests "$test" rd xfs ;;
            esac
        done
    done
}

# chosen SUITE TEST WORDS...: a word is a suite, a group ("block"), or a test ("block/003", "fsx"). No word: everything.
chosen() {
    local suite=$1 test=$2 word
    shift 2
    [ $# -gt 0 ] || return 0
    for word in "$@"; do
        case $word in "$suite" | "${test%%/*}" | "$test") return 0 ;; esac
    done
    return 1
}
