# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# The devices that a test runs on. Each test gets new ones, and they are taken apart after it:
#
#   disk     a plain virtual disk, the peer that tells our failures from those of a test
#   rd       a RAM disk
#   cache    that disk behind a cache in a RAM disk, write-through
#   around   the same, write-around
#
# A RAM disk below a cache is used through its mapping only.

DEVICES_UP=()

# attach NUMBER MIB
attach() { printf 'rapiddisk attach %d %d\n' "$1" $(($2 << 20)) >/sys/kernel/rapiddisk/mgmt && udevadm settle; }

# device_up KIND ROLE MIB [RAM_MIB]: ROLE is test or scratch; sets DEVICE to its path, and ORIGIN when it is a cache.
device_up() {
    local kind=$1 role=$2 mib=$3 ram=${4:-64} disk number mode
    disk=$(readlink -e "/dev/disk/by-id/virtio-suites-$role") || return
    number=$([ "$role" = test ] && echo 100 || echo 101)
    ORIGIN=
    # What an earlier test left there is nobody's business.
    wipefs --quiet --all "$disk" || return
    case $kind in
        disk | cache | around)
            mode=$([ "$kind" = around ] && echo write-around || echo write-through)
            # Also the peer has the size of the others.
            if [ "$kind" = disk ]; then
                dmsetup create "suites-$role" --table "0 $((mib << 11)) linear $disk 0" || return
            else
                attach "$number" "$ram" || return
                DEVICES_UP+=("rd$number")
                dmsetup create "suites-$role" \
                    --table "0 $((mib << 11)) rapiddisk-cache $disk /dev/rd$number $((ram << 11)) $mode" || return
                ORIGIN=$disk
            fi
            DEVICES_UP+=("suites-$role")
            DEVICE=/dev/mapper/suites-$role
            ;;
        rd)
            attach "$number" "$mib" || return
            DEVICES_UP+=("rd$number")
            DEVICE=/dev/rd$number
            ;;
        *) return 1 ;;
    esac
    udevadm settle
}

# devices_down: takes them apart, the last first; 1 when something still holds one.
devices_down() {
    local i device tries
    for ((i = ${#DEVICES_UP[@]} - 1; i >= 0; i--)); do
        device=${DEVICES_UP[i]}
        udevadm settle
        case $device in
            rd*)
                for tries in 1 2 3 4 5 end; do
                    printf 'rapiddisk detach %s\n' "${device#rd}" 2>/dev/null >/sys/kernel/rapiddisk/mgmt && break
                    [ "$tries" != end ] || return 1
                    sleep 1
                done
                ;;
            *) dmsetup remove --retry "$device" || return 1 ;;
        esac
    done
    DEVICES_UP=()
}

# touched PATH: a number that changes with every I/O of the device.
touched() {
    local name
    name=$(basename "$(readlink -e "$1")")
    awk '{ print $1 + $5 + $12 + $16 }' "/sys/class/block/$name/stat"
}
