#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# Suspend, resume, new tables and removal, idle and under load; mappings made and unmade many times leave nothing.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/rdc.bash"

rdc_disk 16M
rdc_slow "$DISK" 3
rd_attach 8M
CACHE=/dev/rd$RD

rdc_random "$DISK"
rdc_map life "$DISK" "$CACHE"
rdc_read "$MAP" 0 512
dmsetup suspend --noudevsync "$MAP"
dmsetup resume --noudevsync "$MAP"
before=$(rdc_stat "$MAP" hits)
rdc_read "$MAP" 0 512
# udev may read a little beside it.
at_least "suspend and resume keep the cache's content" "$(($(rdc_stat "$MAP" hits) - before))" 512
dmsetup reload "$MAP" --table "$(dmsetup table "$MAP")"
dmsetup resume --noudevsync "$MAP"
at_most "a new table starts empty (but for what udev read meanwhile)" "$(rdc_stat "$MAP" cached_blocks)" 200
check "and its data is right" rdc_same "$MAP" "$DISK"
dmsetup reload "$MAP" --table "$(dmsetup table "$MAP")"
check "a new table that is dropped again leaves the old one at work" dmsetup clear "$MAP"
check "with right data" rdc_same "$MAP" "$DISK"
rdc_dm_remove "$(basename "$MAP")"

# What is on the RAM disk says nothing of the RAM disk while it is in a cache, and is gone afterwards.
udev_of() { udevadm info --query=property --property="$1" --value "$CACHE"; }
used() { cat "/sys/block/rd$RD/rapiddisk/used"; }
rd_settle
is "no page is left by a cache that is gone" "$(used)" 0
mkfs.ext4 -q "$SLOW"
# what was read before is in its page cache
blockdev --flushbufs "$DISK"
rd_settle
uuid=$(blkid -p -s UUID -o value "$DISK")
dd if=/dev/urandom of="$CACHE" bs=4096 count=3 oflag=direct status=none
LEN=$(sectors "$DISK")
dmsetup create "rdcnever$$" --notable
dmsetup load "rdcnever$$" --table "0 $LEN rapiddisk-cache $DISK $CACHE"
is "a RAM disk of a table that is not in use yet counts as in a cache" "$(cat "/sys/block/rd$RD/rapiddisk/in_cache")" 1
dmsetup remove "rdcnever$$"
is "and keeps its contents when that is given up" "$(used)" $((3 * 4096))
rdc_map ident "$DISK" "$CACHE"
rdc_read "$MAP" 0 512
if [ -S /run/udev/control ]; then
    udevadm trigger --action=change "$CACHE"
    rd_settle
    is "udev does not look at the copies" "$(udev_of ID_FS_UUID) $(udev_of SYSTEMD_READY)" " 0"
    check "and the origin keeps its name" test "$(readlink -f "/dev/disk/by-uuid/$uuid")" != "$CACHE" -a -e "/dev/disk/by-uuid/$uuid"
else
    skip "udev does not look at the copies" "no udev runs here"
fi
dmsetup reload "$MAP" --table "$(dmsetup table "$MAP")"
dmsetup clear "$MAP"
at_least "a new table that is given up leaves the copies" "$(used)" 4096
rdc_dm_remove "$(basename "$MAP")"
rd_settle
is "the copies went with the mapping" "$(used)" 0
check "and the RAM disk is all zeros" cmp -n $((8 << 20)) "$CACHE" /dev/zero
is "and the RAM disk is one like others" "$(cat "/sys/block/rd$RD/rapiddisk/in_cache") $(udev_of SYSTEMD_READY)" "0 "

load() {
    rdc_map load "$SLOW" "$CACHE"
    "$PROGRAMS/rdc_check" --origin "$DISK" --sectors 256 --threads 16 --seconds 5 "$MAP" >"$tap_scratch/load" 2>&1 &
    load=$!
    sleep 0.5
}
loaded() {
    local status=0
    wait $load || status=$?
    is "$1" "$status" 0
    note "$(tail -n 3 "$tap_scratch/load")"
}

load
n=0
while kill -0 $load 2>/dev/null; do
    dmsetup suspend --noudevsync "$MAP" && dmsetup resume --noudevsync "$MAP"
    n=$((n + 1))
done
loaded "suspended and resumed under load ($n times): no error, no wrong data"
fails "a mapping in use is not removed" "busy" bash -c "exec 3<'$MAP'; dmsetup remove '$(basename "$MAP")'"
rdc_dm_remove "$(basename "$MAP")"

load
n=0
while kill -0 $load 2>/dev/null; do
    dmsetup reload "$MAP" --table "$(dmsetup table "$MAP" | sed "s/ [01] 512$/ $((n % 2)) 512/")" && dmsetup resume --noudevsync "$MAP"
    n=$((n + 1))
done
loaded "new tables under load ($n times, both modes): no error, no wrong data"
rdc_dm_remove "$(basename "$MAP")"

load
n=0
while kill -0 $load 2>/dev/null; do
    for mode in wa passthrough wt; do dmsetup message "$MAP" 0 mode $mode && sleep 0.02; done
    n=$((n + 1))
done
loaded "modes changed under load ($n times): no error, no wrong data"

load2=$MAP
rdc_dm_remove "$(basename "$load2")"
load
n=0
while kill -0 $load 2>/dev/null; do
    dmsetup message "$MAP" 0 invalidate && sleep 0.01
    n=$((n + 1))
done
loaded "dropped whole under load ($n times): no error, no wrong data"
fails "the RAM disk under a mapping cannot be detached" "busy" mgmt detach "$RD"
fails "nor shrunk" "busy" mgmt resize "$RD" 4194304
fails "nor can the modules go" "in use" rmmod rapiddisk
rdc_dm_remove "$(basename "$MAP")"

# Made and unmade, also when it fails half way: nothing stays behind
leaks() {
    echo "areas $(grep -c 'rdc_\|rapiddisk_cache' /proc/vmallocinfo || true)" \
        "threads $(pgrep -c rapiddisk_cache || true)" \
        "users $(cat /sys/module/rapiddisk_cache/refcnt) $(cat /sys/module/rapiddisk/refcnt)"
}
before=$(leaks)
free_before=$(awk '/MemAvailable/ { print $2 }' /proc/meminfo)
LEN=$(sectors "$DISK")
for i in $(seq 30); do
    dmsetup create "rdcloop$$" --noudevsync --table "0 $LEN rapiddisk-cache $DISK $CACHE" && dmsetup remove --noudevsync --retry "rdcloop$$"
    for bad in "$DISK $CACHE 99999999" "$DISK $CACHE 64 0 512" "$CACHE $DISK" "$DISK /dev/zero" "$DISK $CACHE 63 0 1"; do
        # shellcheck disable=SC2086 # a list of arguments
        dmsetup create "rdcloop$$" --noudevsync --table "0 $LEN rapiddisk-cache $bad" 2>/dev/null && dmsetup remove "rdcloop$$"
    done
done
rd_settle
becomes "mappings made and refused 180 times leave nothing" "$before" leaks
free_after=$(awk '/MemAvailable/ { print $2 }' /proc/meminfo)
at_most "nor eat memory (KiB)" $((free_before - free_after)) 20000
is "the kernel did not complain" "$(kernel_complaints)" ""
finish
