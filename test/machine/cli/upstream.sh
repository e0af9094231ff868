#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# The notation of rapiddisk 7 to 9 against the real kernel: texts, JSON bytes and exit statuses that scripts rely on.
set -eu
# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=cli.bash
. "$(dirname "$0")/cli.bash"

need rapiddisk dmsetup blockdev
source_disk=/dev/disk/by-id/virtio-scratch-plain
[ -b "$source_disk" ] || skip_all "there is no scratch disk"
origin=$(readlink -f "$source_disk")
name=${origin##*/}
if grep -q '^rd' "$DEVICES"; then skip_all "there are RAM disks already"; fi
at_end rd_detach 0
at_end rd_detach 1
at_end dmsetup remove --retry "rc-wa_$name"
at_end dmsetup remove --retry "rc-wb_$name"

is "the old path is there" "$(readlink -f /sbin/rapiddisk)" "$(readlink -f "$(command -v rapiddisk)")"
ends 254 "-l without RAM disks: 254" -l -j
check "says Failed" grep -q '^{"status": "Failed", "message": ".*"}$' "$tap_scratch/said"
ends 255 "nothing: 255"
ends 0 "-a" -g -a 64
is "is said in words that scripts cut up" "$(said)" "Attached device rd0 of size 64 Mbytes."
is "and done" "$(blockdev --getsize64 /dev/rd0)" 67108864
ends 0 "-a in other units, JSON" -ja16MiB
is "is said" "$(said)" '{"status": "Success", "message": "Attached device rd1 of size 16 Mbytes."}'
ends 234 "-a of no size: 234" -a 1G
ends 244 "-a of more than there is: 244" -a 99999999
ends 0 "-l -j" -l -j
is "byte for byte" "$(said)" '{"volumes": [{"rapiddisk": [{"device": "rd1", "size": 16777216, "usage": 0, "status": "unlocked"}, {"device": "rd0", "size": 67108864, "usage": 0, "status": "unlocked"}]}, {"rapiddisk_cache": []}]}'
ends 0 "-l" -l
is "with banner, byte for byte" "$(said)" "$(printf '%s\nCopyright (C) 2026 The RapidDisk Manager authors\n\nList of RapidDisk device(s):\n\n RapidDisk Device 1: rd1\tSize (KB): 16384\tUsage (KB): 0\tStatus: Unlocked\n RapidDisk Device 2: rd0\tSize (KB): 65536\tUsage (KB): 0\tStatus: Unlocked\n\nList of RapidDisk-Cache mapping(s):\n\n  None\n\n' "$(head -n 1 "$tap_scratch/said")")"
check "the banner begins with name and version" grep -qE '^rapiddisk [0-9]+\.[0-9]+\.[0-9]+$' <(head -n 1 "$tap_scratch/said")
ends 0 "-L" -L rd1
is "says so, as it did" "$(tail -n 1 "$tap_scratch/said")" "Device rd1 is now set to read-only"
is "locks" "$(blockdev --getro /dev/rd1)" 1
ends 0 "-U" -U rd1
is "unlocks" "$(blockdev --getro /dev/rd1)" 0
ends 0 "-r" -r rd1 -c 32
is "resizes" "$(blockdev --getsize64 /dev/rd1)" 33554432
head -c 20M /dev/urandom | dd of=/dev/rd1 bs=1M oflag=direct status=none
rd_settle
ends 234 "-r into data: 234" -r rd1 -c 8
is "the size stays" "$(blockdev --getsize64 /dev/rd1)" 33554432
ends 0 "-f" -f rd1
is "erases" "$(rd_used 1)" 0

ends 234 "-m with a policy that is none: 234" -m rd0 -b "$origin" -p fast
ends 0 "-m -p wa" -m rd0 -b "$origin" -p wa
is "says so, as it did" "$(tail -n 1 "$tap_scratch/said")" "Command to map rc-wa_$name with rd0 and $origin has been sent."
check "maps" grep -q rapiddisk-cache <(dmsetup table "rc-wa_$name")
ends 255 "-d of a mapped disk: 255" -d rd0
check "its reason is on standard output" test -n "$(rapiddisk -g -d rd0 2>/dev/null)"
ends 254 "-m over a device that is not there: 254" -m rd1 -b /dev/nosuch
ends 240 "-f of a mapped disk: 240" -f rd0
for _ in 1 2; do
    dd if="/dev/mapper/rc-wa_$name" of=/dev/null bs=4k count=256 iflag=direct status=none
done
ends 0 "-l with it" -g -l
says "names it" "$(printf ' RapidDisk-Cache Target 1: rc-wa_%s\tCache: rd0  Target: %s (WRITE AROUND)' "$name" "$name")"
ends 0 "-s" -g -s "rc-wa_$name"
is "prints 15 columns" "$(said | wc -w)" 15
at_least "the third is the hits" "$(said | cut -d' ' -f3)" 256
ends 0 "-s -j" -j -s "rc-wa_$name"
check "has the names in their order" grep -qE '^\{"statistics": \[\{"cache_stats": \[\{"device": "rc-wa_[^"]+", "reads": [0-9]+, "writes": [0-9]+, "cache_hits": [0-9]+, "replacement": [0-9]+, "write_replacement": [0-9]+, "read_invalidates": [0-9]+, "write_invalidates": [0-9]+, "uncached_reads": [0-9]+, "uncached_writes": [0-9]+, "disk_reads": [0-9]+, "disk_writes": [0-9]+, "cache_reads": [0-9]+, "cache_writes": [0-9]+\}\]\}\]\}$' "$tap_scratch/said"
mkfs.ext4 -qF "/dev/mapper/rc-wa_$name"
mkdir "$tap_scratch/hard1"
mount "/dev/mapper/rc-wa_$name" "$tap_scratch/hard1"
at_end unmount "$tap_scratch/hard1"
ends 240 "-u of a mounted mapping: 240" -u "rc-wa_$name"
unmount "$tap_scratch/hard1"
rd_settle
exec 9<"/dev/mapper/rc-wa_$name"
ends 255 "-u of a mapping that is open and not mounted: 255" -u "rc-wa_$name"
exec 9<&-
rd_settle
ends 0 "-u" -g -u "rc-wa_$name"
is "says so, as it did" "$(said)" "Command to unmap rc-wa_$name has been sent."
ends 255 "-s without mappings: 255" -s "rc-wa_$name"
ends 254 "-u again: 254" -u "rc-wa_$name"

ends 0 "-m -p wb" -m rd0 -b "$origin" -p wb
check "maps dm-writecache" grep -q ' writecache ' <(dmsetup table "rc-wb_$name")
head -c 4M /dev/urandom >"$tap_scratch/data"
dd if="$tap_scratch/data" of="/dev/mapper/rc-wb_$name" bs=1M oflag=direct status=none
ends 0 "-s of it" -g -s "rc-wb_$name"
is "prints 14 columns" "$(said | wc -w)" 14
ends 0 "-u of it" -u "rc-wb_$name"
is "leaves all data on the origin" "$(dd if="$origin" bs=1M count=4 iflag=direct status=none | md5sum)" "$(md5sum <"$tap_scratch/data")"

mkfs.ext4 -qF /dev/rd1
mkdir "$tap_scratch/hard0"
mount /dev/rd1 "$tap_scratch/hard0"
at_end unmount "$tap_scratch/hard0"
ends 255 "-d of a mounted disk: 255" -d rd1
ends 0 "-d of another, whose name a mount point contains" -g -d rd0
is "is said" "$(said)" "Detached device rd0."
unmount "$tap_scratch/hard0"
rd_settle
ends 0 "-d" -d rd1
ends 234 "-d without RAM disks: 234" -d rd1
ends 0 "-q -j" -q -j
says "lists the origin" "{\"device\": \"$name\", \"size\": $(blockdev --getsize64 "$origin")"
# Earlier tests may have left the target loaded.
modprobe -qr nvmet_tcp nvme_loop nvmet_rdma nvmet || true
ends 255 "-n without the target's module: 255" -n
modprobe nvmet
ends 0 "-n with it" -n
is "lists no export" "$(tail -n +4 "$tap_scratch/said")" "$(printf 'NVMe Target Exports\n\n\tNone.\n\n')"
if modprobe -q nvme_loop; then
    # The first example of its README, through the port of the second.
    at_end modprobe -qr nvme_loop
    at_end rd_detach 0
    at_end rapiddisk port remove 2
    at_end rapiddisk -x -b rd0 -P 2 -H nqn.host1
    nqn=nqn.2021-06.org.rapiddisk:$(hostname)-rd0
    ends 0 "-a for an export" -a 64
    ends 0 "-i NULL -P 2 -t loop" -g -i NULL -P 2 -t loop
    is "says so, as it did" "$(said)" "Successfully created port 2 set for loop."
    ends 0 "-e -b rd0 -P 2 -H nqn.host1" -g -e -b rd0 -P 2 -H nqn.host1
    is "says the NQN" "$(said)" "Block device rd0 has been mapped to nqn.host1 through port 2 as $nqn."
    check "the kernel has the host" test -e "/sys/kernel/config/nvmet/subsystems/$nqn/allowed_hosts/nqn.host1"
    ends 0 "-n" -g -n
    is "lists it, as it did" "$(said)" "$(printf 'NVMe Target Exports\n\n\t1: NQN: %s \tNamespace: 1\tDevice: /dev/rd0 \tEnabled: True\n\t\tAllowed host: nqn.host1\n\t\tLinked port: 2\tIP address: UNDEFINED (loop)' "$nqn")"
    ends 0 "-x -b rd0 -P 2 -H nqn.host1" -g -x -b rd0 -P 2 -H nqn.host1
    is "says so, as it did" "$(said)" "Block device rd0 has been removed from the NVMe Target subsystem."
    ends 0 "-X -P 2" -g -X -P 2
    is "says so, as it did" "$(said)" "NVMe Target port 2 has been removed."
    ends 0 "-d after it" -d rd0
fi
status=0
as_nobody rapiddisk -l >/dev/null 2>&1 || status=$?
is "others than root: 243" "$status" 243
finish
