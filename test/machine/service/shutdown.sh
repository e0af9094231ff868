#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# An orderly end of the system loses nothing that a writeback cache held, also when its file system was in use to the last
# and something was written after the flush: on a stack of two caches that the service made, and on one that it did not.
set -eu
. "$(dirname "$0")/../lib.sh"
need busctl dmsetup systemd-run mkfs.ext4 e2fsck
plain=/dev/disk/by-id/virtio-scratch-plain
other=/dev/disk/by-id/virtio-scratch-4kn
if [ ! -b "$plain" ] || [ ! -b "$other" ]; then skip_all "the scratch disks are not there"; fi
kept=/var/lib/rapiddisk-test.shutdown

manager() {
    local member=$1
    shift
    busctl --timeout=120 call org.rapiddisk.Manager /org/rapiddisk/Manager org.rapiddisk.Manager "$member" "$@"
}

# busy NAME: a file system on the mapping with data, held by a process that nothing stops before systemd-shutdown does; asked to end it
# writes more, and notes what process 1 is by then
busy() {
    local where=$kept/on-$1
    mkdir -p "$where"
    check "a file system on $1" mkfs.ext4 -q "/dev/mapper/$1"
    check "is mounted" mount "/dev/mapper/$1" "$where"
    cp "$kept/early" "$where/early"
    sync -f "$where/early"
    check "and held" systemd-run --quiet --unit="hold-$1" --property=DefaultDependencies=no bash "$kept/hold" "$where"
    becomes "by a process that is ready for the end" yes sh -c "[ ! -e $where/ready ] || echo yes"
}

# whole NAME DISK: what the file system held is on the disk
whole() {
    local where=$tap_scratch/$1
    mkdir "$where"
    check "the file system of $1 is sound" e2fsck -fn "$2"
    check "it can be mounted" mount -o ro "$2" "$where"
    is "it was in use until systemd-shutdown ended everything" "$(cat "$where/by")" systemd-shutdow
    check "every block that was written before is there" cmp "$kept/early" "$where/early"
    check "every block that was written last is there" cmp "$kept/late" "$where/late"
    check "it is unmounted" unmount "$where"
    wipefs --quiet --all "$2"
}

case ${RAPIDDISK_TEST_STAGE:-0} in
    0)
        mkdir -p "$kept"
        for part in early late; do head -c 16M /dev/urandom >"$kept/$part"; done
        cat >"$kept/hold" <<'HOLD'
cd "$1" || exit
trap 'cat /proc/1/comm >by && cat ../late >late; exit' TERM
touch ready
while :; do sleep 1000 & wait $!; done
HOLD
        systemctl start rapiddiskd.service
        for number in 213 214 215; do
            check "a volume" manager CreateVolume 'ta{sv}' $((96 << 20)) 1 number u "$number"
        done
        # By name the lower one comes first.
        check "a writeback cache" manager CreateCache 'sssa{sv}' rd213 "$other" writeback 1 name s a-lower
        check "a writeback cache on it" manager CreateCache 'sssa{sv}' rd214 /dev/mapper/a-lower writeback 1 name s b-upper
        check "a writeback cache that somebody else made, and told nothing" dmsetup create c-foreign --table \
            "0 $(blockdev --getsz "$plain") writecache s $(readlink -f "$plain") /dev/rd215 4096 0"
        rd_settle
        busy b-upper
        busy c-foreign
        fails "what was written is not on the disk yet" "" cmp -n $((64 << 20)) "$plain" /dev/mapper/c-foreign
        sync "$kept/early" "$kept/late"
        tap_finished=1
        exit 100
        ;;
    1)
        at_end rm -rf "$kept"
        whole b-upper "$other"
        whole c-foreign "$plain"
        finish
        ;;
esac
