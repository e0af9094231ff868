#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# DH-HMAC-CHAP with a real host: no key, wrong and right keys, one-way and mutual, given and generated; and that no key is
# seen anywhere but in the kernel's files, for root alone.
# shellcheck disable=SC2317 # functions are called through check and within
set -eu
# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=nvme.bash
. "$(dirname "$0")/nvme.bash"
need nvme jq busctl rapiddisk journalctl strace
load_hosts nvme_tcp
here=(-t tcp -a 127.0.0.1 -s 4420)
key=$(nvme gen-dhchap-key -m 1 -n "$HOST_A")
controller_key=$(nvme gen-dhchap-key -m 1 -n "$HOST_A")
wrong=$(nvme gen-dhchap-key -m 1 -n "$HOST_A")
since=$(date +%s)
umask 077
printf '%s\n' "$key" >"$tap_scratch/key"
printf '%s\n' "$controller_key" >"$tap_scratch/controller-key"
leaves() { nvme disconnect -n "$NQN" >/dev/null; }

check "the target is loaded" load_target
volume 330 16M
check "a port" port 1 tcp 127.0.0.1
at_end export_gone "$NQN"
check "an export for nobody yet" rapiddisk export create rd330 --nqn "$NQN" --port 1 --closed
fails "a stranger cannot connect" "" joins "$HOST_A" "$NQN" "${here[@]}"

check "it is saved" on_export "$NQN" SetPersistent 'ba{sv}' true 0

# one way
kept=/var/lib/rapiddisk/keys/$(printf %s "$HOST_A" | sha256sum | cut -d' ' -f1).json
pid=$(systemctl show -p MainPID --value rapiddiskd.service)
strace -f -qq -p "$pid" -e trace=chmod,fchmodat,openat,write -P "$NVMET/hosts/$HOST_A/dhchap_key" -P "$kept.new" -s 8 \
    -o "$tap_scratch/strace" &
tracer=$!
within 120 followed "$pid" "$tracer"
check "a host with a key of its own is allowed" rapiddisk export allow "$NQN" "$HOST_A" --key-file "$tap_scratch/key"
kill "$tracer"
wait "$tracer" || true
is "the kernel's file is private before the key is in it" "$(sed -n 's/.*\(chmod(.*0600\|write(.*DHHC-1\).*/\1/p' "$tap_scratch/strace" | cut -c 1-5 | tr '\n' ' ')" "chmod write "
check "the saved one from its first moment" grep -q 'openat(.*\.json\.new", O_WRONLY|O_CREAT|O_TRUNC.*, 0600)' "$tap_scratch/strace"
is "and for root alone" "$(stat -c '%U %a' "$kept")" "root 600"
for file in dhchap_key dhchap_ctrl_key; do
    is "$file is for root alone" "$(stat -c %a "$NVMET/hosts/$HOST_A/$file")" 600
done
is "the kernel has the key" "$(tr -d '\n' <"$NVMET/hosts/$HOST_A/dhchap_key")" "$key"
is "the export says for whom it has one" "$(property exports "$NQN" AuthenticatedHosts)" "[\"$HOST_A\"]"
fails "without a key the host is refused" "" joins "$HOST_A" "$NQN" "${here[@]}"
fails "with a wrong one as well" "" joins "$HOST_A" "$NQN" "${here[@]}" --dhchap-secret="$wrong"
check "with the right one it connects" joins "$HOST_A" "$NQN" "${here[@]}" --dhchap-secret="$key"
leaves

# both ways
check "the target proves itself as well" rapiddisk export rekey "$NQN" "$HOST_A" --key-file "$tap_scratch/key" \
    --controller-key-file "$tap_scratch/controller-key" --dhgroup ffdhe2048
is "in the group that was chosen" "$(cat "$NVMET/hosts/$HOST_A/dhchap_dhgroup")" ffdhe2048
fails "a target that does not know the host's key for it is refused by the host" "" \
    joins "$HOST_A" "$NQN" "${here[@]}" --dhchap-secret="$key" --dhchap-ctrl-secret="$wrong"
check "one that knows it is connected to" \
    joins "$HOST_A" "$NQN" "${here[@]}" --dhchap-secret="$key" --dhchap-ctrl-secret="$controller_key"
leaves

# generated
check "a key is generated" rapiddisk export rekey "$NQN" "$HOST_A" --generate-key --hash sha384
made=$(grep -o 'DHHC-1:[^ ]*' "$tap_scratch/out" || true)
fails "the old key is of no use any more" "" joins "$HOST_A" "$NQN" "${here[@]}" --dhchap-secret="$key"
check "the new one is" joins "$HOST_A" "$NQN" "${here[@]}" --dhchap-secret="$made"
leaves

