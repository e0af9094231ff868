# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
# shellcheck shell=bash
#
# What every other file here stands on: paths, messages, hashes, locks and "root, real or mapped".

VM_DIR=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
REPO_DIR=$(dirname -- "$VM_DIR")
CACHE_DIR=${RAPIDDISK_VM_CACHE:-$REPO_DIR/.cache/vm}
# shellcheck disable=SC2034 # read by the files that source this one
OUT_DIR=${RAPIDDISK_VM_OUT:-$REPO_DIR/out/vm}
umask 022
mkdir -p "$CACHE_DIR"

# say TEXT...: progress for a person, on stderr so that stdout stays the command's own.
say() { printf 'vm: %s\n' "$*" >&2; }

# die TEXT...: say what is wrong and stop. Exit status 125: the machine failed, not the command in it.
die() {
    printf 'vm: error: %s\n' "$*" >&2
    exit 125
}

# started_machine COMMAND DIRECTORY: unless a machine is there, prints what is written at the top of COMMAND, and ends.
started_machine() {
    if [ -n "${2:-}" ] && [ -e "$2/qemu.pid" ]; then return 0; fi
    sed -n '5,/^[^#]/{ s/^# \{0,1\}//p }' "$1" >&2
    case ${2:-} in --help | -h) exit 0 ;; esac
    say "${2:+$2: }which machine? the \"dir\" that vm/start printed"
    exit 2
}

# hash_of: 16 hex digits that stand for standard input.
hash_of() { sha256sum | cut -c1-16; }

# hash_files PATH...: the same for files and trees, by name and content.
hash_files() {
    local path
    for path in "$@"; do
        [ -e "$path" ] || continue
        find "$path" -type f -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum
    done | hash_of
}

# as_root COMMAND...: run as uid 0 in a private mount namespace, so that no mount outlives the command.
# A caller who is not root becomes root of a user namespace, with the subordinate ids of /etc/subuid.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        unshare --mount --propagation private -- "$@"
    else
        unshare --user --map-auto --map-root-user --mount --propagation private -- "$@"
    fi
}

# remove_tree PATH...: delete what as_root made, no matter who owns it.
remove_tree() { as_root rm -rf -- "$@"; }

# with_lock NAME COMMAND...: one builder at a time for each thing in the cache.
with_lock() {
    local name=$1 fd status=0
    shift
    exec {fd}>"$CACHE_DIR/$name.lock"
    if ! flock -n "$fd"; then
        say "Waiting for another run that builds $name…"
        flock "$fd"
    fi
    "$@" {fd}>&- || status=$?
    exec {fd}>&-
    return "$status"
}

# used PATH: it was of use today, so prune leaves it alone.
used() { as_root touch -- "$1"; }

# shellcheck disable=SC2034 # read by the files that source this one
# The name of what hash_of tells apart ends in this; a longer name of something else (…-arm64-16k-HASH) does not match.
HASHED='[0-9a-f][0-9a-f][0-9a-f][0-9a-f]*'

# prune PATTERN KEEP: drop what older inputs left behind, except what was of use in the last three hours.
prune() {
    local path
    for path in "$CACHE_DIR"/$1; do
        [ -e "$path" ] || continue
        case $path in "$2" | "$2".* | *.lock) continue ;; esac
        [ -z "$(find "$path" -maxdepth 0 -mmin -180)" ] || continue
        say "Removing $(basename "$path"), made for older inputs"
        remove_tree "$path"
    done
}
