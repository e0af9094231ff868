#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# A populated disk has taken its memory from the machine before anything is written, and so can be swapped to.
# shellcheck disable=SC2317 # functions are called at the end
set -eu
# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"

need mkswap swapon swapoff systemd-run node
[ -d /run/systemd/system ] || skip_all "systemd does not run here"
memory() { awk -v k="$1" '$1 == k { print $2 }' /sys/kernel/rapiddisk/memory; }
# swap_used: KiB in use of the disk; nothing when it is not swap
swap_used() { awk -v d="$disk" '$1 == d { print $4 }' /proc/swaps; }
# written: bytes that were written to the disk
written() { awk '{ print $7 * 512 }' "/sys/block/rd$RD/stat"; }
# swap_off: for the end, when it may be off already
swap_off() { [ -z "$(swap_used)" ] || swapoff "$disk"; }

size=$(bytes 192M)
before=$(memory used)
rd_attach 192M populate
disk=/dev/rd$RD
is "it holds its size before anything is written" "$(rd_used "$RD")" "$size"
at_least "and the machine has that much less, at once" $(($(memory used) - before)) "$size"

# What compresses swap in memory would keep it from the disk.
zswap=/sys/module/zswap/parameters/enabled
if [ "$(cat $zswap 2>/dev/null)" = Y ]; then
    at_end bash -c "echo Y > $zswap"
    echo N >$zswap
fi
mkswap "$disk" >/dev/null
rd_settle
check "it can be swap, before every other" swapon -p 32000 "$disk"
at_end swap_off
held=$(memory used)
begun=$(written)

# Each page has something in it, and is looked at again after the last one was filled.
cat >"$tap_scratch/hog.js" <<'END'
const memory = Buffer.alloc(128 << 20);
const each = (work) => { for (let at = 0; at < memory.length; at += 4096) work(at, 1 + ((at >> 12) % 255)); };
each((at, value) => { memory[at] = value; });
each((at, value) => { if (memory[at] !== value) process.exit(1); });
END
check "a program that may have 64 MiB keeps 128 MiB right, by swapping" \
    systemd-run --quiet --wait --collect -p MemoryMax=64M "$(command -v node)" "$tap_scratch/hog.js"
at_least "it swapped to the disk" $(($(written) - begun)) "$(bytes 32M)"
is "no write failed" "$(rd_errors "$RD")" 0
is "the disk holds what it held" "$(rd_used "$RD")" "$size"
at_most "and none of them took more memory" "$(memory used)" "$held"
check "swapoff" swapoff "$disk"
is "the kernel has nothing to complain of" "$(kernel_complaints)" ""
finish
