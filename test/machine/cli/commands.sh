#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# The commands in words, each against the real kernel: what they say is what the kernel then shows.
set -eu
# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"

need rapiddisk jq dmsetup blockdev busctl
source_disk=/dev/disk/by-id/virtio-scratch-plain
[ -b "$source_disk" ] || skip_all "there is no scratch disk"
origin=$(readlink -f "$source_disk")
mapping=cli-test-cache

check "the service answers" rapiddisk status
check "both modules are loaded" test "$(rapiddisk status --json | jq '.modules.rapiddisk and .modules.rapiddisk_cache')" = true
is "the version is one" "$(rapiddisk --version)" "rapiddisk $(rapiddisk status --json | jq -r .version)"

# volumes
n=$(rd_free_number)
rd=rd$n
at_end rapiddisk volume remove "$rd"
is "a volume is created" "$(rapiddisk volume create 64M --number "$n")" "Created $rd, 64 MiB: /dev/$rd"
is "with the size that was asked for" "$(blockdev --getsize64 "/dev/$rd")" 67108864
is "show agrees" "$(rapiddisk volume show "$rd" --json | jq .size)" 67108864
is "list agrees" "$(rapiddisk volume list --json | jq ".[] | select(.name == \"$rd\") | .number")" "$n"
fails "the same number is refused" "$rd" rapiddisk volume create 64M --number "$n"
check "it grows" rapiddisk volume resize "$rd" 96M
is "to the new size" "$(blockdev --getsize64 "/dev/$rd")" 100663296
head -c 1M /dev/urandom | dd of="/dev/$rd" bs=1M oflag=direct status=none
at_least "what is written is shown as used" "$(rapiddisk volume show "$rd" --json | jq .used)" 1048576
fails "no shrinking into data" "" rapiddisk volume resize "$rd" 4096B
check "lock" rapiddisk volume lock "$rd"
is "is read-only for the kernel" "$(blockdev --getro "/dev/$rd")" 1
check "unlock" rapiddisk volume unlock "$rd"
is "is writable again" "$(blockdev --getro "/dev/$rd")" 0
check "erase" rapiddisk volume erase "$rd"
is "leaves zeros" "$(dd if="/dev/$rd" bs=1M count=1 iflag=direct status=none | md5sum)" "$(head -c 1M /dev/zero | md5sum)"
is "and no memory" "$(rapiddisk volume show "$rd" --json | jq .used)" 0
check "persist" rapiddisk volume persist "$rd"
is "is shown" "$(rapiddisk volume show "$rd" --json | jq .persistent)" true
check "persist --off" rapiddisk volume persist "$rd" --off

# in use
mkfs.ext4 -qF "/dev/$rd"
mkdir "$tap_scratch/mnt"
mount "/dev/$rd" "$tap_scratch/mnt"
at_end umount "$tap_scratch/mnt"
fails "a mounted volume is not removed, and the mount is named" "$tap_scratch/mnt" rapiddisk volume remove "$rd"
fails "nor erased" "$tap_scratch/mnt" rapiddisk volume erase "$rd"
status=0
rapiddisk volume remove "$rd" 2>/dev/null || status=$?
is "the exit status says busy" "$status" 4
umount "$tap_scratch/mnt"
rd_settle

# caches
head -c 8M /dev/urandom >"$tap_scratch/data"
dd if="$tap_scratch/data" of="$origin" bs=1M oflag=direct status=none
at_end rapiddisk cache remove "$mapping"
check "a cache is created" rapiddisk cache create "$rd" "$source_disk" --mode write-around --name "$mapping"
check "as a mapping of ours" grep -q rapiddisk-cache <(dmsetup table "$mapping")
is "its mode is shown" "$(rapiddisk cache show "$mapping" --json | jq -r .mode)" write-around
is "it reads what the origin holds" "$(dd if="/dev/mapper/$mapping" bs=4k count=2048 iflag=direct status=none | md5sum)" "$(md5sum <"$tap_scratch/data")"
is "and once more" "$(dd if="/dev/mapper/$mapping" bs=4k count=2048 iflag=direct status=none | md5sum)" "$(md5sum <"$tap_scratch/data")"
at_least "now from the cache" "$(rapiddisk stats "$mapping" --json | jq .cache_hits)" 1000
check "the ratio is shown" grep -Eq "^hit_ratio: +[0-9]+\.[0-9] %" <(rapiddisk stats "$mapping")
fails "its volume is not removed" "$mapping" rapiddisk volume remove "$rd"
check "reset-stats" rapiddisk cache reset-stats "$mapping"
at_most "sets them to zero" "$(rapiddisk stats "$mapping" --json | jq .cache_hits)" 10
check "flush" rapiddisk cache flush "$mapping"
if rapiddisk cache mode "$mapping" write-through >"$tap_scratch/mode" 2>&1; then
    is "the mode changes" "$(rapiddisk cache show "$mapping" --json | jq -r .mode)" write-through
else
    fail "the mode changes" "$(cat "$tap_scratch/mode")"
fi
check "list names both" test "$(rapiddisk list | grep -cE "^($rd|$mapping) ")" = 2
check "the origin is shown as used" test "$(rapiddisk resources --json | jq ".[] | select(.path == \"$origin\") | .in_use")" = true
is "watch ends after the count" "$(rapiddisk stats --watch 0.2 --count 2 --json | wc -l)" 2
check "a cache is removed" rapiddisk cache remove "$mapping"
fails "and is then not there" "" dmsetup info "$mapping"
is "the origin has all data" "$(dd if="$origin" bs=1M count=8 iflag=direct status=none | md5sum)" "$(md5sum <"$tap_scratch/data")"

# the rest
check "modules" rapiddisk modules
check "modules load" rapiddisk modules load
check "jobs" rapiddisk jobs
check "restore" rapiddisk restore
for line in "volume show rd1048575:3" "volume create 512:2" "volume crate 1M:2" "cache create rd1048575 $origin:3" "forget nothing:3"; do
    status=0
    # shellcheck disable=SC2086 # words are wanted
    rapiddisk ${line%:*} >/dev/null 2>&1 || status=$?
    is "rapiddisk ${line%:*} ends with ${line##*:}" "$status" "${line##*:}"
done
check "a volume is removed" rapiddisk volume remove "$rd"
check "and is gone" test ! -e "/sys/block/$rd"

# who may
as_nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
check "anybody may look" as_nobody rapiddisk list
status=0
as_nobody rapiddisk volume create 4M --no-ask-password >/dev/null 2>&1 || status=$?
is "not everybody may change" "$status" 5

# a root that is alone
if systemctl mask --runtime --now polkit.service >/dev/null 2>&1; then
    at_end systemctl unmask --runtime polkit.service
    at_end systemctl stop polkit.service
    n=$(rd_free_number)
    check "root creates without polkit" rapiddisk volume create 4M --number "$n"
    check "and removes" rapiddisk volume remove "rd$n"
    systemctl unmask --runtime polkit.service >/dev/null 2>&1
else
    skip "root needs no polkit" "polkit.service cannot be masked here"
fi
is "the kernel has nothing to complain of" "$(kernel_complaints)" ""
finish
