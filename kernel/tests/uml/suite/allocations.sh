#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Copyright (C) 2026 The RapidDisk Manager authors
#
# Each single allocation of each thing that the modules do fails once. What is refused changed nothing and works right
# after; what needs memory only to be quick is never refused.
# shellcheck disable=SC2317 # functions given to check
set -eu
# shellcheck source=../../../../test/machine/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=../../../../test/machine/cache/rdc.bash
. "$(dirname "$0")/../cache/rdc.bash"
# shellcheck source=faults.bash
. "$(dirname "$0")/faults.bash"

[ -e /proc/self/fail-nth ] || skip_all "this kernel cannot let allocations fail"
faults_aim

# each PROMISE WORDS...: with at least one allocation, so that a filter that matches nothing is seen
each() {
    local promise=$1
    shift
    check "$promise" uml-faults "$@"
    note "$(tail -n 1 "$tap_scratch/out")"
    at_least "$promise: an allocation was there to fail" \
        "$(sed -n 's/^[a-z]*: \([0-9]*\) allocations.*/\1/p' "$tap_scratch/out")" 1
}
# never PROMISE WORDS...: the same, and nothing may be refused
never() {
    each "$@"
    is "$1: none was refused" "$(sed -n 's/.*refused \([0-9]*\),.*/\1/p' "$tap_scratch/out")" 0
}

number=$(rd_free_number)
each "attach" attach "$number" 1048576
each "attach with all its pages" attach "$number" 65536 populate
each "attach, pages of one node" attach "$number" 1048576 node=0
check "detach" uml-faults detach "$number" 1048576
note "$(tail -n 1 "$tap_scratch/out")"

rd_attach 1M
each "growth" resize "$RD" 2147483648
check "erasing" uml-faults erase "$RD"
each "a write to new pages" write "/dev/rd$RD" 1048576
check "a read" uml-faults read "/dev/rd$RD" 1048576
check "zeroing" uml-faults zero "/dev/rd$RD" 1048576
check "discard" uml-faults discard "/dev/rd$RD" 1048576
check "reading mgmt" uml-faults text "$MGMT"
check "reading devices" uml-faults text "$DEVICES"
check "reading a disk's summary" uml-faults text "/sys/block/rd$RD/rapiddisk/summary"

rd_attach 4M
rdc_disk 16M
table="32768 $DISK /dev/rd$RD"
each "a mapping" map "rdctest-$$-faults" "$table"
rdc_map faults "$DISK" "/dev/rd$RD"
each "a new table" reload "$RDC_NAME" "$table 4096 0 8"
check "messages" uml-faults message "$RDC_NAME" stats
check "dropping all" uml-faults message "$RDC_NAME" invalidate
check "status and table" uml-faults status "$RDC_NAME"
never "a cold read" read "$MAP" 16777216 "$DISK"
never "a write through" write "$MAP" 16777216 "$DISK"
check "zeroing through the cache" uml-faults zero "$MAP" 16777216 "$DISK"
check "discard through the cache" uml-faults discard "$MAP" 16777216 "$DISK"
# A slab cache that cannot be had (one is made for the bios of a mapping) is announced with a call trace: no complaint.
is "the kernel did not complain" "$(kernel_complaints | grep -v 'Call Trace:' || true)" ""
finish
