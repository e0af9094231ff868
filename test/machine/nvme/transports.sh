#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# Other ways than TCP over IPv4: loop, RDMA (soft-RoCE on a dummy interface), IPv6; two ports of one export; and what a port
# cannot be.
set -eu
# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=nvme.bash
. "$(dirname "$0")/nvme.bash"
need nvme jq fio busctl ip rdma
load_hosts nvme_tcp nvme_rdma
check "the target is loaded" load_target
volume 310 16M

# ports that cannot be
fails "a transport that is none is refused, and which there are is said" "rdma" manager CreatePort 'ussa{sv}' 9 pigeon 127.0.0.1 0
fails "an address that this host does not have is refused" "192.0.2.77" manager CreatePort 'ussa{sv}' 9 tcp 192.0.2.77 0
fails "an interface that is none is refused" "nosuch0" manager CreatePort 'ussa{sv}' 9 tcp nosuch0 0
fails "a service number that is none is refused" "65536" manager CreatePort 'ussa{sv}' 9 tcp 127.0.0.1 1 service s 65536
fails "a family that the address is not of is refused" "ipv6" manager CreatePort 'ussa{sv}' 9 tcp 127.0.0.1 1 family s ipv6
fails "RDMA without a device is refused" "" manager CreatePort 'ussa{sv}' 9 rdma 10.0.2.15 0
check "none of them left a port" target_is_empty

# rdma
modprobe rdma_rxe
ip link add rdma-test type dummy
at_end ip link del rdma-test
ip address add 192.0.2.1/24 dev rdma-test
ip link set rdma-test up
rdma link add rxe-test type rxe netdev rdma-test
at_end rdma link del rxe-test
check "a port for RDMA" port 2 rdma 192.0.2.1
check "an export over it" exported "$NQN" rd310 2 "$HOST_A"
check "the host connects over RDMA" joins "$HOST_A" "$NQN" -t rdma -a 192.0.2.1 -s 4420
disk=$(disk_of "$NQN")
check "what it writes is what it reads" verified "$disk"
check "and is on the volume" same_data "$disk" /dev/rd310
nvme disconnect -n "$NQN" >/dev/null

# a second port, of another kind; then without the first
check "a port for loop" port 3 loop ""
check "is added to the export" on_export "$NQN" AddPort 'ua{sv}' 3 0
is "which then has two" "$(property exports "$NQN" Ports | jq length)" 2
check "the first is taken from it" on_export "$NQN" RemovePort 'ua{sv}' 2 0
check "the host connects over loop" joins "$HOST_A" "$NQN" -t loop
disk=$(disk_of "$NQN")
check "what it writes is what it reads, over loop" verified "$disk"
check "and is on the volume, over loop" same_data "$disk" /dev/rd310
nvme disconnect -n "$NQN" >/dev/null
export_gone "$NQN"
port_gone 2
port_gone 3

# two TCP ports at once: losing one is not losing the disk
check "a port on ::1" port 4 tcp ::1 4421
is "is of IPv6" "$(property ports 4 Family)" '"ipv6"'
check "a port on an interface, with a service number that takes a privilege" port 5 tcp lo 443
is "has an address" "$(property ports 5 Address | jq -r 'test("^127\\.|^::1$")')" true
fails "the same address and service number again are refused" "4421" manager CreatePort 'ussa{sv}' 6 tcp ::1 1 service s 4421
fails "the same number again is refused" "4" manager CreatePort 'ussa{sv}' 4 tcp 127.0.0.1 1 service s 4423
check "an export on both" exported "$NQN" rd310 "4 5" "$HOST_A"
check "the host connects over IPv6" joins "$HOST_A" "$NQN" -t tcp -a ::1 -s 4421
check "and over the other" joins "$HOST_A" "$NQN" -t tcp -a "$(property ports 5 Address | jq -r .)" -s 443
disk=$(disk_of "$NQN")
verified "$disk" 8M >"$tap_scratch/fio" 2>&1 &
writer=$!
check "one port is taken away" on_export "$NQN" RemovePort 'ua{sv}' 4 0
check "the host goes on over the other, without an error" wait "$writer"
nvme disconnect -n "$NQN" >/dev/null
export_gone "$NQN"
port_gone 4
port_gone 5
check "nothing is left in the kernel" target_is_empty
check "the target's modules can go" within 60 unload_target
finish
