# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# Sourced by the tests here and by the bench: exports made with plain writes to the kernel's NVMe target, in the order that
# never exposes half of one (nvmet's configfs, drivers/nvme/target/configfs.c). What a person would do without us.

NVMET=/sys/kernel/config/nvmet

# put FILE VALUE: one write, without a line end
put() {
    printf '%s' "$2" >"$1"
}

# hand_port ID tcp|rdma|loop [ADDRESS [SERVICE]]
hand_port() {
    local port=$NVMET/ports/$1 family=ipv4
    mkdir "$port" || return
    put "$port/addr_trtype" "$2" || return
    [ "$2" != loop ] || return 0
    case $3 in *:*) family=ipv6 ;; esac
    put "$port/addr_adrfam" "$family" && put "$port/addr_traddr" "$3" && put "$port/addr_trsvcid" "${4:-4420}"
}

# hand_subsystem NQN DEVICE [HOST…]: without a host, any host may connect
hand_subsystem() {
    local device=$2 subsystem=$NVMET/subsystems/$1 host
    shift 2
    mkdir "$subsystem" || return
    if [ $# = 0 ]; then put "$subsystem/attr_allow_any_host" 1 || return; fi
    for host in "$@"; do
        [ -d "$NVMET/hosts/$host" ] || mkdir "$NVMET/hosts/$host" || return
        ln -s "$NVMET/hosts/$host" "$subsystem/allowed_hosts/$host" || return
    done
    mkdir "$subsystem/namespaces/1" && put "$subsystem/namespaces/1/device_path" "$device" &&
        put "$subsystem/namespaces/1/enable" 1
}

# hand_link NQN PORT
hand_link() {
    ln -s "$NVMET/subsystems/$1" "$NVMET/ports/$2/subsystems/$1"
}

# hand_remove NQN: unlinked from its ports, disabled, then removed, whatever part of it is there
hand_remove() {
    local subsystem=$NVMET/subsystems/$1 entry
    for entry in "$NVMET"/ports/*/subsystems/"$1"; do [ ! -L "$entry" ] || rm "$entry"; done
    for entry in "$subsystem"/namespaces/*; do
        [ -d "$entry" ] || continue
        [ "$(cat "$entry/enable")" = 0 ] || put "$entry/enable" 0
        rmdir "$entry"
    done
    for entry in "$subsystem"/allowed_hosts/*; do [ ! -L "$entry" ] || rm "$entry"; done
    [ ! -d "$subsystem" ] || rmdir "$subsystem"
}

# hand_remove_subsystems; hand_remove_all: with ports and hosts
hand_remove_subsystems() {
    local entry
    for entry in "$NVMET"/subsystems/*; do [ ! -d "$entry" ] || hand_remove "${entry##*/}"; done
}
hand_remove_all() {
    local entry
    hand_remove_subsystems
    for entry in "$NVMET"/ports/* "$NVMET"/hosts/*; do [ ! -d "$entry" ] || rmdir "$entry"; done
}
