#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# Builds the Debian packages from the working tree into out/deb/.
set -euo pipefail
cd "$(dirname "$0")/.."

version=$(sed -n 's/^ *"version": "\(.*\)",/\1/p' package.json)
work=out/deb/rapiddisk-$version
rm -rf out/deb
mkdir -p "$work"
cp -a dist dbus polkit systemd kernel docs packaging cockpit-plugin package.json "$work/"
cp -a packaging/debian "$work/debian"
cat >"$work/debian/changelog" <<CHANGELOG
rapiddisk ($version) unstable; urgency=medium

  * Built from the working tree at $(git rev-parse --short HEAD 2>/dev/null || echo unknown).

 -- The RapidDisk Manager authors <rapiddisk@localhost>  $(LC_ALL=C date -R -d "@${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}")
CHANGELOG
(cd "$work" && dpkg-buildpackage -b -us -uc -d >../build.log 2>&1) || {
    tail -n 40 out/deb/build.log >&2
    exit 1
}
ls -1 out/deb/*.deb
