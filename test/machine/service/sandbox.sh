#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# The installed service works inside its sandbox: all that it must do, it can; and `systemctl start` is enough.
set -eu
. "$(dirname "$0")/../lib.sh"
need busctl dmsetup systemctl systemd-analyze systemd-run

call() { # PATH INTERFACE MEMBER...
    local path=$1 iface=$2
    shift 2
    busctl --timeout=120 call org.rapiddisk.Manager "/org/rapiddisk/Manager$path" "org.rapiddisk.Manager$iface" "$@"
}

systemctl stop rapiddiskd.service
call "" "" CreateVolume 'ta{sv}' $((16 << 20)) 1 number u 220 >/dev/null
is "a call starts the service" "$(systemctl is-active rapiddiskd.service)" active
at_end call /volumes/rd220 .Volume Remove 'a{sv}' 0

# Mounted before the service starts, so that its own mount namespace begins with a copy of the mount.
mount_point=$(mktemp -d)
at_end rmdir "$mount_point"
mkfs.ext4 -q -F /dev/rd220
mount /dev/rd220 "$mount_point"
at_end unmount "$mount_point"
systemctl restart rapiddiskd.service
fails "a mounted volume is not removed, and the mount point is named" "mounted on $mount_point" \
    call /volumes/rd220 .Volume Remove 'a{sv}' 0
unmount "$mount_point"
check "a volume that was unmounted on the host can be removed: the sandbox does not hold the mount" \
    call /volumes/rd220 .Volume Erase 'a{sv}' 0

# Held exclusively, which only the kernel notices, and it says so only in its log.
exec 8< <(exec node -e 'const { O_RDWR, O_EXCL } = fs.constants; fs.openSync("/dev/rd220", O_RDWR | O_EXCL); console.log("held"); setInterval(() => 0, 1e6)')
holder=$!
read -r held <&8
is "somebody holds the volume exclusively" "$held" held
fails "what the kernel says of a table that it refuses is told" "Cache device is in use" \
    call "" "" CreateCache 'sssa{sv}' rd220 /dev/disk/by-id/virtio-scratch-plain write-through 0
kill "$holder"
exec 8<&-
is "though the service has no right to the kernel log" \
    "$(systemctl show -P CapabilityBoundingSet rapiddiskd.service | grep -c cap_syslog)" 0

hold /dev/rd220
fails "a process of anybody that has it open is named" "sleep (pid" call /volumes/rd220 .Volume Remove 'a{sv}' 0
release
check "locking works" call /volumes/rd220 .Volume SetReadOnly 'ba{sv}' true 0
fails "and is kept by the kernel" "" dd if=/dev/zero of=/dev/rd220 bs=4096 count=1 oflag=direct
check "unlocking works" call /volumes/rd220 .Volume SetReadOnly 'ba{sv}' false 0

# An image file as origin, through a loop device, which the service must be let reach like any other block device.
image=$tap_scratch/image
truncate -s 64M "$image"
loop=$(losetup --show -f "$image")
at_end losetup -d "$loop"
check "an image file can be cached" call "" "" CreateCache 'sssa{sv}' rd220 "$loop" write-through 1 name s image
printf 'kept\n' | dd of=/dev/mapper/image bs=4096 count=1 conv=sync oflag=direct status=none
check "and is taken out of the cache again" call /caches/image .Cache Remove 'a{sv}' 0
is "with what was written to it" "$(head -c 4 "$image")" kept

modprobe -r dm-writecache
check "modules can be loaded" call "" "" LoadModules 'a{sv}' 0
check "and are then there" test -d /sys/module/dm_writecache
check "a saved entry can be written" call /volumes/rd220 .Volume SetPersistent 'ba{sv}' true 0
check "and dropped" call /volumes/rd220 .Volume SetPersistent 'ba{sv}' false 0
is "only root reads the saved state" "$(stat -c '%a %U' /var/lib/rapiddisk/state.json)" "600 root"

# exposure UNIT: as systemd-analyze tells it, in tenths
exposure() {
    systemd-analyze security --no-pager "$1" | sed -n 's/^.*Overall exposure level for .*: \([0-9]*\)\.\([0-9]\).*$/\1\2/p'
}
for unit in /usr/lib/systemd/system/rapiddisk*.service; do
    at_most "the exposure of ${unit##*/} is at most 3.5" "$(exposure "${unit##*/}")" 35
done

# At work in their sandboxes; test/machine/service/restore.sh and shutdown.sh show what they do there.
check "what restores exports can ask the service" systemctl restart rapiddisk-exports.service
check "what flushes can be started" systemctl restart rapiddisk-flush.service
properties=(DevicePolicy=closed 'DeviceAllow=/dev/char/10:236 rw' ProtectSystem=strict CapabilityBoundingSet=CAP_SYS_ADMIN)
check "device-mapper can be told from the sandbox of the flush, also by the number of its node only" \
    systemd-run --quiet --wait --pipe "${properties[@]/#/--property=}" dmsetup table

pid=$(systemctl show -P MainPID rapiddiskd.service)
is "the service sees the host's name as it is now, after which exports are named" \
    "$(readlink "/proc/$pid/ns/uts")" "$(readlink /proc/1/ns/uts)"
kill -9 "$pid"
# shellcheck disable=SC2317 # called by check
answers_again() { # a slow machine may take longer than the bus waits for a service to start
    local try
    for try in 1 2 3 4; do
        call "" "" ListVolumes && return 0
        note "try $try"
    done
    return 1
}
check "killed, it is there again for the next call" answers_again
is "and still shows what is there" "$(call "" "" Resolve s rd220)" 'o "/org/rapiddisk/Manager/volumes/rd220"'
journal=$(journalctl -b -u rapiddiskd.service -o cat | grep -c 'audit: uid=0 .*operation=volume-create object=rd220 result=done' || true)
at_least "the journal says who created it" "$journal" 1
finish
