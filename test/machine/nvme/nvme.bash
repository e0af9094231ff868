# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# Sourced by the tests here, after lib.sh. The service is asked through busctl, which starts faster in an emulated machine
# than the command; hosts are played by nvme-cli, each with a name and an id of its own.

# shellcheck source=target.bash
. "$(dirname "${BASH_SOURCE[0]}")/target.bash"

# shellcheck disable=SC2034 # for the tests
NQN=nqn.2021-06.org.rapiddisk:machine-test
# shellcheck disable=SC2034
HOST_A=nqn.2014-08.org.nvmexpress:uuid:0f4a6b1c-8f57-4c0e-9d5f-00000000000a
# shellcheck disable=SC2034
HOST_B=nqn.2014-08.org.nvmexpress:uuid:0f4a6b1c-8f57-4c0e-9d5f-00000000000b

# within SECONDS COMMAND...: waits until the command succeeds; its time is a limit, not a promise
within() {
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.2
    done
}

# not COMMAND...
not() {
    ! "$@"
}

# -- the service

# label TEXT: as it stands in an object path
label() {
    local text=$1 i c out=
    for ((i = 0; i < ${#text}; i++)); do
        c=${text:i:1}
        case $c in
            [A-Za-z0-9]) ;;
            *) printf -v c '_%02x' "'$c" ;;
        esac
        out+=$c
    done
    printf '%s' "$out"
}

# call PATH INTERFACE MEMBER [SIGNATURE ARGUMENT...]: PATH below the root object; what an error says goes to stderr
call() {
    local path=$1 iface=$2 member=$3
    shift 3
    busctl --timeout=120 call org.rapiddisk.Manager "/org/rapiddisk/Manager$path" "org.rapiddisk.Manager$iface" "$member" "$@"
}

manager() {
    call "" "" "$@"
}

# on_export NQN MEMBER [SIGNATURE ARGUMENT...]
on_export() {
    local nqn=$1
    shift
    call "/exports/$(label "$nqn")" .Export "$@"
}

# on_volume NAME MEMBER [SIGNATURE ARGUMENT...]
on_volume() {
    local name=$1
    shift
    call "/volumes/$name" .Volume "$@"
}

# on_port ID MEMBER [SIGNATURE ARGUMENT...]
on_port() {
    local id=$1
    shift
    call "/ports/$id" .Port "$@"
}

# property volumes|ports|exports NAME PROPERTY: its value as JSON
property() {
    local iface=Volume
    case $1 in
        ports) iface=Port ;;
        exports) iface=Export ;;
    esac
    busctl --json=short get-property org.rapiddisk.Manager "/org/rapiddisk/Manager/$1/$(label "$2")" \
        "org.rapiddisk.Manager.$iface" "$3" | jq -c .data
}

# property_is volumes|ports|exports NAME PROPERTY JSON
property_is() {
    [ "$(property "$1" "$2" "$3" 2>/dev/null)" = "$4" ]
}

# volume NUMBER SIZE: a volume, removed at the end; udev is waited for
volume() {
    manager CreateVolume 'ta{sv}' "$(bytes "$2")" 1 number u "$1" >/dev/null || return
    at_end volume_gone "$1"
    rd_settle
}

# volume_gone NUMBER: removed by the service, or past it
volume_gone() {
    [ ! -e "/sys/block/rd$1" ] || on_volume "rd$1" Remove 'a{sv}' 0 || rd_detach "$1"
}

# port ID TRANSPORT ADDRESS [SERVICE]: made by the service, removed at the end
port() {
    local options=(0)
    [ -z "${4:-}" ] || options=(1 service s "$4")
    manager CreatePort 'ussa{sv}' "$1" "$2" "$3" "${options[@]}" >/dev/null || return
    at_end port_gone "$1"
}

port_gone() {
    [ ! -d "$NVMET/ports/$1" ] || on_port "$1" Remove 'a{sv}' 0
}

