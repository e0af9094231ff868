#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# Many disks, many shells, many threads: nothing is cut, lost or left behind.
# shellcheck disable=SC2317 # functions are called through check and at_end
set -eu
# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"

need fio
# As many as fill the page that devices has; more would only take longer, since udev looks at each.
modules_again() { modprobe -r rapiddisk-cache rapiddisk && modprobe rapiddisk "$@"; }
check "the module is loaded for 256 disks" modules_again rd_max_nr=256
at_end modules_again
attached() { awk -F': ' '/^Number of Attached/ { print $2 }' "$MGMT"; }
before=$(attached)
first=$(rd_free_number)
room=$(($(cat /sys/module/rapiddisk/parameters/rd_max_nr) - before))

began=$(date +%s%N)
bad=0
for n in $(seq "$first" $((first + room - 1))); do
    mgmt attach "$n" 4194304 || bad=$((bad + 1))
done
took=$((($(date +%s%N) - began) / 1000000))
is "as many disks as rd_max_nr allows are attached" "$bad" 0
note "$room disks in $took ms"
is "mgmt counts them" "$(attached)" $((before + room))
fails "one more is refused: EDQUOT" "Disk quota exceeded" mgmt attach $((first + room)) 4194304
at_most "devices fits a page" "$(wc -c <"$DEVICES")" "$PAGE"
[ "$PAGE" != 4096 ] || at_least "which cannot hold them all" "$(wc -c <"$DEVICES")" $((PAGE - 80))
is "every line of it is whole" "$(grep -vcP '^(rd\d+\t\d+\t\d+\t\d+|Device\tSize\tErrors\tUsed)$' "$DEVICES")" 0
is "it ends with a line's end" "$(tail -c 1 "$DEVICES" | od -An -c | tr -d ' ')" '\n'
# What the kernel itself tells of each disk is read before and after, so that a busy host slows the yardstick as well.
began=$(date +%s%N)
cat /sys/block/rd*/queue/logical_block_size /sys/block/rd*/stat >/dev/null
own=$(date +%s%N)
found=$(grep -h '^size ' /sys/block/rd*/rapiddisk/summary | grep -c 4194304)
after=$(date +%s%N)
cat /sys/block/rd*/queue/logical_block_size /sys/block/rd*/stat >/dev/null
yardstick=$(((own - began + $(date +%s%N) - after) / 1000000)) took=$(((after - own) / 1000000))
at_least "sysfs lists every one" "$found" "$room"
note "in $took ms; four attributes of the kernel's own for each take $yardstick ms"
at_most "as quickly as the kernel's own attributes" "$took" "$((yardstick + 100))"
bad=0
rd_settle
for n in $(seq "$first" $((first + room - 1))); do
    rd_detach "$n" || bad=$((bad + 1))
done
is "all are detached" "$bad" 0
is "the count is as before" "$(attached)" "$before"

# eight shells attach, write, resize and detach over the same numbers
storm() {
    local i n
    for i in $(seq 60); do
        n=$((first + RANDOM % 6))
        case $((RANDOM % 5)) in
            0 | 1) mgmt attach $n $(((1 + RANDOM % 8) * 1048576)) ;;
            2) dd if=/dev/zero of=/dev/rd$n bs=64K count=$((RANDOM % 16)) oflag=direct conv=nocreat status=none ;;
            3) mgmt resize $n $(((1 + RANDOM % 16) * 1048576)) ;;
            4) mgmt detach $n ;;
        esac
        [ $((RANDOM % 3)) != 0 ] || cat "/sys/block/rd$n/rapiddisk/summary" "$DEVICES" "$MGMT"
        [ $((RANDOM % 5)) != 0 ] || echo 1 >"/sys/block/rd$n/rapiddisk/erase"
    done >/dev/null 2>&1 || true
}
shells=()
for _ in 1 2 3 4 5 6 7 8; do
    (
        set +e
        storm
    ) &
    shells+=($!)
done
wait "${shells[@]}" || true
rd_settle
for n in $(seq "$first" $((first + 5))); do rd_detach "$n"; done
is "after a storm of eight shells nothing is left" "$(attached)" "$before"
is "not in /sys/block" "$(find /sys/block -name "rd$first" | wc -l)" 0

# parallel first writes over one disk
rd_attach 64M
check "eight jobs fill one disk in parallel, with every write checked" fio --name=p --filename="/dev/rd$RD" --direct=1 \
    --rw=write --bs=4k --size=8M --offset_increment=8M --numjobs=8 --group_reporting --verify=crc32c --ioengine=libaio \
    --iodepth=8 --output="$tap_scratch/fio"
is "no page is counted twice" "$(rd_used "$RD")" $((64 * 1048576))
is "the kernel has nothing to complain of" "$(kernel_complaints)" ""
finish
