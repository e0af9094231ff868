# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# Sourced by every test/machine/*/*.sh. A test prints TAP lines: "ok N - promise",
# "not ok N - promise" with what was seen on "# " lines below, "ok N - promise
# # SKIP why", and the plan "1..N" at its end. The exit status is 1 when a promise
# was broken, so that a runner needs no TAP parser.
#
#	. "$(dirname "$0")/../lib.sh"
#	rd_attach 16M                          # $RD is the number, removed at the end
#	check "the disk is there" test -b "/dev/rd$RD"
#	is "nothing is used" "$(rd_used "$RD")" 0
#	fails "a second attach is refused" "File exists" mgmt attach "$RD" 4096
#	finish

export LC_ALL=C
tap_count=0
tap_failed=0
tap_skipped=0
tap_finished=0
tap_cleanup=()
tap_scratch=$(mktemp -d)
# shellcheck disable=SC2034 # for the tests
PAGE=$(getconf PAGESIZE) # 4096, or 16384 on some arm64: what a RAM disk takes and gives back at a time
# shellcheck disable=SC2034 # for the tests
MGMT=/sys/kernel/rapiddisk/mgmt
DEVICES=/sys/kernel/rapiddisk/devices

# note TEXT...: a diagnostic line
note() {
    printf '%s\n' "$*" | sed 's/^/# /'
}

# pass PROMISE
pass() {
    tap_count=$((tap_count + 1))
    printf 'ok %d - %s\n' "$tap_count" "$1"
}

# fail PROMISE [WHAT WAS SEEN]
fail() {
    tap_count=$((tap_count + 1))
    tap_failed=$((tap_failed + 1))
    printf 'not ok %d - %s\n' "$tap_count" "$1"
    if [ -n "${2:-}" ]; then note "$2"; fi
}

# skip PROMISE WHY: counted, and said
skip() {
    tap_count=$((tap_count + 1))
    tap_skipped=$((tap_skipped + 1))
    printf 'ok %d - %s # SKIP %s\n' "$tap_count" "$1" "$2"
}

# check PROMISE COMMAND...: kept when the command succeeds
check() {
    local promise=$1
    shift
    if "$@" >"$tap_scratch/out" 2>&1; then
        pass "$promise"
    else
        fail "$promise" "status $?: $*
$(tail -n 20 "$tap_scratch/out")"
    fi
}

# fails PROMISE TEXT COMMAND...: kept when the command fails and says TEXT (an errno's
# text, or part of a message; empty: any failure)
fails() {
    local promise=$1 text=$2
    shift 2
    if "$@" >"$tap_scratch/out" 2>&1; then
        fail "$promise" "succeeded: $*"
    elif ! grep -qF -e "$text" "$tap_scratch/out"; then
        fail "$promise" "wanted \"$text\": $*
$(tail -n 20 "$tap_scratch/out")"
    else
        pass "$promise"
    fi
}

# is PROMISE GOT WANTED
is() {
    if [ "$2" = "$3" ]; then
        pass "$1"
    else
        fail "$1" "got \"$2\", wanted \"$3\""
    fi
}

# becomes PROMISE WANTED COMMAND...: what the command prints is WANTED, within 20 s
becomes() {
    local promise=$1 wanted=$2 i
    shift 2
    for i in $(seq 100); do
        [ "$("$@")" = "$wanted" ] && break
        sleep 0.2
    done
    is "$promise" "$("$@")" "$wanted"
}

# at_least PROMISE GOT WANTED; at_most PROMISE GOT WANTED: whole numbers
at_least() {
    if [ "$2" -ge "$3" ]; then pass "$1"; else fail "$1" "got $2, wanted at least $3"; fi
}
at_most() {
    if [ "$2" -le "$3" ]; then pass "$1"; else fail "$1" "got $2, wanted at most $3"; fi
}

# at_end COMMAND...: run when the test ends, the last given first
at_end() {
    tap_cleanup+=("$(printf '%q ' "$@")")
}

