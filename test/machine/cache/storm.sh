#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# What is done to a mapping, its RAM disk and the machine while I/O runs: the RAM disk grows and is locked, others try to
# erase, discard and write it; processors go and come; flushes and discards of every size pour in; the mapping is forced away. The
# versions that were acknowledged stay what everybody reads.
# shellcheck disable=SC2317 # functions given to check and at_end
set -eu
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/rdc.bash"

rdc_disk 32M
rdc_slow "$DISK" 3
rd_attach 8M
CACHE=/dev/rd$RD

# meanwhile PROMISE COMMAND...: the commands, each one word, again and again while the checker runs; $TIMES is how often
meanwhile() {
    local promise=$1 status=0 step
    shift
    "$PROGRAMS/rdc_check" --origin "$DISK" --sectors 512 --threads 16 --seconds 3 --zeroes 5 "$MAP" >"$tap_scratch/load" 2>&1 &
    local load=$!
    TIMES=0
    while kill -0 $load 2>/dev/null; do
        for step in "$@"; do "$step" >/dev/null 2>&1 || true; done
        TIMES=$((TIMES + 1))
        sleep 0.01
    done
    wait $load || status=$?
    if [ $status = 0 ]; then pass "$promise"; else fail "$promise" "$(tail -n 8 "$tap_scratch/load")"; fi
    note "$TIMES times; $(tail -n 1 "$tap_scratch/load")"
}

rdc_map storm "$SLOW" "$CACHE"

# --- the RAM disk under the cache -----------------------------------------------------------------------------------
size=8388608
grow() {
    mgmt resize "$RD" $((size + 1048576)) && size=$((size + 1048576))
}
lock() {
    blockdev --setro "$CACHE"
    blockdev --setrw "$CACHE"
}
refused=0
take_away() {
    mgmt detach "$RD" || refused=$((refused + 1))
    mgmt resize "$RD" 1048576 || refused=$((refused + 1))
    echo 1 >"/sys/block/rd$RD/rapiddisk/erase" || refused=$((refused + 1))
    blkdiscard -f -o $((RANDOM % 16 * 524288)) -l 524288 "$CACHE" || refused=$((refused + 1))
    dd if=/dev/zero of="$CACHE" bs=64k count=1 oflag=direct conv=notrunc,nocreat || refused=$((refused + 1))
}
meanwhile "the RAM disk grows, is locked, and somebody would detach, shrink, erase, discard and write it" grow lock take_away
is "it did grow" "$(rd_size "$RD")" "$size"
is "and each of the five was refused each time" "$refused" $((5 * TIMES))
fails "with a locked RAM disk no new table is taken" "" bash -c "
    blockdev --setro $CACHE
    dmsetup reload '$MAP' --table \"\$(dmsetup table '$MAP')\"
    status=\$?
    blockdev --setrw $CACHE
    exit \$status"
dmsetup clear "$MAP" || true

# --- discards and flushes -------------------------------------------------------------------------------------------
# Behind the checked sectors: discards and zeroings of every size and edge
ragged() {
    local option=$((RANDOM % 2)) first=$((2048 + RANDOM % 4096)) length=$((1 + RANDOM % 9000))
    if [ "$option" = 1 ]; then option=-z; else option=-f; fi
    blkdiscard -f "$option" -o $((first * 512)) -l $((length * 512)) "$MAP"
}
flush() { fio --name=f --filename="$MAP" --offset=4M --size=1M --rw=randwrite --bs=512 --number_ios=40 --fsync=1 --ioengine=psync; }
flushes=$(rdc_stat "$MAP" flushes)
meanwhile "discards and zeroings of odd sizes beside it, and flush after flush" ragged flush
at_least "flushes were passed on" $(($(rdc_stat "$MAP" flushes) - flushes)) 30
check "a discard of everything, a sector, a block and a sector, and the last sector" bash -c "
    blkdiscard -f '$MAP' && blkdiscard -f -o 512 -l 512 '$MAP' && blkdiscard -f -o 4096 -l 4608 '$MAP' &&
    blkdiscard -f -z -o $(($(blockdev --getsize64 "$MAP") - 512)) -l 512 '$MAP'"
check "RAM and disk hold the same" rdc_same "$MAP" "$DISK"

# --- the machine ----------------------------------------------------------------------------------------------------
# An emulated processor that went and came was seen to stand still for 20 seconds when its host was busy.
CPU=/sys/devices/system/cpu/cpu1/online
if [ -w $CPU ] && [ "$(systemd-detect-virt 2>/dev/null)" != qemu ]; then
    goes="a processor goes and comes, "
    at_end sh -c "echo 1 >$CPU"
    hotplug() {
        echo 0 >"$CPU"
        echo 1 >"$CPU"
    }
else
    goes=
    hotplug() { :; }
    skip "a processor goes and comes" "this machine has no second processor that can go, or emulates it"
fi
empty() {
    echo 3 >/proc/sys/vm/drop_caches
    echo 1 >/proc/sys/vm/compact_memory
}
suspend() {
    dmsetup suspend --noudevsync --noflush "$MAP"
    dmsetup resume --noudevsync "$MAP"
}
meanwhile "${goes}the kernel drops its caches and moves its pages, the mapping is suspended and resumed" hotplug empty suspend

# Direct, buffered and asynchronous I/O on one mapping at once, each verifying what it wrote
check "direct, buffered and asynchronous writers beside each other, verified" fio --filename="$MAP" --size=1M \
    --verify=crc32c --do_verify=1 --verify_fatal=1 --verify_async=0 --bsrange=512-32k --blockalign=512 \
    --name=aio --offset=8M --rw=randwrite --direct=1 --ioengine=libaio --iodepth=16 \
    --name=uring --offset=12M --rw=randwrite --direct=1 --ioengine=io_uring --iodepth=16 \
    --name=buffered --offset=16M --rw=randwrite --direct=0 --ioengine=psync --fsync=32 \
    --output="$tap_scratch/fio"

# --- forced away ----------------------------------------------------------------------------------------------------
for round in 1 2 3; do
    dmsetup message "$MAP" 0 stats_reset
    fio --name=r --filename="$MAP" --allow_file_create=0 --rw=randrw --bsrange=4k-64k --size=16M --ioengine=libaio --iodepth=32 --direct=1 \
        --time_based --runtime=20 --output="$tap_scratch/fio" 2>/dev/null &
    load=$!
    # What is in flight then is what the removal has to cope with
    until [ "$(rdc_stat "$MAP" reads)" -ge 200 ] || ! kill -0 $load; do sleep 0.1; done
    name=$(basename "$MAP")
    dmsetup remove --noudevsync --force "$name" 2>/dev/null || true
    status=0
    wait $load || status=$?
    is "$round: forced away under load, programs get errors, not silence" "$((status != 0))" 1
    rdc_dm_remove "$name"
    # udev's belated look at what was forced away would be at the next mapping, which gets its number, and cost that its name
    rd_settle
    fails "$round: the mapping is gone" "" dmsetup info "$name"
    rdc_map storm "$SLOW" "$CACHE"
    check "$round: the devices are free for the next one, and the data is right" rdc_same "$MAP" "$DISK" 4194304
done
rdc_dm_remove "$(basename "$MAP")"
check "the RAM disk can be detached" rd_detach "$RD"
is "the kernel did not complain" "$(kernel_complaints | grep -v 'Trying to write to read-only' || true)" ""
finish