# exported NQN DEVICE PORTS HOSTS: made by the service, removed at the end; words apart by blanks; no host means any; no keys
exported() {
    local nqn=$1 device=$2 ports hosts
    read -r -a ports <<<"$3"
    read -r -a hosts <<<"$4"
    manager CreateExport 'sa{sv}' "$device" 5 nqn s "$nqn" no-key b true ports as "${#ports[@]}" "${ports[@]}" \
        hosts as "${#hosts[@]}" "${hosts[@]}" allow-any-host b "$([ "${#hosts[@]}" = 0 ] && echo true || echo false)" >/dev/null || return
    at_end export_gone "$nqn"
}

export_gone() {
    [ ! -d "$NVMET/subsystems/$1" ] || on_export "$1" Remove 'a{sv}' 0
}

# load_target: the target's modules, by the service
load_target() {
    manager LoadModules 'a{sv}' 0
}

# target_is_empty: no object of the target is left
target_is_empty() {
    [ ! -d "$NVMET" ] || [ -z "$(find "$NVMET"/subsystems "$NVMET"/ports "$NVMET"/hosts -mindepth 1 -maxdepth 1)" ]
}

# unload_target: the promise that nothing of the target is held, no matter who removed it
unload_target() {
    local module
    for module in nvme_loop nvmet_tcp nvmet_rdma nvmet; do
        [ ! -d "/sys/module/$module" ] || rmmod "$module" || return
    done
}

# -- hosts

# load_hosts MODULE...: the host's side of a transport
load_hosts() {
    modprobe -a "$@"
}

# as_host HOST WORDS...: an nvme command with the name and the id of that host
as_host() {
    local host=$1
    shift
    nvme "$@" --hostnqn="$host" --hostid="${host##*uuid:}"
}

# discovers HOST NQN WORDS...: the discovery log that the host is given has that subsystem
discovers() {
    local host=$1 nqn=$2
    shift 2
    as_host "$host" discover "$@" -o json | jq -e --arg nqn "$nqn" 'any(.records[]; .subnqn == $nqn)'
}

# joins HOST NQN WORDS...: connects, and is left at the end
joins() {
    local host=$1 nqn=$2 retry=(--reconnect-delay=1 --ctrl-loss-tmo=120)
    shift 2
    # Within one machine there is no connection to lose, and the kernel refuses to be told.
    [ "$2" != loop ] || retry=()
    as_host "$host" connect -n "$nqn" "$@" "${retry[@]}" || return
    at_end nvme disconnect -n "$nqn"
    within 60 controller "$host" "$nqn"
}

# controller HOST NQN: a live connection of that host to that subsystem, by the kernel's name
controller() {
    local entry
    for entry in /sys/class/nvme/nvme*; do
        if [ "$(cat "$entry/subsysnqn" 2>/dev/null)" = "$2" ] && [ "$(cat "$entry/hostnqn" 2>/dev/null)" = "$1" ] &&
            [ "$(cat "$entry/state" 2>/dev/null)" = live ]; then
            echo "${entry##*/}"
            return 0
        fi
    done
    return 1
}

# known HOST NQN: the host has a controller of that subsystem, in whatever state
known() {
    local entry
    for entry in /sys/class/nvme/nvme*; do
        if [ "$(cat "$entry/subsysnqn" 2>/dev/null)" = "$2" ] && [ "$(cat "$entry/hostnqn" 2>/dev/null)" = "$1" ]; then
            return 0
        fi
    done
    return 1
}

# disk_of NQN: path of the subsystem's block device at the hosts, once it is there
disk_of() {
    within 60 disk_name "$1" && printf '/dev/%s\n' "$(disk_name "$1")"
}

disk_name() {
    local entry name
    for entry in /sys/class/nvme-subsystem/*; do
        [ "$(cat "$entry/subsysnqn" 2>/dev/null)" = "$1" ] || continue
        for name in "$entry"/nvme*n*; do
            name=${name##*/}
            if [[ $name =~ ^nvme[0-9]+n[0-9]+$ ]] && [ -b "/dev/$name" ]; then
                echo "$name"
                return 0
            fi
        done
    done
    return 1
}

# sectors_of DEVICE
sectors_of() {
    cat "/sys/class/block/${1##*/}/size"
}

# verified DEVICE [SIZE]: written at random and read back by fio with a checksum in every block
verified() {
    fio --name=verify --filename="$1" --rw=randwrite --bs=4k --size="${2:-1M}" --direct=1 --ioengine=libaio --iodepth=8 \
        --verify=crc32c --do_verify=1 --verify_fatal=1 --minimal
}

# same_data NODE DEVICE: fresh data written through the host is what the target's device holds
same_data() {
    head -c 2M /dev/urandom >"$tap_scratch/fresh" &&
        dd if="$tap_scratch/fresh" of="$1" bs=1M oflag=direct conv=fsync status=none &&
        dd if="$2" bs=1M count=2 iflag=direct status=none | cmp - "$tap_scratch/fresh"
}

# followed PID TRACER: whether strace follows every thread of a process: whichever is free does the next system call
followed() {
    ! grep -L "^TracerPid:[[:space:]]*$2" "/proc/$1"/task/*/status | grep -q .
}
