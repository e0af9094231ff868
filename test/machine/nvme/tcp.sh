#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# The main job over TCP: a volume is exported to one host, found and connected to by it and by no other, holds what it is
# given, grows under its host's eyes, is protected as long as it is exported, and is taken back from a host that is denied.
# shellcheck disable=SC2317 # functions are called through check and within
set -eu
# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=nvme.bash
. "$(dirname "$0")/nvme.bash"
need nvme jq fio busctl
load_hosts nvme_tcp
here=(-t tcp -a 127.0.0.1 -s 4420)

# the export and its properties
check "the target is loaded" load_target
volume 300 32M
check "a port on 127.0.0.1" port 1 tcp 127.0.0.1
is "has the usual service number" "$(property ports 1 Service)" '"4420"'
check "an export of rd300 for one host" exported "$NQN" rd300 1 "$HOST_A"
for pair in "Enabled true" "Managed true" "AllowAnyHost false" "NamespaceId 1" 'Device "/dev/rd300"' \
    'Backing "/org/rapiddisk/Manager/volumes/rd300"' "AllowedHosts [\"$HOST_A\"]" 'Ports ["/org/rapiddisk/Manager/ports/1"]'; do
    is "it has ${pair%% *}" "$(property exports "$NQN" "${pair%% *}")" "${pair#* }"
done
is "the kernel serves that device" "$(cat "$NVMET/subsystems/$NQN/namespaces/1/device_path")" /dev/rd300
is "under the serial number that the service says" "\"$(cat "$NVMET/subsystems/$NQN/attr_serial")\"" "$(property exports "$NQN" Serial)"
is "the port shows its export" "$(property ports 1 Exports)" "[\"/org/rapiddisk/Manager/exports/$(label "$NQN")\"]"

# what is exported is in use
is "the volume's user is the export" "$(property volumes rd300 Users | jq --arg nqn "$NQN" 'any(.[]; contains($nqn))')" true
fails "it is not removed" "$NQN" on_volume rd300 Remove 'a{sv}' 0
fails "it is not erased" "$NQN" on_volume rd300 Erase 'a{sv}' 0
fails "it does not shrink" "$NQN" on_volume rd300 Resize 'ta{sv}' $((16 << 20)) 0
fails "its port stays" "$NQN" on_port 1 Remove 'a{sv}' 0
fails "it is not exported twice" "" manager CreateExport 'sa{sv}' rd300 3 nqn s "$NQN" ports as 1 1 hosts as 1 "$HOST_A"

# who may
check "the host finds it" discovers "$HOST_A" "$NQN" "${here[@]}"
fails "another host does not" "" discovers "$HOST_B" "$NQN" "${here[@]}"
fails "and cannot connect" "" joins "$HOST_B" "$NQN" "${here[@]}"
check "the host connects" joins "$HOST_A" "$NQN" "${here[@]}"
disk=$(disk_of "$NQN")
check "what it writes at random is what it reads" verified "$disk"
check "what it writes is on the volume" same_data "$disk" /dev/rd300

# growing
check "the volume grows" on_volume rd300 Resize 'ta{sv}' $((48 << 20)) 0
grown() { [ "$(sectors_of "$disk")" = $((48 << 11)) ]; }
check "the host sees it grow" within 60 grown

# a second host comes and goes
check "another host is allowed" on_export "$NQN" AllowHost 'sa{sv}' "$HOST_B" 1 no-key b true
check "now it connects" joins "$HOST_B" "$NQN" "${here[@]}"
verified "$disk" 8M >"$tap_scratch/fio" 2>&1 &
writer=$!
check "it is denied" on_export "$NQN" DenyHost 'sa{sv}' "$HOST_B" 0
check "and is disconnected for good" within 90 not known "$HOST_B" "$NQN"
finished() { wait "$writer" || { cat "$tap_scratch/fio" && return 1; }; }
check "the other host lost nothing" finished
check "nor its connection" within 60 controller "$HOST_A" "$NQN"
fails "who was denied cannot come back" "" joins "$HOST_B" "$NQN" "${here[@]}"

# off, on, away
check "the export is disabled" on_export "$NQN" SetEnabled 'ba{sv}' false 0
is "and shows it" "$(property exports "$NQN" Enabled)" false
check "it is enabled" on_export "$NQN" SetEnabled 'ba{sv}' true 0
is "and shows it again" "$(property exports "$NQN" Enabled)" true
nvme disconnect -n "$NQN" >/dev/null
check "the export is removed" on_export "$NQN" Remove 'a{sv}' 0
check "and its port" on_port 1 Remove 'a{sv}' 0
check "nothing is left of it in the kernel" target_is_empty
check "the volume can go" on_volume rd300 Remove 'a{sv}' 0
check "the target's modules can go" within 60 unload_target
finish
