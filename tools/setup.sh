#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# Installs what a part of the project needs: tools/setup.sh PART..., one or more of those in the list at the end.
# Quick when everything is there. Packages come from apt, with sudo only when not root.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        say "  (sudo is needed for: $*)"
        sudo "$@"
    else
        say "This needs root, and there is no sudo: please run as root: $*"
        exit 1
    fi
}

# apt_need PACKAGE... : installs those that are not installed.
apt_need() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
    done
    [ ${#missing[@]} = 0 ] && return
    say "Installing ${missing[*]} …"
    if [ -z "${apt_updated:-}" ]; then
        as_root apt-get update -qq >/dev/null
        apt_updated=1
    fi
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
}

# apt_want PACKAGE... : the same, but what needs them says itself what it leaves out without them.
apt_want() { (apt_need "$@") || say "  (going on without $*)"; }

# The service tests run on dbus-broker as well. It is unpacked and not installed: the package makes itself the system's bus
# at the next boot.
want_broker() {
    local place=.cache/dbus-broker folder
    [ ! -x /usr/bin/dbus-broker-launch ] && [ ! -x "$place/usr/bin/dbus-broker-launch" ] || return 0
    say "Unpacking dbus-broker …"
    folder=$(mktemp -d)
    if (
        cd "$folder"
        fetch=(apt-get download -qq -o APT::Sandbox::User=root dbus-broker)
        "${fetch[@]}" 2>/dev/null || { as_root apt-get update -qq >/dev/null && "${fetch[@]}"; }
    ); then
        mkdir -p "$place"
        dpkg-deb -x "$folder"/dbus-broker_*.deb "$place"
    else
        say "  (going on without dbus-broker)"
    fi
    rm -rf "$folder"
}

need_node() {
    local major
    major=$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null) || {
        say "Node is missing. On Debian 13: sudo apt-get install nodejs npm"
        exit 1
    }
    [ "$major" -ge 20 ] || {
        say "Node $major is too old: 20 or newer is needed."
        exit 1
    }
    command -v npm >/dev/null || apt_need npm
    local want have
    want=$(sha256sum package-lock.json package.json .npmrc | sha256sum)
    have=$(cat node_modules/.setup 2>/dev/null || true)
    [ "$want" = "$have" ] && return
    say "Installing npm packages …"
    npm ci --no-audit --no-fund --loglevel=error
    printf '%s\n' "$want" >node_modules/.setup
}

for part in "$@"; do
    case $part in
        node) need_node ;;
        lint) apt_need shellcheck libxml2-utils appstream ;;
        unit) apt_need zsh fish make debhelper dpkg-dev gettext ;;
        po) apt_need gettext ;;
        service)
            apt_need dbus polkitd libglib2.0-bin openssl systemd util-linux
            want_broker
            ;;
        bench) apt_need dbus polkitd systemd udisks2 ;;
        vm) vm/deps.sh ;;
        arm64) vm/deps.sh arm64 ;;
        page) apt_need chromium ;;
        kernel-unit)
            apt_need gcc make libc6-dev
            apt_want gcc-aarch64-linux-gnu binutils-aarch64-linux-gnu libc6-dev-arm64-cross
            ;;
        fuzz) apt_need clang libclang-rt-dev ;;
        sanitize) apt_need mmdebstrap debian-archive-keyring util-linux xz-utils ;;
        suites) vm/deps.sh ;;
        deb) apt_need debhelper dh-dkms dpkg-dev fakeroot ;;
        *)
            say "tools/setup.sh: unknown part '$part'"
            exit 2
            ;;
    esac
done
