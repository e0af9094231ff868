#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# guest.sh DIRECTORY: on a running system without the product: the package, then `make install`'s script; each time the
# basic story over the bus and with the command, and the way back. The modules are there already (root.sh builds them).
set -u
cd "$1" || exit
. ./lib.sh
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
disk=/dev/disk/by-id/virtio-scratch-plain
manager() { busctl --timeout=120 call org.rapiddisk.Manager /org/rapiddisk/Manager org.rapiddisk.Manager "$@"; }
sum() { dd if="$1" bs=1M count=32 iflag=direct status=none | sha256sum; }

story() { # a volume over the bus, a cache with the command, data, and all of it taken apart
    check "a call starts the service" manager CreateVolume 'ta{sv}' $((32 << 20)) 1 number u 7
    check "the command shows the volume" bash -c 'rapiddisk list | grep rd7'
    check "the command makes a cache" rapiddisk cache create rd7 "$disk" --mode write-through --name story
    dd if=/dev/urandom of=/dev/mapper/story bs=1M count=32 oflag=direct status=none
    sum /dev/mapper/story >first
    sum /dev/mapper/story >second
    sum "$disk" >third
    check "the cache and the disk hold the same data" bash -c 'cmp first second && cmp first third'
    check "others may look" runuser -u nobody -- rapiddisk list --json
    check "others may not change anything" bash -c '! runuser -u nobody -- rapiddisk volume remove rd7 --no-ask-password'
    check "the command removes the cache" rapiddisk cache remove story
    check "the old notation still shows the volume" bash -c 'rapiddisk -l -j -g | grep rd7'
    check "and detaches it" rapiddisk -d rd7 -g
}

files before
check "dpkg installs the package" dpkg --install --force-depends rapiddisk_*.deb
check "the units for boot are enabled" systemctl is-enabled rapiddiskd.service rapiddisk-restore.service rapiddisk-flush.service
story
check "the package is purged while its service runs" dpkg --purge --force-depends rapiddisk
check "the service is gone" bash -c '! systemctl is-active rapiddiskd.service && ! pgrep -f "[r]apiddiskd.cjs"'
check "and its name" bash -c '! busctl --no-legend --activatable | grep org.rapiddisk'
check "no unit of it has failed" bash -c '! systemctl --failed --no-legend | grep rapiddisk'
files after
check "nothing is left behind" same before after

check "install.sh installs" packaging/install.sh install
story
check "install.sh takes it away while its service runs" packaging/install.sh uninstall
check "the service is gone" bash -c '! systemctl is-active rapiddiskd.service && ! pgrep -f "[r]apiddiskd.cjs"'
check "no unit of it has failed" bash -c '! systemctl --failed --no-legend | grep rapiddisk'
rm -rf /etc/rapiddisk /var/lib/rapiddisk # which it says that it leaves
files after
check "nothing is left behind but settings and saved state" same before after
finish
