#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# The story of `make demo`, told in the virtual machine as root. Every step checks what it claims.
set -euo pipefail
export LC_ALL=C

disk=/dev/disk/by-id/virtio-scratch-plain
mount=/mnt/demo
sample_mib=48

if [ -t 1 ] || [ -n "${FORCE_COLOR:-}" ]; then bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'; else bold='' dim='' plain=''; fi

chapter() { printf '\n%s%s%s\n' "$bold" "$1" "$plain"; }

# show COMMAND...: prints the command as a person would type it, then runs it.
show() {
    printf '%s$ %s%s\n' "$dim" "$*" "$plain"
    "$@"
}

holds() { # holds "what" test...
    local what=$1
    shift
    if "$@"; then
        printf '  ✓ %s\n' "$what"
    else
        printf '  ✗ %s\n' "$what" >&2
        exit 1
    fi
}

# refused TEXT COMMAND...: the command must fail and say TEXT.
refused() {
    local text=$1 said
    shift
    printf '%s$ %s%s\n' "$dim" "$*" "$plain"
    if said=$("$@" 2>&1); then
        printf '  ✗ this should have been refused\n' >&2
        exit 1
    fi
    printf '%s\n' "$said"
    holds "refused, and it says why" grep -qF -e "$text" <<<"$said"
}

checksum() { dd if="$1" bs=1M count="$sample_mib" iflag=direct status=none | sha256sum | cut -d ' ' -f 1; }
fsck_clean() { e2fsck -fn "$1" >/dev/null 2>&1; }

# brought NQN: the disk that a connection to it has brought, once it is there
brought() {
    local entry name
    for _ in $(seq 300); do
        for entry in /sys/class/nvme-subsystem/*; do
            [ "$(cat "$entry/subsysnqn")" = "$1" ] || continue
            for name in "$entry"/nvme*; do
                name=${name##*/}
                if [[ $name =~ ^nvme[0-9]+n[0-9]+$ && -b /dev/$name ]]; then
                    echo "/dev/$name"
                    return
                fi
            done
        done
        sleep 0.2
    done
    echo "no disk of $1 appeared" >&2
    return 1
}
statistic() { rapiddisk stats "$1" --json | jq ".. | .$2? // empty" | head -n 1; }

chapter "1. What this host has"
show uname -sr
show rapiddisk status

chapter "2. RAM becomes a block device"
show rapiddisk volume create 256M
holds "/dev/rd0 is there, 256 MiB" test "$(blockdev --getsize64 /dev/rd0)" = 268435456
show fio --name=verify --filename=/dev/rd0 --rw=randwrite --bs=4k --size=32M --direct=1 --verify=crc32c --do_verify=1 \
    --minimal --output=/tmp/fio.txt
holds "32 MiB written at random and verified" test -s /tmp/fio.txt
show rapiddisk volume show rd0
show rapiddisk volume erase rd0
holds "erasing gave its memory back" test "$(rapiddisk volume show rd0 --json | jq .used)" = 0

chapter "3. It becomes a cache in front of a disk"
head -c "${sample_mib}M" /dev/urandom >/tmp/sample
dd if=/tmp/sample of="$disk" bs=1M oflag=direct conv=fsync status=none
before=$(sha256sum </tmp/sample | cut -d ' ' -f 1)
show rapiddisk cache create rd0 "$disk" --mode write-through --name demo
cache=/dev/mapper/demo
show rapiddisk list
holds "the first read, through the cache, is what the disk holds" test "$(checksum "$cache")" = "$before"
holds "the second read, from RAM, is the same" test "$(checksum "$cache")" = "$before"
show rapiddisk stats demo
holds "RAM answered" test "$(statistic demo cache_hits)" -gt 0

chapter "4. It is written, and the disk has it too"
show mkfs.ext4 -q -F "$cache"
mkdir -p "$mount"
show mount "$cache" "$mount"
show fio --name=verify --directory="$mount" --rw=randrw --bs=4k --size=24M --numjobs=2 --direct=1 --verify=crc32c \
    --do_verify=1 --fsync=32 --minimal --output=/tmp/fio.txt
cp /tmp/sample "$mount/sample"
sync
refused "$mount" rapiddisk cache remove demo
refused "demo" rapiddisk volume remove rd0
show umount "$mount"
show rapiddisk cache remove demo
holds "the disk alone passes fsck" fsck_clean "$disk"
show mount -o ro "$disk" "$mount"
holds "the file on the disk alone is the file that was written" cmp /tmp/sample "$mount/sample"
umount "$mount"

chapter "5. It grows in use"
show mkfs.ext4 -q -F /dev/rd0
show mount /dev/rd0 "$mount"
cp /tmp/sample "$mount/sample"
show rapiddisk volume resize rd0 384M
show resize2fs /dev/rd0
show df -h "$mount"
holds "the file survived" cmp /tmp/sample "$mount/sample"
umount "$mount"

chapter "6. Another machine uses it, over NVMe/TCP"
show rapiddisk modules load
modprobe nvme-tcp
host=$(cat /etc/nvme/hostnqn)
show rapiddisk port create tcp 127.0.0.1
# The key is shown once, and is in no file.
shown=$(show rapiddisk export create rd0 --host "$host")
printf '%s\n' "$shown"
key=$(printf '%s\n' "$shown" | sed -n 's/^Key of .*: //p')
holds "a key for the host was shown" test -n "$key"
refused "nqn.2021-06.org.rapiddisk:" rapiddisk volume remove rd0
show rapiddisk export show rd0
# What the other machine types is what was just printed.
connect=$(rapiddisk export show rd0 --json | jq -r '.commands[] | select(startswith("nvme connect"))')
nqn=$(rapiddisk export show rd0 --json | jq -r .nqn)
refused "could not add new controller" bash -c "${connect/ --dhchap-secret KEY/}"
read -r -a words <<<"${connect/ KEY/ $key}"
show "${words[@]}"
remote=$(brought "$nqn")
show mount "$remote" "$mount"
holds "the file is there, at the other end" cmp /tmp/sample "$mount/sample"
show fio --name=verify --directory="$mount" --rw=randwrite --bs=4k --size=8M --direct=1 --verify=crc32c --do_verify=1 \
    --minimal --output=/tmp/fio.txt
umount "$mount"
show nvme disconnect -n "$nqn"
show rapiddisk export deny rd0 "$host"
refused "could not add new controller" "${words[@]}"
show rapiddisk export remove rd0
show rapiddisk port remove 1
show mount -o ro /dev/rd0 "$mount"
holds "what the other end wrote is here" cmp /tmp/sample "$mount/sample"
umount "$mount"

chapter "7. Everything is taken apart again"
show rapiddisk volume remove rd0
show rapiddisk list
holds "no RAM disk is left" test ! -e /dev/rd0
holds "the kernel has nothing to complain about" test -z "$(dmesg | grep -E 'WARNING:|BUG:|Oops|blocked for more than' || true)"
touch /run/rapiddisk-demo-told
