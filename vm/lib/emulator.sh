# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
# shellcheck shell=bash
#
# Which QEMU emulates the machine. One before 8.1 may run code that the guest's kernel has just replaced, because it translates
# code without a lock on its page: the kernel then dies of a breakpoint that is not there. Debian 12 has such a QEMU. The one of
# its backports is unpacked beside it, not installed: what else uses QEMU on this host keeps its own.

EMULATOR_SINCE=8.1
EMULATOR_PACKAGES=(qemu-system-x86 qemu-system-arm qemu-system-common qemu-system-data seabios)

# emulator_version PROGRAM: what a QEMU says of itself, as 10.0.2.
emulator_version() { "$1" --version | sed -n 's/^QEMU emulator version \([0-9.]*\).*/\1/p'; }

# emulator_fits PROGRAM: it is new enough.
emulator_fits() {
    [ "$(printf '%s\n' "$EMULATOR_SINCE" "$(emulator_version "$1")" | sort -V | head -n 1)" = "$EMULATOR_SINCE" ]
}

# emulator NAME: sets EMULATOR to the command, with its arguments, of a QEMU (qemu-system-x86_64) that fits.
emulator() {
    EMULATOR=("$1")
    if emulator_fits "$1"; then return; fi
    local suite root
    suite=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)-backports
    root=$CACHE_DIR/emulator-$suite
    if ! with_lock "emulator-$suite" unpack_emulator "$suite" "$root" || ! emulator_fits "$root/usr/bin/$1"; then
        die "$1 $(emulator_version "$1") is too old: $EMULATOR_SINCE or newer is needed, and $suite on $(debian_mirror)" \
            "has none that runs here"
    fi
    # shellcheck disable=SC2034 # read by qemu_start
    EMULATOR=("$root/usr/bin/$1" -L "$root/usr/share/qemu" -L "$root/usr/share/seabios")
}

# unpack_emulator SUITE DIRECTORY: fetches the packages from there with lists of their own, so that the host's sources stay
# as they are. They run on the libraries of the older QEMU, which is installed.
unpack_emulator() {
    [ ! -e "$2/.complete" ] || { used "$2" && return; }
    say "Fetching a newer QEMU from $1 (once)…"
    local work status=0
    work=$(mktemp -d) || return
    (
        set -e
        cd "$work"
        mkdir -p lists/partial cache/archives/partial packages tree
        apt_sources "$1" | tail -n 1 >sources.list
        apt=(apt-get -qq -o APT::Sandbox::User="$(id -un)" -o Dir::Etc::SourceList="$work/sources.list"
            -o Dir::Etc::SourceParts=/dev/null -o Dir::State::Lists="$work/lists" -o Dir::Cache="$work/cache")
        "${apt[@]}" update
        cd packages
        "${apt[@]}" download "${EMULATOR_PACKAGES[@]/%//$1}"
        for package in *.deb; do dpkg-deb --extract "$package" ../tree; done
        touch ../tree/.complete
        as_root rm -rf "$2"
        mv ../tree "$2"
    ) >"$work.log" 2>&1 || status=$?
    [ "$status" = 0 ] || cat "$work.log" >&2
    rm -rf "$work" "$work.log"
    return "$status"
}
