#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# vm/deps.sh [arm64]: installs the packages that the machine needs on this host (Debian 12 or 13), or that the emulated arm64
# machine needs besides. Nothing to do: 20 ms.
set -euo pipefail
packages=(qemu-system-x86 qemu-utils mmdebstrap e2fsprogs openssh-client cpio xz-utils openssl util-linux procps make
    debian-archive-keyring)
[ "$(id -u)" = 0 ] || packages+=(uidmap)
[ "${1:-}" != arm64 ] || packages+=(qemu-system-arm)

# /usr/sbin is not in everybody's PATH, but mke2fs lives there.
missing=()
for package in "${packages[@]}"; do
    status=$(dpkg-query --show --showformat '${db:Status-Status}' "$package" 2>/dev/null) || status=
    [ "$status" = installed ] || missing+=("$package")
done
if [ "${#missing[@]}" -gt 0 ]; then
    become=()
    if [ "$(id -u)" != 0 ]; then
        become=(sudo)
        command -v sudo >/dev/null || {
            echo "vm: not root and no sudo: please run as root: apt-get install --no-install-recommends ${missing[*]}" >&2
            exit 1
        }
        echo "vm: sudo is used to install packages with apt" >&2
    fi
    echo "vm: Installing ${missing[*]}…" >&2
    apt=("${become[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=600)
    install=("${apt[@]}" install -y --no-install-recommends "${missing[@]}")
    # The lists may be fresh already; they are fetched only when they are too old or absent.
    "${install[@]}" >/dev/null 2>&1 || {
        "${apt[@]}" update >/dev/null
        "${install[@]}" >/dev/null
    }
fi
if [ "$(id -u)" != 0 ] && ! grep -q "^$(id -un):" /etc/subuid 2>/dev/null; then
    echo "vm: $(id -un) has no line in /etc/subuid, so no Debian tree can be built; as root: usermod --add-subuids" \
        "100000-165535 --add-subgids 100000-165535 $(id -un)" >&2
    exit 1
fi
