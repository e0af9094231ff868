#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# Taking apart while hosts work: an export goes under I/O, and so does its volume after it. Some kernels keep a namespace
# alive forever when I/O has met it disabled and it is then removed the wrong way; its modules would never unload again.
# shellcheck disable=SC2317 # functions are called through check and within
set -eu
# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=nvme.bash
. "$(dirname "$0")/nvme.bash"
need nvme jq fio busctl
load_hosts nvme_tcp nvme_loop

# busy DEVICE: writes until it is told to stop or fails; idle: it is told
busy() {
    fio --thread --name=busy --filename="$1" --rw=randwrite --bs=4k --size=8M --direct=1 --ioengine=libaio --iodepth=16 \
        --time_based --runtime=300 --continue_on_error=all --minimal >/dev/null 2>&1 &
    writer=$!
    local disk=${1##*/}
    # shellcheck disable=SC2016 # for the other shell
    within 60 bash -c 'read -r _ _ _ _ writes _ <"/sys/class/block/$1/stat" && [ "$writes" -gt 50 ]' - "$disk"
}
idle() {
    kill -9 "$writer" 2>/dev/null || true
    wait "$writer" 2>/dev/null || true
}

for transport in tcp loop; do
    where=(-t loop)
    address=''
    if [ "$transport" = tcp ]; then
        where=(-t tcp -a 127.0.0.1 -s 4420)
        address=127.0.0.1
    fi
    check "$transport: the target is loaded" load_target
    volume 320 16M
    check "$transport: a port" port 1 "$transport" "$address"
    check "$transport: an export" exported "$NQN" rd320 1 "$HOST_A"
    check "$transport: a host" joins "$HOST_A" "$NQN" "${where[@]}"
    check "$transport: is busy" busy "$(disk_of "$NQN")"
    check "$transport: the namespace is disabled under I/O" on_export "$NQN" SetEnabled 'ba{sv}' false 0
    is "$transport: it is off in the kernel" "$(cat "$NVMET/subsystems/$NQN/namespaces/1/enable")" 0
    check "$transport: and enabled" on_export "$NQN" SetEnabled 'ba{sv}' true 0
    idle
    check "$transport: the host has it back" disk_of "$NQN"
    check "$transport: and is busy again" busy "$(disk_of "$NQN")"
    check "$transport: the export is removed under I/O" on_export "$NQN" Remove 'a{sv}' 0
    check "$transport: its volume is removed" on_volume rd320 Remove 'a{sv}' 0
    check "$transport: and is gone" test ! -e /sys/block/rd320
    nvme disconnect -n "$NQN" >/dev/null 2>&1 || true
    idle
    check "$transport: the port is removed" on_port 1 Remove 'a{sv}' 0
    check "$transport: nothing is left in the kernel" target_is_empty
    check "$transport: the target's modules can go" within 60 unload_target
done
check "the RAM disk module is held by nobody" rmmod rapiddisk_cache rapiddisk
modprobe -a rapiddisk rapiddisk-cache
finish
