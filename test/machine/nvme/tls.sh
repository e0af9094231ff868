#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# TLS between a real host and the target: with the same pre-shared key in the kernel for both ends a host connects, and what
# goes over the wire is encrypted; without it, or without TLS, it does not.
# shellcheck disable=SC2317 # functions are called through check and within
set -eu
# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=nvme.bash
. "$(dirname "$0")/nvme.bash"
need nvme jq busctl rapiddisk tlshd keyctl ss
load_hosts nvme_tcp
here=(-t tcp -a 127.0.0.1 -s 4420)
discovery=nqn.2014-08.org.nvmexpress.discovery
feature() { busctl get-property org.rapiddisk.Manager /org/rapiddisk/Manager org.rapiddisk.Manager Features | grep -q '"nvme-tls"'; }
# psk HOST SUBSYSTEM: a new pre-shared key of the two, in the kernel's keyring, which both ends of this machine look in
psk() {
    local key
    key=$(nvme gen-tls-key --hmac=1) || return
    nvme check-tls-key --insert --hostnqn="$1" --subsysnqn="$2" --keydata="$key" --identity=1
}
forget_psks() {
    keyctl clear %:.nvme
}
# encrypted: a connection to the port speaks TLS 1.3, by the socket's own word
encrypted() {
    ss -tni 'dport = :4420' | grep -q 'tcp-ulp-tls.*version: 1.3'
}

check "the target is loaded" load_target
fails "a port that asks for TLS is refused while tlshd does not run" tlshd \
    manager CreatePort 'ussa{sv}' 1 tcp 127.0.0.1 1 tls b true
check "and TLS is no feature" not feature
cp /etc/tlshd.conf "$tap_scratch/tlshd.conf"
at_end cp "$tap_scratch/tlshd.conf" /etc/tlshd.conf
at_end systemctl stop tlshd.service
sed -i 's/^#keyrings=.*/keyrings=.nvme/' /etc/tlshd.conf
systemctl start tlshd.service
volume 390 16M
at_end port_gone 1
at_end export_gone "$NQN"
at_end forget_psks
check "with tlshd it is made" within 30 manager CreatePort 'ussa{sv}' 1 tcp 127.0.0.1 1 tls b true
is "the kernel asks for TLS on it" "$(cat "$NVMET/ports/1/addr_tsas")" tls1.3
is "the bus says so" "$(property ports 1 Tls)" true
check "TLS is a feature" within 30 feature
fails "RDMA and loop know no TLS" tcp manager CreatePort 'ussa{sv}' 2 loop "" 1 tls b true
check "an export on it" exported "$NQN" rd390 1 "$HOST_A $HOST_B"
rapiddisk export show "$NQN" >"$tap_scratch/shown"
for word in discover connect; do
    check "export show says --tls: nvme $word" grep -q "^ *nvme $word .*$HOST_A.* --tls$" "$tap_scratch/shown"
done

fails "a host without TLS is refused" "" joins "$HOST_A" "$NQN" "${here[@]}"
check "a host's key is put into the kernel" psk "$HOST_A" "$NQN"
check "it connects with TLS" joins "$HOST_A" "$NQN" "${here[@]}" --tls
check "what goes over the wire is encrypted" encrypted
disk=$(disk_of "$NQN")
check "what it writes is on the volume" same_data "$disk" /dev/rd390
fails "a host that is allowed but has no key of its own is refused" "" joins "$HOST_B" "$NQN" "${here[@]}" --tls
check "who is connected is told" test "$(on_export "$NQN" GetConnections 'a{sv}' 0 | grep -c 127.0.0.1)" = 1
nvme disconnect -n "$NQN" >/dev/null
fails "discovery is refused without a key for it" "" discovers "$HOST_A" "$NQN" "${here[@]}" --tls
check "with one for it" psk "$HOST_A" "$discovery"
check "the export is found" discovers "$HOST_A" "$NQN" "${here[@]}" --tls

# with DH-HMAC-CHAP in addition
key=$(nvme gen-dhchap-key -m 1 -n "$HOST_A")
check "a key to prove in addition" on_export "$NQN" SetHostKeys 'sa{sv}' "$HOST_A" 1 key s "$key"
fails "TLS alone is not enough then" "" joins "$HOST_A" "$NQN" "${here[@]}" --tls
check "both are" joins "$HOST_A" "$NQN" "${here[@]}" --tls --dhchap-secret="$key"
nvme disconnect -n "$NQN" >/dev/null

systemctl stop tlshd.service
fails "without tlshd nobody new comes in" "" joins "$HOST_A" "$NQN" "${here[@]}" --tls --dhchap-secret="$key"
export_gone "$NQN"
port_gone 1
check "nothing is left in the kernel" target_is_empty
check "the target's modules can go" within 60 unload_target
finish
