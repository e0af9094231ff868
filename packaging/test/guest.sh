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

no_name() { # a busctl that fails proves nothing
    local names
    names=$(busctl --no-legend --activatable) && ! grep org.rapiddisk <<<"$names"
}
active_since() { systemctl show --property ActiveEnterTimestampMonotonic --value "$1"; }
main_pid() { systemctl show --property MainPID --value "$1"; }
# Volumes and mappings by the numbers of which the kernel never gives one twice, what is saved, and the boot units.
objects() {
    head /sys/block/rd*/diskseq /sys/block/dm-*/diskseq
    dmsetup table
    sha256sum /var/lib/rapiddisk/*.json
    findmnt --noheadings --output SOURCE,TARGET /run/busy
    for unit in rapiddisk-restore rapiddisk-restore-late rapiddisk-exports rapiddisk-flush; do
        echo "$unit $(active_since "$unit.service")"
    done
}
another() { test "$(main_pid "$1")" != "$2" -a "$(main_pid "$1")" != 0; }

upgrade() { # COMMAND...: over what is installed, while all of it is in use
    check "a volume to mount" manager CreateVolume 'ta{sv}' $((64 << 20)) 2 number u 8 persist b true
    check "one under a cache" manager CreateVolume 'ta{sv}' $((32 << 20)) 1 number u 9
    check "one that is saved, and taken away behind the service's back" manager CreateVolume 'ta{sv}' $((16 << 20)) 2 number u 10 persist b true
    check "the cache" rapiddisk cache create rd9 "$disk" --mode write-through --name busy --persist
    udevadm settle
    echo 'rapiddisk detach 10' >/sys/kernel/rapiddisk/mgmt
    mkdir -p /run/busy
    check "a file system" mkfs.ext4 -q /dev/rd8
    check "is mounted" mount /dev/rd8 /run/busy
    exec 7>/run/busy/open 8</dev/mapper/busy
    systemctl start rapiddisk-rest.service
    service=$(main_pid rapiddiskd.service) bridge=$(main_pid rapiddisk-rest.service)
    objects >before-upgrade 2>&1
    check "an upgrade over it" "$@"
    objects >after-upgrade 2>&1
    check "the service is another process" another rapiddiskd.service "$service"
    check "the bridge, too" another rapiddisk-rest.service "$bridge"
    check "and answers" bash -c 'exec 3<>/dev/tcp/127.0.0.1/9118; printf "GET /v2/volumes HTTP/1.0\r\nHost: localhost\r\n\r\n" >&3; grep -q rd8 <&3'
    check "volumes, mappings and what is saved are the same; nothing that acts at boot was started or stopped" same before-upgrade after-upgrade
    check "what was taken away is not made again" test ! -e /dev/rd10
    check "the mounted file system can be written" bash -c 'echo more >&7 && sync /run/busy/open'
    systemctl stop rapiddiskd.service
    check "an upgrade while the service is stopped" "$@"
    check "leaves it stopped" bash -c '! systemctl is-active rapiddiskd.service'
    exec 7>&- 8<&-
    for _ in $(seq 100); do # others may look at it
        if umount /run/busy; then break; fi
        sleep 0.1
    done
    check "the cache can go" rapiddisk cache remove busy
    check "and the volumes" rapiddisk volume remove rd8 rd9
    check "and what is only saved" rapiddisk forget rd10
}

rm /usr/lib/udev/rules.d/*-rapiddisk.rules # the machine brings it with the modules, and so does the package
files before
check "dpkg installs the package" dpkg --install --force-depends rapiddisk_*.deb
check "the units for boot are enabled" systemctl is-enabled rapiddiskd.service rapiddisk-restore.service rapiddisk-flush.service
check "the service runs" bash -c 'systemctl is-active rapiddiskd.service && systemctl is-active rapiddisk-flush.service'
check "nothing was restored" test "$(active_since rapiddisk-restore.service) $(active_since rapiddisk-exports.service)" = "0 0"
story
upgrade dpkg --install --force-depends rapiddisk_*.deb
check "the package is purged while its service runs" dpkg --purge --force-depends rapiddisk
check "the service and the bridge are gone" bash -c '! systemctl is-active rapiddiskd.service rapiddisk-rest.service rapiddisk-rest.socket rapiddisk-rest-admin.socket && ! pgrep -f "[r]apiddisk(d|-rest).cjs"'
check "and its name" no_name
check "no unit of it has failed" bash -c '! systemctl --failed --no-legend | grep rapiddisk'
files after
check "nothing is left behind" same before after

check "install.sh installs" packaging/install.sh install
check "the service runs" bash -c 'systemctl is-active rapiddiskd.service && systemctl is-active rapiddisk-flush.service'
story
upgrade packaging/install.sh install
check "install.sh takes it away while its service runs" packaging/install.sh uninstall
check "the service and the bridge are gone" bash -c '! systemctl is-active rapiddiskd.service rapiddisk-rest.service rapiddisk-rest.socket rapiddisk-rest-admin.socket && ! pgrep -f "[r]apiddisk(d|-rest).cjs"'
check "no unit of it has failed" bash -c '! systemctl --failed --no-legend | grep rapiddisk'
rm -rf /etc/rapiddisk /var/lib/rapiddisk # which it says that it leaves
files after
check "nothing is left behind but settings and saved state" same before after
finish
