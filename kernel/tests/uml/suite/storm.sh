#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Copyright (C) 2026 The RapidDisk Manager authors
#
# Eight shells attach, use, resize, erase and detach the same four disks, while four others map caches over them, write,
# reload, send messages and remove. Nearly everything is refused now and then; nothing may be left, lost or reported.
# shellcheck disable=SC2317 # functions given to check
set -eu
# shellcheck source=../../../../test/machine/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=../../../../test/machine/cache/rdc.bash
. "$(dirname "$0")/../cache/rdc.bash"

seconds=${UML_SECONDS:-30}
first=$(rd_free_number)
disks=()
for _ in 1 2 3; do
    rdc_disk 8M
    disks+=("$DISK")
done
until=$((SECONDS + seconds))
words=(attach detach resize map reload)
: >"$tap_scratch/worked"

# going_on: the time is not over, or a busy host has let something not happen once in it; not forever.
going_on() {
    [ $SECONDS -lt $until ] && return
    [ $SECONDS -lt $((until + 10 * seconds)) ] || return
    local word
    for word in "${words[@]}"; do
        grep -qx "$word" "$tap_scratch/worked" || return 0
    done
    return 1
}

# dice N: 0 to N-1
dice() { echo $((RANDOM % $1)); }

disk_shell() {
    local n options=("" "" populate node=0 interleave)
    while going_on; do
        n=$((first + $(dice 4)))
        case $(dice 9) in
            0 | 1 | 2) mgmt attach $n $(((1 + $(dice 4)) * 1048576)) "${options[$(dice 5)]}" && echo "attach" >>"$tap_scratch/worked" ;;
            3) mgmt detach $n && echo "detach" >>"$tap_scratch/worked" ;;
            4) mgmt resize $n $(((1 + $(dice 8)) * 1048576)) && echo "resize" >>"$tap_scratch/worked" ;;
            5) dd if=/dev/urandom of=/dev/rd$n bs=64k count="$(dice 20)" oflag=direct conv=nocreat status=none ;;
            6) dd if=/dev/rd$n of=/dev/null bs=64k iflag=direct status=none ;;
            7) blkdiscard -f /dev/rd$n && blockdev --rereadpt /dev/rd$n ;;
            8) echo 1 >/sys/block/rd$n/rapiddisk/erase && cat "$MGMT" "$DEVICES" /sys/block/rd$n/rapiddisk/summary ;;
        esac
    done
}

map_shell() {
    local name=storm-$1 disk table mode
    while going_on; do
        disk=${disks[$(dice 3)]} mode=$(dice 2)
        table="0 16384 rapiddisk-cache $disk /dev/rd$((first + $(dice 4))) 2048 $mode 8"
        dmsetup create "$name" --noudevsync --table "$table" || continue
        echo "map" >>"$tap_scratch/worked"
        DM_DISABLE_UDEV=1 dmsetup mknodes "$name"
        dd if=/dev/urandom of="/dev/mapper/$name" bs=256k count=8 oflag=direct status=none &
        dd if="/dev/mapper/$name" of=/dev/null bs=64k iflag=direct status=none
        dmsetup message "$name" 0 "$(printf 'invalidate\nmode wa\nmode passthrough\nstats\nstats_reset\n' | shuf -n 1)"
        dmsetup reload "$name" --table "$table" && dmsetup resume --noudevsync "$name" && echo "reload" >>"$tap_scratch/worked"
        dmsetup status "$name"
        wait
        dmsetup remove --noudevsync --retry "$name"
    done
}

shells=()
for i in 1 2 3 4 5 6 7 8; do
    (
        set +e
        RANDOM=$i
        disk_shell
    ) >/dev/null 2>&1 &
    shells+=($!)
done
for i in 1 2 3 4; do
    (
        set +e
        RANDOM=$((i * 77))
        map_shell $i
    ) >/dev/null 2>&1 &
    shells+=($!)
done
wait "${shells[@]}" || true
for word in "${words[@]}"; do
    count=$(grep -c "^$word$" "$tap_scratch/worked" || true)
    at_least "the storm: $word worked" "$count" 1
    note "$word: $count times"
done
is "no mapping is left" "$(dmsetup ls | grep -c '^storm' || true)" 0
for n in $(seq "$first" $((first + 3))); do
    if [ -e "/sys/block/rd$n" ]; then check "rd$n is detached" mgmt detach "$n"; fi
done
memory() { awk '$1 == "used" { print $2 }' /sys/kernel/rapiddisk/memory; }
is "no memory is in use" "$(memory)" 0
is "the kernel did not complain" "$(kernel_complaints)" ""
finish
