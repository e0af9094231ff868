#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# Loading: parameters mean what they say, wrong ones leave nothing, and no disk loses its module.
# shellcheck disable=SC2317 # functions are called through check and at_end
set -eu
# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"

[ "$(tail -n +2 "$DEVICES" | wc -l)" = 0 ] || skip_all "disks are attached, so the module cannot be unloaded"
[ "$(cat /sys/module/rapiddisk/refcnt)" = 0 ] || skip_all "something uses the module"
put_back() {
    rmmod rapiddisk 2>/dev/null || true
    modprobe rapiddisk
}
at_end put_back

check "an idle module unloads" rmmod rapiddisk
check "and takes its files along" test ! -e /sys/kernel/rapiddisk
check "it loads with disks" modprobe rapiddisk rd_nr=3 rd_size=8 max_sectors=2048 nr_requests=1024 rd_max_nr=5
is "three of them, in MiB" "$(tail -n +2 "$DEVICES")" "rd0	8388608	0	0
rd1	8388608	0	0
rd2	8388608	0	0"
is "mgmt shows the parameters" "$(tail -n +2 "$MGMT")" "
Maximum Number of Attachable Devices: 5
Number of Attached Devices: 3
Max Sectors (KB): 2048
Number of Requests: 1024"
is "max_sectors is the queue's" "$(cat /sys/block/rd1/queue/max_sectors_kb)" 2048
rd_settle
fails "a module with an idle disk is held" "in use" rmmod rapiddisk
check "attach up to rd_max_nr" mgmt attach 10 4096
check "and one more" mgmt attach 11 4096
fails "not beyond" "Disk quota exceeded" mgmt attach 12 4096
rd_settle
for n in 0 1 2 10 11; do rd_detach $n; done
check "without disks it unloads" rmmod rapiddisk

fails "rd_nr above rd_max_nr is refused" "Invalid" modprobe rapiddisk rd_nr=9 rd_size=1 rd_max_nr=8
fails "rd_nr without a size is refused" "Invalid" modprobe rapiddisk rd_nr=1
fails "disks that are too large are refused" "File too large" modprobe rapiddisk rd_nr=2 rd_size=99999999999
fails "max_sectors of 0 is refused" "Invalid" modprobe rapiddisk max_sectors=0
fails "nr_requests of 0 is refused" "Invalid" modprobe rapiddisk nr_requests=0
check "a refused load leaves no major" bash -c "! grep -q rapiddisk /proc/devices"
check "and no disk" bash -c "! ls -d /sys/block/rd[0-9]* 2>/dev/null"

bad=0
for _ in $(seq 20); do
    modprobe rapiddisk rd_nr=2 rd_size=4 || bad=1
    rd_settle
    dd if=/dev/urandom of=/dev/rd1 bs=1M count=4 oflag=direct status=none || bad=2
    blkdiscard -f /dev/rd1 || bad=3
    rd_settle
    rd_detach 0
    rd_detach 1
    rmmod rapiddisk || bad=4
done
is "twenty loads with I/O, discard and unload" "$bad" 0
put_back
is "the kernel has nothing to complain of" "$(kernel_complaints)" ""
finish
