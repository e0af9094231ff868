#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# What others export is shown, protects the volume under it, and is touched only when it is asked for by name.
# shellcheck disable=SC2317 # functions are called through check and within
set -eu
# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=nvme.bash
. "$(dirname "$0")/nvme.bash"
need jq busctl dmsetup
theirs=nqn.2020-02.org.example:theirs
# The whole tree of the target, with every value that can be read
tree() {
    find "$NVMET" -type l -printf '%p -> %l\n' | sort
    find "$NVMET" -type f -perm /444 -print0 | sort -z | xargs -0 grep -H . 2>/dev/null
}
soon() { # soon PROMISE COMMAND...: it should be within 2 s, an emulated machine on a busy host may take longer
    local promise=$1 start=$EPOCHREALTIME
    shift
    check "$promise" within 30 "$@"
    note "after $(((${EPOCHREALTIME/./} - ${start/./}) / 1000)) ms"
}
gone() { [ -z "$(property "$@" 2>/dev/null)" ]; }

systemctl start rapiddiskd.service
check "the target is loaded" load_target
volume 340 16M
volume 341 16M
at_end hand_remove_all
hand_port 7 tcp 127.0.0.1 4470
soon "a port that others made is shown" property_is ports 7 Service '"4470"'
hand_subsystem "$theirs" /dev/rd340 "$HOST_A"
hand_link "$theirs" 7
soon "so is an export" property_is exports "$theirs" Ports '["/org/rapiddisk/Manager/ports/7"]'
is "as not ours" "$(property exports "$theirs" Managed)" false
is "with its device" "$(property exports "$theirs" Device)" '"/dev/rd340"'
is "which is our volume" "$(property exports "$theirs" Backing)" '"/org/rapiddisk/Manager/volumes/rd340"'
is "with its host" "$(property exports "$theirs" AllowedHosts)" "[\"$HOST_A\"]"
in_use() { property volumes rd340 Users | grep -qF "$theirs"; }
soon "its device is in use" in_use
fails "and is not removed" "$theirs" on_volume rd340 Remove 'a{sv}' 0

tree >"$tap_scratch/before"
check "an export of ours beside it" exported "$NQN" rd341 7 "$HOST_B"
check "goes again" on_export "$NQN" Remove 'a{sv}' 0
systemctl restart rapiddiskd.service
check "and after a new start of the service" property_is exports "$theirs" Managed false
tree >"$tap_scratch/after"
check "nothing of theirs has changed" diff -u "$tap_scratch/before" "$tap_scratch/after"

put "$NVMET/subsystems/$theirs/namespaces/1/enable" 0
soon "what they change is shown" property_is exports "$theirs" Enabled false
rm "$NVMET/ports/7/subsystems/$theirs"
soon "and what they unlink" property_is exports "$theirs" Ports '[]'
hand_remove "$theirs"
soon "and what they remove" gone exports "$theirs" Enabled
check "then the volume is free" within 30 on_volume rd340 Remove 'a{sv}' 0

hand_subsystem "$theirs" /dev/rd341
hand_link "$theirs" 7
soon "another one of theirs" property_is exports "$theirs" Enabled true
check "is removed when that is asked for by name" on_export "$theirs" Remove 'a{sv}' 0
check "port and all" on_port 7 Remove 'a{sv}' 0
rmdir "$NVMET"/hosts/* 2>/dev/null || true
check "nothing is left in the kernel" target_is_empty

# A mapping that gets another name stays what its export exports.
origin=/dev/disk/by-id/virtio-scratch-plain
volume 342 16M
check "a cache of ours" manager CreateCache 'sssa{sv}' rd342 "$origin" write-through 1 name s before
at_end call /caches/after .Cache Remove 'a{sv}' 0
port 7 tcp 127.0.0.1 4470
check "is exported" exported "$NQN" /dev/mapper/before 7 "$HOST_A"
dmsetup rename before after
soon "after a renaming the export has the device's name of now" property_is exports "$NQN" Device '"/dev/mapper/after"'
is "and is still of the cache" "$(property exports "$NQN" Backing)" '"/org/rapiddisk/Manager/caches/after"'
is "the kernel itself has the old name" "$(cat "$NVMET/subsystems/$NQN/namespaces/1/device_path")" /dev/mapper/before
fails "who uses the cache is named when it is to go" "exported as $NQN" call /caches/after .Cache Remove 'a{sv}' 0
dmsetup create before --table "0 2048 zero"
at_end dmsetup remove before
check "switched off" on_export "$NQN" SetEnabled 'ba{sv}' false 0
fails "it is not switched on for what has the old name now" "another device" on_export "$NQN" SetEnabled 'ba{sv}' true 0
check "and can be removed" on_export "$NQN" Remove 'a{sv}' 0
dmsetup remove before
check "with its cache" call /caches/after .Cache Remove 'a{sv}' 0
check "and port" on_port 7 Remove 'a{sv}' 0
rmdir "$NVMET"/hosts/* 2>/dev/null || true
check "the target's modules can go" within 60 unload_target
finish
