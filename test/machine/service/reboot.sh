#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# What is saved is there again after a reboot, before file systems are mounted; what a writeback cache held has reached its
# origin by then.
set -eu
. "$(dirname "$0")/../lib.sh"
need busctl dmsetup systemctl
plain=/dev/disk/by-id/virtio-scratch-plain
other=/dev/disk/by-id/virtio-scratch-4kn
if [ ! -b "$plain" ] || [ ! -b "$other" ]; then skip_all "the scratch disks are not there"; fi

manager() {
    local member=$1
    shift
    busctl --timeout=120 call org.rapiddisk.Manager /org/rapiddisk/Manager org.rapiddisk.Manager "$member" "$@"
}
object() { # PATH INTERFACE MEMBER...
    local path=$1 face=$2 member=$3
    shift 3
    busctl --timeout=300 call org.rapiddisk.Manager "/org/rapiddisk/Manager/$path" "org.rapiddisk.Manager.$face" "$member" "$@"
}
problems() { busctl get-property org.rapiddisk.Manager /org/rapiddisk/Manager org.rapiddisk.Manager Problems; }
# The first bytes of the device that the writeback cache covers.
sum_of() { dd if="$1" bs=1M count=8 iflag=direct status=none | sha256sum | cut -d' ' -f1; }

case ${RAPIDDISK_TEST_STAGE:-0} in
    0)
        systemctl start rapiddiskd.service
        check "a volume is made" manager CreateVolume 'ta{sv}' $((64 << 20)) 1 number u 210
        check "a volume that persists is made" manager CreateVolume 'ta{sv}' $((32 << 20)) 2 number u 211 persist b true
        check "a cache that persists is made" manager CreateCache 'sssa{sv}' rd210 "$plain" write-around 2 persist b true name s keep-wa
        check "a writeback cache that does not persist is made" manager CreateCache 'sssa{sv}' rd211 "$other" writeback 1 name s gone-wb
        dd if=/dev/urandom of=/dev/mapper/gone-wb bs=1M count=8 oflag=direct status=none
        sum_of /dev/mapper/gone-wb >/var/lib/rapiddisk-test.sum
        is "the writeback cache holds what its origin lacks" \
            "$([ "$(sum_of "$other")" != "$(cat /var/lib/rapiddisk-test.sum)" ] && echo yes)" yes
        sync
        tap_finished=1
        exit 100
        ;;
    1)
        at_end rm -f /var/lib/rapiddisk-test.sum
        is "what the writeback cache held is on its origin" "$(sum_of "$other")" "$(cat /var/lib/rapiddisk-test.sum)"
        check "the unit that restores did not fail" test "$(systemctl is-failed rapiddisk-restore.service)" != failed
        check "the volume that persists is there" test -b /dev/rd211
        check "the volume that a cache needs which persists is there" test -b /dev/rd210
        is "the volume has its size" "$(rd_size 210)" $((64 << 20))
        # rd210 is a cache again, and udev's look at the mapping has filled a little of it already.
        is "a volume comes back empty" "$(cmp -n $((32 << 20)) /dev/rd211 /dev/zero >/dev/null && echo empty)" empty
        check "the cache is there" test -b /dev/mapper/keep-wa
        check "what was not to persist is not" test ! -e /dev/mapper/gone-wb
        is "nothing is missing" "$(problems)" "as 0"
        check "the cache is removed" object caches/keep_2dwa Cache Remove 'a{sv}' 0
        is "the volume that was saved for its sake is not saved any more" \
            "$(busctl get-property org.rapiddisk.Manager /org/rapiddisk/Manager/volumes/rd210 org.rapiddisk.Manager.Volume Persistent)" "b false"
        check "the first volume is removed" object volumes/rd210 Volume Remove 'a{sv}' 0
        check "the second volume is removed" object volumes/rd211 Volume Remove 'a{sv}' 0
        is "nothing is saved any more" "$(grep -c '"number"\|"source"' /var/lib/rapiddisk/state.json)" 0
        finish
        ;;
esac
