# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# Sourced by test/machine/cache/*.sh after ../lib.sh: origins, mappings and what the mappings count.
#
#	rdc_disk 64M                 # $DISK: a loop device over a sparse file, gone at the end
#	rdc_slow "$DISK" 5           # $SLOW: the same behind 5 ms of delay
#	rd_attach 16M
#	rdc_map c "$SLOW" "/dev/rd$RD" [cache_sectors [mode [assoc]]]   # $MAP: /dev/mapper/...
#	rdc_stat "$MAP" hits

# shellcheck disable=SC2034 # for the tests
PROGRAMS=/usr/lib/rapiddisk-test
RDC_FILES=$(mktemp -d /var/tmp/rdc.XXXXXX)
at_end rm -rf "$RDC_FILES"
rdc_serial=0

modprobe -q rapiddisk || true
modprobe -q rapiddisk-cache || skip_all "rapiddisk-cache.ko does not load"

# rdc_name WORD: a dm name that nobody else uses
rdc_name() {
    rdc_serial=$((rdc_serial + 1))
    RDC_NAME="rdctest-$$-$1-$rdc_serial"
}

# rdc_dm_remove NAME: patient, for something may still look at it
rdc_dm_remove() {
    local i
    for i in 1 2 3 4 5 6 7 8; do
        dmsetup remove --noudevsync "$1" 2>/dev/null && break
        dmsetup info "$1" >/dev/null 2>&1 || break
        sleep 0.2
    done
    [ "$i" -lt 8 ] || { dmsetup remove --noudevsync --force "$1" && rd_settle; }
    DM_DISABLE_UDEV=1 dmsetup mknodes
}

# rdc_dm WORD TABLE: makes a mapping; $DM is its path. udev keeps out: its reads would be cached and counted.
# What udev still has to do for a mapping that was removed is waited for: the new one may get its number, and udev looks the
# name up by number when it comes to an old change, and takes that name's link away when it comes to the old removal.
rdc_dm() {
    rd_settle
    rdc_name "$1"
    dmsetup create "$RDC_NAME" --noudevrules --noudevsync --table "$2" || return
    at_end rdc_dm_remove "$RDC_NAME"
    DM_DISABLE_UDEV=1 dmsetup mknodes "$RDC_NAME"
    DM=/dev/mapper/$RDC_NAME
}

# rdc_kname PATH: the kernel's name of a device
rdc_kname() {
    if [ -e "/sys/class/block/$(basename "$1")" ]; then
        basename "$1"
    else
        dmsetup info -c --noheadings -o blkdevname "$1"
    fi
}

# rdc_disk SIZE [losetup options]: $DISK
rdc_disk() {
    local file size
    size=$1
    shift
    file=$(mktemp "$RDC_FILES/disk.XXXXXX")
    truncate -s "$size" "$file"
    DISK=$(losetup --find --show "$@" "$file") || return
    at_end losetup -d "$DISK"
    rd_settle
}

# rdc_null MIB SETTING=VALUE...: $DISK, a null_blk that keeps its data, with settings of its configfs directory
rdc_null() {
    local dir setting
    modprobe -q null_blk nr_devices=0 || skip_all "null_blk is not available"
    rdc_name null
    dir=/sys/kernel/config/nullb/$RDC_NAME
    mkdir "$dir"
    at_end sh -c "echo 0 >$dir/power; rmdir $dir"
    for setting in "size=$1" memory_backed=1 "${@:2}" power=1; do
        echo "${setting#*=}" >"$dir/${setting%%=*}" || return
    done
    rd_settle
    # Named by its directory, or on older kernels by its number
    DISK=/dev/$RDC_NAME
    [ -b "$DISK" ] || DISK=/dev/nullb$(cat "$dir/index")
    [ -b "$DISK" ]
}

# rdc_scsi MIB PARAMETER=VALUE...: $DISK, a SCSI disk of scsi_debug; one at a time
rdc_scsi() {
    local i
    modprobe -r scsi_debug 2>/dev/null || true
    modprobe -q scsi_debug "dev_size_mb=$1" "${@:2}" || return
    at_end modprobe -r scsi_debug
    for i in $(seq 50); do
        DISK=$(find /sys/bus/pseudo/drivers/scsi_debug/adapter0/ -path '*/block/sd*' -prune 2>/dev/null | head -n 1)
        DISK=/dev/${DISK##*/}
        rd_settle
        [ ! -b "$DISK" ] || return 0
        sleep 0.2
    done
    return 1
}

sectors() {
    blockdev --getsz "$1"
}

# rdc_slow DEVICE MILLISECONDS [MILLISECONDS OF WRITES]: $SLOW
rdc_slow() {
    modprobe -q dm-delay || skip_all "dm-delay is not available"
    rdc_dm slow "0 $(sectors "$1") delay $1 0 $2${3:+ $1 0 $3}" || return
    SLOW=$DM
}

# rdc_map WORD ORIGIN CACHE [ARGS...]: $MAP
rdc_map() {
    local word=$1 origin=$2 cache=$3
    shift 3
    rdc_dm "$word" "0 $(sectors "$origin") rapiddisk-cache $origin $cache $*" || return
    MAP=$DM
    # Anyone who looked at it already shall not count.
    rd_settle
    dmsetup message "$MAP" 0 invalidate
    dmsetup message "$MAP" 0 stats_reset
}

# rdc_stat MAP NAME: one value of the stats message
rdc_stat() {
    dmsetup message "$1" 0 stats | tr ' ' '\n' | sed -n "s/^$2=//p"
}

# rdc_info MAP: the thirteen numbers of the status line
rdc_info() {
    dmsetup status "$1" | sed '1s/^[^:]*stats/stats/' | tr -cd '0-9 \n' | tr '\n' ' ' | xargs
}

# rdc_read DEVICE FIRST COUNT: blocks of 4 KiB, past the page cache
rdc_read() {
    dd if="$1" of=/dev/null bs=4k skip="$2" count="$3" iflag=direct status=none
}

# rdc_same A B [BYTES [A-SKIP]]: both hold the same, read past the page cache
rdc_same() {
    "$PROGRAMS/rdc_data" cmp "$@"
}

# rdc_random DEVICE: fills it with noise, past the page cache
rdc_random() {
    "$PROGRAMS/rdc_data" fill "$1"
}

# refused PROMISE LOGGED TABLE: the constructor refuses, and the kernel log says why
refused() {
    local seen
    seen=$(dmesg | wc -l)
    rdc_name refused
    if dmsetup create "$RDC_NAME" --table "$3" >"$tap_scratch/out" 2>&1; then
        dmsetup remove "$RDC_NAME"
        fail "$1" "accepted: $3"
    elif dmesg | tail -n "+$((seen + 1))" | grep -qF -e "$2"; then
        pass "$1"
    else
        fail "$1" "the reason does not say \"$2\": $(dmesg | tail -n "+$((seen + 1))")"
    fi
}