# what is refused
fails "any host and a key do not go together" "$HOST_A" on_export "$NQN" SetAllowAnyHost 'ba{sv}' true 0
secret=${key#DHHC-1:01:}
for bad in "DHHC-1:01:${secret%%:*}" "DHHC-1:01:AAAA:" "DHHC-1:07:$secret" "${key/DHHC-1:01:?/DHHC-1:01:=}" hunter2; do
    fails "a key that is none is refused" "" on_export "$NQN" SetHostKeys 'sa{sv}' "$HOST_A" 1 key s "$bad"
    check "and is not in the message" not grep -qF -e "$bad" "$tap_scratch/out"
done
is "the kernel still has the one that was made" "$(tr -d '\n' <"$NVMET/hosts/$HOST_A/dhchap_key")" "$made"
fails "TLS without the daemon that shakes hands is refused, and it is named" "tlshd" \
    manager CreatePort 'ussa{sv}' 9 tcp 127.0.0.1 2 service s 4499 tls b true

# by default
export_gone "$NQN"
check "an export for a host that is named" rapiddisk export create rd330 --nqn "$NQN" --port 1 --host "$HOST_A" --persist
default=$(grep -o 'DHHC-1:[^ ]*' "$tap_scratch/out" || true)
is "has a key made for it, which is printed" "$(tr -d '\n' <"$NVMET/hosts/$HOST_A/dhchap_key")" "$default"
is "it must prove it" "$(property exports "$NQN" AuthenticatedHosts)" "[\"$HOST_A\"]"
fails "without the key its name is of no use" "" joins "$HOST_A" "$NQN" "${here[@]}"
check "with it the host connects" joins "$HOST_A" "$NQN" "${here[@]}" --dhchap-secret="$default"
leaves
is "the key is given out once" "$(on_export "$NQN" TakeHostKeys 'asa{sv}' 0 0)" "a{ss} 0"
is "and saved for root alone" "$(stat -c '%U %a' "$kept")" "root 600"
check "another host is allowed" on_export "$NQN" AllowHost 'sa{sv}' "$HOST_B" 0
second=$(on_export "$NQN" TakeHostKeys 'asa{sv}' 1 "$HOST_B" 0 | grep -o 'DHHC-1:[^"]*' || true)
fails "busctl made a key as well" "" joins "$HOST_B" "$NQN" "${here[@]}"
check "which root gets from the service" joins "$HOST_B" "$NQN" "${here[@]}" --dhchap-secret="$second"
leaves
check "it is denied" on_export "$NQN" DenyHost 'sa{sv}' "$HOST_B" 0
check "and allowed without a key" rapiddisk export allow "$NQN" "$HOST_B" --no-key
cp "$tap_scratch/out" "$tap_scratch/allowed"
check "which is said" grep -qF "An NQN does not authenticate a host" "$tap_scratch/allowed"
check "and is a problem" grep -qF "$HOST_B may connect without a key" <(busctl get-property org.rapiddisk.Manager \
    /org/rapiddisk/Manager org.rapiddisk.Manager Problems)
check "its name is all that it needs" joins "$HOST_B" "$NQN" "${here[@]}"
leaves
check "it goes again" on_export "$NQN" DenyHost 'sa{sv}' "$HOST_B" 0

# nowhere else
secrets=$tap_scratch/secrets
for each in "$key" "$controller_key" "$made" "$default" "$second"; do
    each=${each#DHHC-1:*:}
    printf '%s\n' "${each%:}"
done >"$secrets"
is "there are five to look for" "$(grep -c ........ "$secrets")" 5
check "no key is in the journal" not grep -qF -f "$secrets" <(journalctl --since "@$since" --output=export --no-pager)
check "no key is in a property" not grep -qF -f "$secrets" <(busctl --json=short call org.rapiddisk.Manager /org/rapiddisk/Manager \
    org.freedesktop.DBus.ObjectManager GetManagedObjects)
check "no key is in the introspection" not grep -qF -f "$secrets" <(busctl call org.rapiddisk.Manager \
    "/org/rapiddisk/Manager/exports/$(label "$NQN")" org.freedesktop.DBus.Introspectable Introspect)
check "no key is in what is shown" not grep -qF -f "$secrets" <(rapiddisk export show "$NQN")
# shellcheck disable=SC2016 # for the other shell
check "no key is among the arguments or the environment of the service" not grep -qaF -f "$secrets" \
    "/proc/$(systemctl show -p MainPID --value rapiddiskd.service)/cmdline" \
    "/proc/$(systemctl show -p MainPID --value rapiddiskd.service)/environ"
check "no file with a key can be read by others" test -z "$(grep -rlF -f "$secrets" /run /var/lib/rapiddisk /etc 2>/dev/null |
    xargs -r stat -c '%a %n' | grep -v '^600 ')"

# without keys again
check "the keys are taken away" rapiddisk export rekey "$NQN" "$HOST_A" --off
check "the host needs none" joins "$HOST_A" "$NQN" "${here[@]}"
leaves
export_gone "$NQN"
port_gone 1
check "nothing is left in the kernel, nor a host's name" target_is_empty
check "the target's modules can go" within 60 unload_target
finish
