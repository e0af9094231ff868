#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# The command: its words, the lines that it prints for the other side, run as they stand, and the notation of rapiddisk 9.
# shellcheck disable=SC2317 # functions are called through check and within
set -eu
# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=nvme.bash
. "$(dirname "$0")/nvme.bash"
need nvme jq busctl rapiddisk
load_hosts nvme_tcp nvme_loop
me=$(cat /etc/nvme/hostnqn)
check "the target is loaded" load_target
volume 350 16M
at_end port_gone 1
at_end port_gone 2
at_end export_gone "$NQN"
said() { cat "$tap_scratch/out"; }

check "port create" rapiddisk port create tcp 127.0.0.1 --id 1
is "says what it made" "$(said)" "Created port 1: tcp 127.0.0.1:4420"
check "port create for loop" rapiddisk port create loop --id 2
check "export create" rapiddisk export create rd350 --nqn "$NQN" --port 1,2 --host "$me" --no-key
said >"$tap_scratch/created"
check "it says that an NQN does not authenticate a host" grep -qF "$me may connect without a key. An NQN does not authenticate a host" "$tap_scratch/created"
check "export show" rapiddisk export show "$NQN"
said | sed -n 's/^[[:space:]]*\(nvme .*\)$/\1/p' >"$tap_scratch/lines"
check "it has lines for the other side: discover" grep -q '^nvme discover ' "$tap_scratch/lines"
check "and connect, for each port" test "$(grep -c '^nvme connect ' "$tap_scratch/lines")" = 2
while read -r line; do
    check "as it stands: $line" bash -c "$line"
    said >"$tap_scratch/found"
    case $line in
        'nvme discover '*) check "it finds the export" grep -qF "$NQN" "$tap_scratch/found" ;;
        *)
            check "it brings a disk" disk_of "$NQN"
            at_end nvme disconnect -n "$NQN"
            check "export show while connected" rapiddisk export show "$NQN" --json
            is "tells of the connection" "$(said | jq '[.connections[] | select(.known) | .hosts | length] | add > 0')" true
            nvme disconnect -n "$NQN" >/dev/null
            ;;
    esac
done <"$tap_scratch/lines"
check "export list" rapiddisk export list --json
is "has it" "$(said | jq --arg nqn "$NQN" '[.[] | select(.nqn == $nqn)] | length')" 1
check "export stats" rapiddisk export stats "$NQN" --json
at_least "counts what hosts have read" "$(said | jq .read_bytes)" 4096
check "port list" rapiddisk port list --json
is "has both" "$(said | jq length)" 2
fails "an export of nothing is refused" "" rapiddisk export create rd351
fails "a host's name that is none is refused" "" rapiddisk export allow "$NQN" ../../etc
check "export remove" rapiddisk export remove "$NQN"
check "port remove" rapiddisk port remove 1 2

# the notation of rapiddisk 9
default=nqn.2021-06.org.rapiddisk:$(hostname)-rd350
at_end export_gone "$default"
check "-i makes a port" rapiddisk -i lo -P 1 -t tcp
check "and -t loop another" rapiddisk -i NULL -P 2 -t loop
check "-N lists them" rapiddisk -N -j
is "as rapiddisk 9 did" "$(said | jq -c '.targets[0].nvmet_ports | sort_by(.port)')" \
    '[{"port":1,"address":"127.0.0.1","protocol":"tcp"},{"port":2,"address":"UNDEFINED","protocol":"loop"}]'
check "-e exports" rapiddisk -e -b rd350 -P 1 -H "$HOST_A"
check "again, for another host" rapiddisk -e -b rd350 -P 1 -H "$HOST_B"
check "and on another port" rapiddisk -e -b rd350 -P 2 -H "$HOST_A"
check "-n lists" rapiddisk -n -j
is "as rapiddisk 9 did, all of it" \
    "$(said | jq -c '.targets[0].nvmet_targets[0] | .allowed_hosts |= sort_by(.host) | .assigned_ports |= sort_by(.port)')" \
    "{\"nqn\":\"$default\",\"namespace\":1,\"device\":\"/dev/rd350\",\"enabled\":\"true\",\"allowed_hosts\":[{\"host\":\"$HOST_A\"},{\"host\":\"$HOST_B\"}],\"assigned_ports\":[{\"port\":1,\"address\":\"127.0.0.1\",\"protocol\":\"tcp\"},{\"port\":2,\"address\":\"UNDEFINED\",\"protocol\":\"loop\"}]}"
fails "-x without a host is refused while hosts are named" "" rapiddisk -x -b rd350 -P 1
check "-x -H takes one host" rapiddisk -x -b rd350 -P 1 -H "$HOST_A"
check "the export stays for the other" test -d "$NVMET/subsystems/$default"
check "-R tells hosts the size" rapiddisk -R -b rd350
check "-x -H takes the last host, and the export from that port" rapiddisk -x -b rd350 -P 1 -H "$HOST_B"
check "which carries it no more" test ! -e "$NVMET/ports/1/subsystems/$default"
check "the other port carries it still" test -e "$NVMET/ports/2/subsystems/$default"
check "-x takes it from there" rapiddisk -x -b rd350 -P 2
check "and with the last port it is gone" test ! -d "$NVMET/subsystems/$default"
check "-X removes a port" rapiddisk -X -P 1
check "and the other" rapiddisk -X -P 2
check "nothing is left in the kernel" target_is_empty
check "the target's modules can go" within 60 unload_target
finish
