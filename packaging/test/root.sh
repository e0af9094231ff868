#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# root.sh DIRECTORY: in a Debian root: the packages of DIRECTORY through apt, with the modules built by DKMS; upgrade,
# remove, purge.
set -u
cd "$1" || exit
. ./lib.sh
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
kernel=$(basename /lib/modules/*)
apt() { apt-get -qq -y --no-install-recommends -o Dpkg::Use-Pty=0 "$@"; }
built() { modinfo -k "$kernel" "$1"; }
# Headers as those of Linux 5.15: bio_alloc_clone() and disk_openers() are not in them.
skipped() {
    local status=0
    mkdir -p old/include/linux && touch old/include/linux/bio.h old/include/linux/blkdev.h
    dkms build "rapiddisk/$(dpkg-query -W -f '${Version}' rapiddisk-dkms)" -k 5.15.0-old --kernelsourcedir "$PWD/old" || status=$?
    rm -r old
    [ "$status" = 77 ]
}

files before
check "apt installs the packages with what they depend on" apt install ./rapiddisk_*.deb ./rapiddisk-dkms_*.deb
check "DKMS has built rapiddisk for the installed kernel" built rapiddisk
check "and rapiddisk-cache" built rapiddisk-cache
check "DKMS skips a kernel that lacks what they need (77), instead of failing" skipped
check "dpkg finds every file as it was packed" dpkg --verify rapiddisk rapiddisk-dkms
check "the command runs" rapiddisk --version
check "the manual page is there" grep -q '/man1/rapiddisk\.1' <(dpkg -L rapiddisk)
check "a script of the package reads nothing that others may write" bash -c '! grep -l /tmp /var/lib/dpkg/info/rapiddisk*.*inst /var/lib/dpkg/info/rapiddisk*.*rm'
check "no unit is executable" bash -c '! find /usr/lib/systemd/system -name "rapiddisk*.service" -perm /111 | grep .'
check "apt would bring the part of Cockpit that the page needs" bash -c 'apt-get -s install ./cockpit-rapiddisk_*.deb | grep "Inst cockpit-bridge"'
check "the page is installed" dpkg --install --force-depends ./cockpit-rapiddisk_*.deb
check "where Cockpit looks for pages" test -e /usr/share/cockpit/rapiddisk/manifest.json -a -e /usr/share/cockpit/rapiddisk/index.js.gz
check "it leaves without the service" dpkg --purge cockpit-rapiddisk
check "the command still runs" rapiddisk --version
mkdir -p /var/lib/rapiddisk && echo '{}' >/var/lib/rapiddisk/state.json
echo '# mine' >>/etc/rapiddisk/manager.conf
check "an upgrade" apt install --reinstall ./rapiddisk_*.deb ./rapiddisk-dkms_*.deb
check "keeps the settings" grep -qx '# mine' /etc/rapiddisk/manager.conf
check "and the saved state" test -e /var/lib/rapiddisk/state.json
check "apt removes them" apt remove rapiddisk rapiddisk-dkms
check "the settings stay until the purge" test -e /etc/rapiddisk/manager.conf
check "no module stays" bash -c "! modinfo -k '$kernel' rapiddisk && ! modinfo -k '$kernel' rapiddisk-cache"
check "apt purges them" apt purge rapiddisk rapiddisk-dkms
check "DKMS knows them no more" bash -c '! dkms status | grep rapiddisk'
files after
check "nothing is left behind" same before after
finish
