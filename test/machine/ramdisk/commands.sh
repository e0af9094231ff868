#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# The control file: what it says, what it understands, and which error each mistake earns.
# level: smoke
set -eu
# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"

# mgmt file, read
version=$(sed -n 1p "$MGMT")
check "mgmt begins with RapidDisk and a version" grep -qE '^RapidDisk [0-9]+\.[0-9]+\.[0-9]+$' <<<"$version"
is "the version is the module's" "${version#RapidDisk }" "$(cat /sys/module/rapiddisk/version)"
parameters=/sys/module/rapiddisk/parameters
before=$(awk -F': ' '/^Number of Attached/ { print $2 }' "$MGMT")
is "mgmt reads byte for byte as it always did" "$(tail -n +2 "$MGMT"; echo end)" "
Maximum Number of Attachable Devices: $(cat $parameters/rd_max_nr)
Number of Attached Devices: $before
Max Sectors (KB): $(cat $parameters/max_sectors)
Number of Requests: $(cat $parameters/nr_requests)
end"
is "devices begins with its header" "$(head -n 1 "$DEVICES")" "Device	Size	Errors	Used"
is "mgmt is for root to write" "$(stat -c %a "$MGMT")" 644
is "devices is for nobody to write" "$(stat -c %a "$DEVICES")" 444

# attach, in every notation that is accepted
rd_attach 1M
n=$RD
is "devices shows name, size, errors and use" "$(grep -P "^rd$n\t" "$DEVICES")" "rd$n	1048576	0	0"
is "mgmt counts the disk" "$(awk -F': ' '/^Number of Attached/ { print $2 }' "$MGMT")" $((before + 1))
is "the device has the size" "$(blockdev --getsize64 "/dev/rd$n")" 1048576
is "the minor is the number" "$(stat -c %T "/dev/rd$n")" "$(printf '%x' "$n")"
check "the major is rapiddisk's" grep -qE "^ *$((0x$(stat -c %t "/dev/rd$n"))) rapiddisk$" /proc/devices
m=$(rd_free_number)
check "numbers may be hexadecimal" mgmt attach "$(printf '0x%x' "$m")" 0x100000
is "and mean what they say" "$(rd_size "$m")" 1048576
rd_detach "$m"
check "numbers may be octal" mgmt attach "$(printf '0%o' "$m")" 04000000
is "and mean what they say, too" "$(rd_size "$m")" 1048576
rd_detach "$m"
check "a command needs no newline" bash -c "printf 'rapiddisk attach $m 4096' > $MGMT"
rd_detach "$m"

# every mistake is told apart, and changes nothing
full=$(md5sum <"$DEVICES")
fails "attach of a number in use: EEXIST" "File exists" mgmt attach "$n" 1048576
fails "detach of an unknown number: ENODEV" "No such device" mgmt detach "$m"
fails "resize of an unknown number: ENODEV" "No such device" mgmt resize "$m" 4096
fails "size 0: EINVAL" "Invalid argument" mgmt attach "$m" 0
fails "resize to 0: EINVAL" "Invalid argument" mgmt resize "$n" 0
fails "a size that is no multiple of 512: EINVAL" "Invalid argument" mgmt attach "$m" 1000
fails "a size of 2^64 - 1 MiB: EFBIG" "File too large" mgmt attach "$m" 18446744073708503040
fails "a size of 1 PiB: EFBIG" "File too large" mgmt attach "$m" 1125899906842624
fails "resize to 1 PiB: EFBIG" "File too large" mgmt resize "$n" 1125899906842624
fails "a size above 64 bits: ERANGE" "Numerical result out of range" mgmt attach "$m" 18446744073709551616
fails "a number above the minors: ERANGE" "Numerical result out of range" mgmt attach 1048576 4096
fails "a missing size: EINVAL" "Invalid argument" mgmt attach "$m"
fails "a size that is no number: EINVAL" "Invalid argument" mgmt attach "$m" big
fails "letters behind the size: EINVAL" "Invalid argument" mgmt attach "$m" 4096junk
fails "a word behind the size: EINVAL" "Invalid argument" mgmt attach "$m" 4096 junk
fails "a negative number: EINVAL" "Invalid argument" mgmt attach -1 1048576
fails "a negative size: EINVAL" "Invalid argument" mgmt attach "$m" -512
fails "a number that is none: EINVAL" "Invalid argument" mgmt detach x
fails "an unknown word: EINVAL" "Invalid argument" mgmt remove "$n"
fails "another case: EINVAL" "Invalid argument" mgmt ATTACH "$m" 4096
fails "an empty command: EINVAL" "Invalid argument" bash -c "echo > $MGMT"
fails "a node that is not there: EINVAL" "Invalid argument" mgmt attach "$m" 4096 node=900
fails "a command of 4096 bytes: EINVAL" "Invalid argument" bash -c "printf 'rapiddisk attach %d %04074d' $m 4096 > $MGMT"
fails "4096 bytes without an end: EINVAL" "Invalid argument" bash -c "head -c 4096 /dev/zero | tr '\\0' 1 > $MGMT"
fails "devices cannot be written" "" bash -c "echo x > $DEVICES"
is "a refused command changes nothing" "$(md5sum <"$DEVICES")" "$full"

# privilege
if command -v setpriv >/dev/null; then
    fails "root without CAP_SYS_ADMIN is refused: EPERM" "not permitted" \
        setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin bash -c "echo rapiddisk attach $m 4096 > $MGMT"
    fails "nobody cannot write mgmt" "Permission denied" \
        setpriv --reuid=65534 --clear-groups bash -c "echo rapiddisk attach $m 4096 > $MGMT"
else
    skip "root without CAP_SYS_ADMIN is refused: EPERM" "setpriv is not installed"
fi

# options
check "populate allocates at once" mgmt attach "$m" 1048576 populate
is "all of it" "$(rd_used "$m")" 1048576
is "and says so" "$(cat "/sys/block/rd$m/rapiddisk/populated")" 1
rd_settle
check "a populated disk can be discarded" blkdiscard -f "/dev/rd$m"
is "and keeps its memory" "$(rd_used "$m")" 1048576
check "growth is allocated at once" mgmt resize "$m" 2097152
is "all of it, too" "$(rd_used "$m")" 2097152
rd_settle
check "what was never written can be cut off" mgmt resize "$m" 1048576
is "and gives its memory back" "$(rd_used "$m")" 1048576
rd_detach "$m"
check "node=0 is accepted" mgmt attach "$m" 1048576 node=0
is "and shown" "$(cat "/sys/block/rd$m/rapiddisk/numa")" node=0
rd_detach "$m"
check "interleave is accepted" mgmt attach "$m" 1048576 interleave
is "and shown, too" "$(cat "/sys/block/rd$m/rapiddisk/numa")" interleave
rd_detach "$m"
is "the kernel has nothing to complain of" "$(kernel_complaints)" ""
finish
