#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Copyright (C) 2026 The RapidDisk Manager authors
#
# Every tenth allocation of the modules fails while many threads are at work, in their own context, in workers and in
# interrupts; then single I/Os of the origin fail, too. A cache never returns an error for want of memory, and nothing
# ever returns wrong data.
# shellcheck disable=SC2317 # functions given to check
set -eu
# shellcheck source=../../../../test/machine/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=../../../../test/machine/cache/rdc.bash
. "$(dirname "$0")/../cache/rdc.bash"
# shellcheck source=faults.bash
. "$(dirname "$0")/faults.bash"

[ -e /proc/self/fail-nth ] || skip_all "this kernel cannot let allocations fail"
seconds=${UML_SECONDS:-5}
faults_aim
at_end faults_off

rdc_disk 16M
rdc_slow "$DISK" 2
rd_attach 4M
rdc_map pressure "$SLOW" "/dev/rd$RD"
run() {
    local promise=$1
    shift
    check "$promise" rdc_check --origin "$DISK" --threads 16 --seconds "$seconds" "$@" "$MAP"
    note "$(tail -n 1 "$tap_scratch/out")"
}
faults_on 10
run "a tenth of the allocations fails: no error, no wrong data" --sectors 4096 --writes 30
# without the pages that it has by now
faults_off
rdc_dm_remove "$(basename "$MAP")"
blkdiscard -f "/dev/rd$RD"
rdc_map pressure "$SLOW" "/dev/rd$RD"
faults_on 60
run "most fail, and the cache begins without pages: no error, no wrong data" --sectors 4096 --writes 30 --zeroes 5
faults_off
at_least "pages could not be had" "$(rdc_stat "$MAP" ram_failed)" 1
run "with memory again" --sectors 512

# single bios to the disk fail
disk=$(basename "$DISK")
echo 1 >"/sys/block/$disk/make-it-fail"
requests=/sys/kernel/debug/fail_make_request
echo 0 >$requests/verbose
echo N >$requests/task-filter
echo -1 >$requests/times
at_end sh -c "echo 0 >$requests/probability"
echo 5 >$requests/probability
faults_on 10
check "one I/O of the disk in twenty fails, and so do allocations: no wrong data" \
    rdc_check --errors-ok --sectors 1024 --threads 16 --seconds "$seconds" "$MAP"
note "$(tail -n 1 "$tap_scratch/out")"
echo 0 >$requests/probability
faults_off
echo 0 >"/sys/block/$disk/make-it-fail"
check "afterwards cache and disk hold the same" rdc_same "$MAP" "$DISK"
check "and once more, from RAM" rdc_same "$MAP" "$DISK"

# the RAM disk alone: a write may be refused, but what is there is right
rd_attach 16M
fio_errors() {
    fio --name=f --filename="/dev/rd$RD" --direct=1 --rw=randwrite --bs=4k --size=16M --ioengine=libaio --iodepth=8 \
        --numjobs=2 --time_based --runtime="$seconds" --continue_on_error=write --ignore_error=,ENOSPC --output="$tap_scratch/fio"
}
faults_on 10
check "a RAM disk under writers" fio_errors
faults_off
at_least "writes were refused for want of memory" "$(rd_errors "$RD")" 1
check "it holds what was written since" fio --name=v --filename="/dev/rd$RD" --direct=1 --rw=randwrite --bs=4k --size=16M \
    --ioengine=libaio --iodepth=8 --verify=crc32c --do_verify=1 --output="$tap_scratch/fio"
is "the kernel did not complain" "$(kernel_complaints)" ""
finish
