#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# A caller that changes its buffer while the I/O is in flight cannot make RAM and disk differ: neither a reader, who
# may have no right to write, nor a writer.
# level: smoke
set -eu
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/rdc.bash"

rdc_disk 4M
rdc_slow "$DISK" 4
rd_attach 8M
rdc_random "$DISK"

for mode in 0 1; do
    rdc_map "mut$mode" "$SLOW" "/dev/rd$RD" 16384 $mode
    before=$(rdc_stat "$MAP" hits)
    check "mode $mode: a reader who scribbles on its buffer plants nothing" \
        "$PROGRAMS/rdc_mutate" read "$MAP" "$DISK" 300
    at_least "mode $mode: the comparison was made with what RAM holds" \
        "$(($(rdc_stat "$MAP" hits) - before))" 290
    check "mode $mode: a writer who scribbles on its buffer leaves RAM and disk the same" \
        "$PROGRAMS/rdc_mutate" write "$MAP" "$DISK" 300
    rdc_dm_remove "$(basename "$MAP")"
done
is "the kernel did not complain" "$(kernel_complaints)" ""
finish
