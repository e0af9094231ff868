#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# The service runs while its modules come and go: it is there without them, and may use the devices of a driver that was
# loaded after it, whatever numbers that driver got.
set -eu
. "$(dirname "$0")/../lib.sh"
need busctl systemctl modprobe
origin=/dev/disk/by-id/virtio-scratch-plain
[ -b "$origin" ] || skip_all "the scratch disk is not there"

call() { # PATH INTERFACE MEMBER...
    local path=$1 iface=$2
    shift 2
    busctl --timeout=120 call org.rapiddisk.Manager "/org/rapiddisk/Manager$path" "org.rapiddisk.Manager$iface" "$@"
}
major() { sed -n "s/^ *\([0-9]*\) $1\$/\1/p" /proc/devices; }
features() { busctl get-property org.rapiddisk.Manager /org/rapiddisk/Manager org.rapiddisk.Manager Features; }

systemctl start rapiddiskd.service
before=$(major rapiddisk)
modprobe -r rapiddisk-cache rapiddisk
at_end modprobe -a rapiddisk rapiddisk-cache
pid=$(systemctl show -P MainPID rapiddiskd.service)
fails "without the module it says what is missing" "rapiddisk" call "" "" CreateVolume 'ta{sv}' $((16 << 20)) 0
is "and lists nothing" "$(call "" "" ListVolumes)" "aa{sv} 0"

# Numbers of drivers are given from above: anyone who comes first now gets what was rapiddisk's.
if modprobe zram && [ "$(major zram)" = "$before" ]; then
    at_end modprobe -r zram
    check "the modules are loaded on demand" call "" "" LoadModules 'a{sv}' 0
    at_least "rapiddisk has another number than before" "$(($(major rapiddisk) != before))" 1
else
    at_end modprobe -r zram
    skip "rapiddisk has another number than before" "zram did not take it"
    check "the modules are loaded on demand" call "" "" LoadModules 'a{sv}' 0
fi
is "the service was not started again for that" "$(systemctl show -P MainPID rapiddiskd.service)" "$pid"
check "a volume is made" call "" "" CreateVolume 'ta{sv}' $((16 << 20)) 1 number u 220
at_end call /volumes/rd220 .Volume Remove 'a{sv}' 0
check "the service may open it: it is locked" call /volumes/rd220 .Volume SetReadOnly 'ba{sv}' true 0
check "and unlocked" call /volumes/rd220 .Volume SetReadOnly 'ba{sv}' false 0
check "and erased" call /volumes/rd220 .Volume Erase 'a{sv}' 0
check "the kernel may open it for the service: it becomes a cache" \
    call "" "" CreateCache 'sssa{sv}' rd220 "$origin" write-through 1 name s late-wt
check "which is removed" call /caches/late_2dwt .Cache Remove 'a{sv}' 0
is "the features say that volumes can be made" "$(features | grep -c '"volumes"')" 1
finish