tap_end() {
    local status=$? i
    for ((i = ${#tap_cleanup[@]} - 1; i >= 0; i--)); do
        eval "${tap_cleanup[i]}" >/dev/null 2>&1 || true
    done
    rm -rf "$tap_scratch"
    if [ "$tap_finished" = 0 ]; then
        printf 'not ok %d - the test ran to its end\n' $((tap_count + 1))
        note "it stopped early with status $status"
        exit 1
    fi
}
trap tap_end EXIT

# finish: the plan, and the exit status
finish() {
    tap_finished=1
    printf '1..%d\n' "$tap_count"
    if [ "$tap_skipped" -gt 0 ]; then note "$tap_skipped skipped"; fi
    if [ "$tap_failed" -gt 0 ]; then
        note "$tap_failed of $tap_count broken"
        exit 1
    fi
    exit 0
}

# skip_all WHY: for a whole file that cannot run here
skip_all() {
    skip "$(basename "$0" .sh)" "$1"
    finish
}

# need COMMAND...: skip the whole file when a command is missing
need() {
    local c
    for c in "$@"; do
        command -v "$c" >/dev/null || skip_all "$c is not installed"
    done
}

# bytes 16M -> 16777216
bytes() {
    numfmt --from=iec "$1"
}

# mgmt WORDS...: one command to the RAM disk module. bash prints the errno's text.
mgmt() {
    printf 'rapiddisk %s\n' "$*" >"$MGMT"
}

# rd_free_number: the lowest number from 100 up that is not attached
rd_free_number() {
    local n=100
    while [ -e "/sys/block/rd$n" ]; do n=$((n + 1)); done
    echo "$n"
}

# rd_detach N: patient, for udev may still look at it
rd_detach() {
    local i
    for i in 1 2 3 4 5; do
        mgmt detach "$1" 2>/dev/null && return 0
        [ -e "/sys/block/rd$1" ] || return 0
        sleep 0.2
    done
    mgmt detach "$1"
}

# rd_attach SIZE [OPTIONS]: sets RD; the disk goes when the test ends
rd_attach() {
    local size
    size=$(bytes "$1")
    shift
    RD=$(rd_free_number)
    mgmt attach "$RD" "$size" "$@" || return
    at_end rd_detach "$RD"
    rd_settle
}

# rd_settle: wait until udev has made the nodes and let go of them
rd_settle() {
    if command -v udevadm >/dev/null && [ -S /run/udev/control ]; then
        udevadm settle -t 30 || true
    fi
}

# unmount DIRECTORY: patient, for udisks looks into a file system that was just mounted (xfs_info opens its root)
unmount() {
    local i
    for i in $(seq 100); do
        umount "$1" 2>"$tap_scratch/unmount" && return 0
        grep -q busy "$tap_scratch/unmount" || break
        sleep 0.1
    done
    cat "$tap_scratch/unmount" >&2
    return 1
}

# hold DEVICE [rw]: a process that has it open; release: it ends
hold() {
    if [ "${2:-ro}" = rw ]; then
        (
            exec 9<>"$1"
            exec sleep 300
        ) &
    else
        (
            exec 9<"$1"
            exec sleep 300
        ) &
    fi
    tap_holder=$!
    until [ "$(cat "/proc/$tap_holder/comm" 2>/dev/null)" = sleep ]; do sleep 0.05; done
}
release() {
    kill "$tap_holder"
    wait "$tap_holder" 2>/dev/null || true
}

# Fields of the devices file
rd_size() { awk -v d="rd$1" '$1 == d { print $2 }' "$DEVICES"; }
rd_errors() { awk -v d="rd$1" '$1 == d { print $3 }' "$DEVICES"; }
rd_used() { awk -v d="rd$1" '$1 == d { print $4 }' "$DEVICES"; }

# kernel_complaints: lines in the kernel log since the last call that no test may cause
kernel_log_seen=$(dmesg | wc -l)
kernel_complaints() {
    local seen=$kernel_log_seen
    kernel_log_seen=$(dmesg | wc -l)
    dmesg | tail -n "+$((seen + 1))" |
        grep -E 'WARNING:|BUG:|Oops|KASAN|KFENCE|UBSAN|possible (circular|recursive) locking|blocked for more than|general protection|Call Trace' || true
}
