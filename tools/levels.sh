# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
# shellcheck shell=bash
#
# Sourced by test.sh and check.sh: runs levels of tests, adds up what their output says, and ends whatever was started when it is ended.
set -uo pipefail
# Every job is a process group of its own. We are never inside of one, so that a signal to us is answered at once.
set -m

passed=0 failed=0 skipped=0
log=$(mktemp)
current='' beside_us=''
# Levels, by the first word of their names: what ends well without counting anything is a pass in these alone …
counts_nothing=(lint)
# … and where everything was skipped, in these (the option --may-skip).
may_skip=()
# The counts in what mocha prints, and in what the project's own scripts do: see level.
# shellcheck disable=SC2034 # read by who sources this
mocha=('[0-9]+ passing' '[0-9]+ failing' '[0-9]+ pending') plain=('[0-9]+ passed' '[0-9]+ failed' '[0-9]+ skipped')

# read_options [--may-skip "LEVEL..."]: options of the command line; ends the script with status 2 for another one.
read_options() {
    while [ $# -gt 0 ]; do
        case $1 in
            --may-skip) read -ra may_skip <<<"${2:?}" && shift 2 ;;
            *) echo "$0: no option $1; --may-skip \"LEVEL...\" is all there is" >&2 && exit 2 ;;
        esac
    done
}

# listed NAME WORD...: whether the first word of the name is one of them
listed() {
    local name=$1 word
    shift
    for word in "$@"; do
        [ "${name%%[ ,]*}" != "$word" ] || return 0
    done
    return 1
}

# tally REGEX_PASSED REGEX_FAILED REGEX_SKIPPED : adds the last number that the level's output gives for each.
tally() {
    local p f s
    p=$(grep -aoE "$1" "$log" | tail -n 1 | grep -oE '[0-9]+' | head -n 1)
    f=$(grep -aoE "$2" "$log" | tail -n 1 | grep -oE '[0-9]+' | head -n 1)
    s=$(grep -aoE "$3" "$log" | tail -n 1 | grep -oE '[0-9]+' | head -n 1)
    passed=$((passed + ${p:-0}))
    failed=$((failed + ${f:-0}))
    skipped=$((skipped + ${s:-0}))
    level_passed=${p:-0} level_failed=${f:-0} level_skipped=${s:-0}
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

# descendants PID: the process and all that it has started, and these
descendants() {
    local child
    echo "$1"
    for child in $(pgrep -P "$1"); do descendants "$child"; done
}

# end_all PID...: ends process groups and all that they started: asked first, and after five seconds not asked any more. The
# guards of virtual machines end by themselves, when they have removed the machine of an owner that is gone.
end_all() {
    local processes process
    mapfile -t processes < <(for process; do descendants "$process"; done)
    kill -TERM "${processes[@]}" "${@/#/-}" 2>/dev/null
    for _ in {1..50}; do
        kill -0 "${processes[@]}" 2>/dev/null || break # all have ended
        sleep 0.1
    done
    kill -KILL "${@/#/-}" 2>/dev/null
    for process in "${processes[@]}"; do
        grep -qsa vm/lib/guard.sh "/proc/$process/cmdline" || kill -KILL "$process" 2>/dev/null
    done
}

finish() {
    trap - EXIT
    trap '' INT TERM HUP
    # shellcheck disable=SC2086 # an empty one must vanish
    [ -z "$current$beside_us" ] || end_all $current $beside_us
    rm -f "$log" "$log".*
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# in_background COMMAND... : starts the work that runs beside the levels; await_background waits for it.
in_background() {
    "$@" </dev/null &
    beside_us=$!
}
await_background() {
    wait "$beside_us"
    beside_us=''
}

# run COMMAND... : streams what it says, into the log as well.
run() {
    local status
    ("$@" 2>&1 | tee "$log") </dev/null &
    current=$!
    wait "$current"
    status=$?
    current=''
    return "$status"
}

# level NAME passed failed skipped COMMAND... : the three regexes find the counts in the output.
level() {
    local name=$1 p=$2 f=$3 s=$4 status started=$SECONDS
    shift 4
    printf '\n== %s\n' "$name"
    run "$@"
    status=$?
    tally "$p" "$f" "$s"
    if [ "$status" != 0 ]; then
        [ "$level_failed" != 0 ] || failed=$((failed + 1))
        printf '%s ended with status %d\n' "$name" "$status"
    elif [ "$level_passed" = 0 ] && [ "$level_failed" = 0 ]; then
        if [ "$level_skipped" = 0 ] && listed "$name" "${counts_nothing[@]}"; then
            passed=$((passed + 1))
        elif [ "$level_skipped" = 0 ] || ! listed "$name" "${may_skip[@]}"; then
            failed=$((failed + 1))
            printf '%s: nothing ran (%d skipped)\n' "$name" "$level_skipped"
        fi
    fi
    printf -- '-- %s: %d s\n' "$name" $((SECONDS - started))
    note_parts "$name" $((SECONDS - started))
}

# note_parts NAME SECONDS: notes how long each part of a level took, or all of it where it told of none.
note_parts() {
    grep -aE '^-- .* [0-9]+ s$' "$log" >>"$log.parts" || printf -- '-- %s: %d s\n' "$1" "$2" >>"$log.parts"
}

# longest: the ten parts that took longest, since that is where time is to be saved.
longest() {
    [ -s "$log.parts" ] || return 0
    printf '\nThe longest parts:\n'
    sed -E 's/^-- (.*[^0-9])([0-9]+) s$/\2 \1/; s/(: [0-9]+ passed, [0-9]+ failed, [0-9]+ skipped)?[:,] $//' "$log.parts" |
        sort -k 1,1nr | head -n 10 | while read -r seconds part; do printf '%5d s  %s\n' "$seconds" "$part"; done
}

# verdict: the last line, and the status
verdict() {
    longest
    printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
    [ "$failed" = 0 ]
}
