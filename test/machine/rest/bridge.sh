#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# The installed HTTP bridge: started by a connection, sandboxed, over real RAM disks.
set -eu
. "$(dirname "$0")/../lib.sh"
need curl systemctl systemd-analyze

V1=http://127.0.0.1:9118/v1
V2=http://127.0.0.1:9118/v2
ADMIN=/run/rapiddisk-rest/admin.sock
CONFIG=/etc/rapiddisk/rest.conf
N=230

# status METHOD URL [CURL OPTIONS...]: the HTTP status; the body goes to $tap_scratch/body
status() {
    local method=$1 url=$2
    shift 2
    curl -sS -m 60 -o "$tap_scratch/body" -w '%{http_code}' -X "$method" "$@" "$url"
}
body() { cat "$tap_scratch/body"; }
# ended METHOD URL [CURL OPTIONS...]: how a change ended, "done" or the name of the error; the body is that of the answer, or of
# the job, since what takes longer than a second is answered with that
ended() {
    local code job
    code=$(status "$@" -D "$tap_scratch/head")
    if [ "$code" = 202 ]; then
        job=$(tr -d '\r' <"$tap_scratch/head" | sed -n 's/^location: //ip')
        for _ in $(seq 300); do
            status GET "${V2%/v2}$job" >/dev/null
            grep -q '"state":"running"' "$tap_scratch/body" || break
            sleep 0.2
        done
        ! grep -q '"state":"done"' "$tap_scratch/body" || code=200
    fi
    case $code in
        200 | 201 | 204) echo "done" ;;
        *) body | grep -oE 'Manager\.Error\.[A-Za-z]+' | sed 's/.*\.//' | grep . || echo "$code" ;;
    esac
}

is "the port and the administrator's socket are for boot" \
    "$(systemctl is-enabled rapiddisk-rest.socket rapiddisk-rest-admin.socket | sort -u)" enabled
for unit in rapiddisk-rest.socket rapiddisk-rest-admin.socket; do
    check "$unit comes with sockets.target" test -L "/etc/systemd/system/sockets.target.wants/$unit"
done
cp "$CONFIG" "$tap_scratch/rest.conf"
# shellcheck disable=SC2317 # called at the end
settings_back() {
    cp "$tap_scratch/rest.conf" "$CONFIG"
    systemctl daemon-reload
    systemctl restart rapiddisk-rest.socket
}
at_end settings_back
systemctl stop rapiddisk-rest.socket rapiddisk-rest-admin.socket rapiddisk-rest.service rapiddiskd.service
systemctl start rapiddiskd.service
is "without settings nobody has the scope admin, no matter who he is" \
    "$(status POST "http://localhost/v2/restore" --unix-socket $ADMIN -H 'Content-Type: application/json' -d '{}')" 403
printf 'scopes = read, operate, admin\n' >"$CONFIG"
systemctl stop rapiddisk-rest.service
is "starting the service is enough for port 9118 to answer" "$(status GET "$V1/checkServiceStatus")" 200
is "and it says so as RapidDisk 9 does" "$(body | cut -c1-26)" '{"status": "OK", "version"'
is "on IPv6 as well" "$(status GET 'http://[::1]:9118/v1/checkServiceStatus' -g)" 200
is "the bridge is not root" "$(ps -o user:32= -p "$(systemctl show -P MainPID rapiddisk-rest.service)" | tr -d ' ')" rapiddisk-rest
is "only root and its group may open the administrator's socket" "$(stat -c '%a %U %G' $ADMIN)" "660 root rapiddisk"

for unit in rapiddisk-rest:15 rapiddiskd:30; do
    exposure=$(systemd-analyze security --no-pager "${unit%:*}.service" | sed -n 's/^.*Overall exposure level for .*: \([0-9]*\)\.\([0-9]\).*$/\1\2/p')
    note "exposure of ${unit%:*}: $exposure tenths"
    at_most "systemd-analyze tells at most ${unit#*:} tenths for ${unit%:*}" "$exposure" "${unit#*:}"
done

is "nobody changes anything without a token" "$(status POST "$V2/volumes" -H 'Content-Type: application/json' -d '{"size":16777216}')" 401
token=$(rapiddisk token create machine-test --scope operate)
printf 'Authorization: Bearer %s\n' "$token" >"$tap_scratch/header"
at_end rapiddisk token revoke "$(printf '%s' "$token" | cut -d_ -f2)"
is "a token makes a RAM disk" \
    "$(ended POST "$V2/volumes" -H "@$tap_scratch/header" -H 'Content-Type: application/json' -d "{\"size\":16777216,\"number\":$N}")" "done"
at_end rapiddisk volume remove "rd$N"
check "that the kernel has" test -b "/dev/rd$N"
is "with its size" "$(blockdev --getsize64 "/dev/rd$N")" 16777216
dd if=/dev/urandom of="/dev/rd$N" bs=64K count=4 oflag=direct status=none
is "an old URL locks it" "$(status POST "$V1/lockRapidDisk/rd$N" -H "@$tap_scratch/header")" 200
is "and the kernel knows" "$(blockdev --getro "/dev/rd$N")" 1
status GET "$V1/listRapidDiskVolumes" >/dev/null
check "the old list shows it with what it holds" grep -qF "{\"device\": \"rd$N\", \"size\": 16777216, \"usage\": 262144, \"status\": \"locked\"}" "$tap_scratch/body"
is "the administrator's socket unlocks it" "$(status POST "http://localhost/v1/unlockRapidDisk/rd$N" --unix-socket $ADMIN)" 200
is "a member of its group, too" "$(runuser -u daemon -g rapiddisk -- curl -s -o /dev/null -w '%{http_code}' -X POST \
    --unix-socket $ADMIN "http://localhost/v1/unlockRapidDisk/rd$N")" 200
hold "/dev/rd$N"
is "what is in use is not removed" "$(ended DELETE "$V2/volumes/rd$N" -H "@$tap_scratch/header")" Busy
check "and the user is named" grep -q "sleep (pid" "$tap_scratch/body"
release

rd_attach 4M
until status GET "$V2/volumes/rd$RD" >/dev/null && grep -q "\"name\":\"rd$RD\"" "$tap_scratch/body"; do sleep 0.1; done
pass "what others make is there"
is "metrics for Prometheus are there" "$(status GET http://127.0.0.1:9118/metrics)" 200
check "with the RAM that the disk holds" grep -q "^rapiddisk_volume_allocated_bytes{volume=\"rd$N\"} 262144$" "$tap_scratch/body"

# admin METHOD PATH [CURL OPTIONS...]: as status, by the administrator's socket; admin_ended: as ended
admin() { by_socket status "$@"; }
admin_ended() { by_socket ended "$@"; }
by_socket() { "$1" "$2" "http://localhost$3" --unix-socket $ADMIN -H 'Content-Type: application/json' "${@:4}"; }
origin=/dev/disk/by-id/virtio-scratch-plain
if [ -b "$origin" ]; then
    W=$((N + 1))
    is "a second RAM disk" "$(admin_ended POST /v2/volumes -d "{\"size\":16777216,\"number\":$W}")" "done"
    at_end rapiddisk volume remove "rd$W"
    is "becomes a writeback cache" \
        "$(admin_ended POST /v2/caches -d "{\"volume\":\"rd$W\",\"source\":\"$origin\",\"mode\":\"writeback\",\"name\":\"rest-wb\"}")" "done"
    at_end rapiddisk cache remove rest-wb
    dd if=/dev/urandom of=/dev/mapper/rest-wb bs=1M count=4 oflag=direct status=none
    written=$(dd if=/dev/mapper/rest-wb bs=1M count=4 iflag=direct status=none | sha256sum)
    is "a flush ends well" "$(admin_ended POST /v2/caches/rest-wb/flush -d '{}')" "done"
    is "and was a job" "$(admin GET /v2/jobs)" 200
    check "that the list still shows" grep -q '"operation":"cache-flush"' "$tap_scratch/body"
    is "then the origin has what was written" "$(dd if="$origin" bs=1M count=4 iflag=direct status=none | sha256sum)" "$written"
    # 204, 202 when it takes longer than a second, 409 while udev looks at it; 404 once it is gone.
    becomes "the cache is removed" 404 admin DELETE /v2/caches/rest-wb
else
    skip "a flush is answered with its job" "the scratch disk is not there"
fi

kill -9 "$(systemctl show -P MainPID rapiddisk-rest.service)"
# shellcheck disable=SC2317 # called by check
answers() { [ "$(status GET "$V2/status" --retry 10 --retry-all-errors --retry-delay 1)" = 200 ]; }
check "killed, it is there again for the next request" answers

# Who else has the port: a user's program, while the socket is closed.
systemctl stop rapiddisk-rest.socket rapiddisk-rest.service
runuser -u nobody -- node -e 'require("node:net").createServer().listen(9118, "127.0.0.1", () => console.log("taken"))' \
    >"$tap_scratch/squatter" &
squatter=$!
at_end kill "$squatter"
# shellcheck disable=SC2317 # called by becomes
said() { cat "$tap_scratch/squatter"; }
becomes "a user has taken the port" taken said
fails "the socket cannot be opened" "" systemctl start rapiddisk-rest.socket
is "the administrator is still answered" "$(admin GET /v2/status)" 200
# shellcheck disable=SC2317 # called by becomes
who_has_it() { grep -oE 'Port 9118 is taken by [^(]* \(pid [0-9]*, user nobody\)' | sed 's/by .*(pid [0-9]*/by one/' | sort -u; }
# shellcheck disable=SC2317 # called by becomes
problem() { busctl get-property org.rapiddisk.Manager /org/rapiddisk/Manager org.rapiddisk.Manager Problems | who_has_it; }
becomes "the service says who has it" "Port 9118 is taken by one, user nobody)" problem
# shellcheck disable=SC2317 # called by becomes
journal_says() { journalctl -b -u rapiddisk-rest-port.service -o cat | who_has_it; }
becomes "and the journal" "Port 9118 is taken by one, user nobody)" journal_says
kill "$squatter" || true
wait "$squatter" 2>/dev/null || true
check "once it is free it is ours again" systemctl restart rapiddisk-rest.socket
becomes "which is no problem any more" "" problem
is "and the bridge answers there" "$(status GET "$V1/checkServiceStatus")" 200
pid=$(systemctl show -P MainPID rapiddisk-rest.service)
if [ "$(systemctl --version | sed -n '1s/systemd \([0-9]*\).*/\1/p')" -ge 253 ]; then
    is "it has the kernel's list of connections, whose users it can tell" \
        "$(find "/proc/$pid/fd" -lname '*/net/tcp*' | wc -l)" 2
fi

# A setting that is there twice: nothing is guessed, nothing is lost.
printf 'scopes = read\nscopes = read, operate, admin\n' >"$CONFIG"
systemctl daemon-reload
systemctl restart rapiddisk-rest.socket
fails "settings that are not understood open no port" "" status GET "$V1/checkServiceStatus"
is "the administrator is told why" "$(admin GET /v2/status)" 503
check "with the line" grep -q "line 2: scopes is set in line 1 already" "$tap_scratch/body"
for _ in $(seq 30); do admin GET /v2/status >/dev/null; done
is "and however often somebody asks, the socket stays" "$(systemctl is-active rapiddisk-rest-admin.socket)" active
systemctl stop rapiddisk-rest.service

printf 'listen = 9200\nscopes = read\nidle-exit = 1\n' >"$CONFIG"
systemctl daemon-reload
systemctl stop rapiddisk-rest.service
systemctl restart rapiddisk-rest.socket
is "it answers where the settings say" "$(status GET http://127.0.0.1:9200/v1/checkServiceStatus)" 200
fails "and nowhere else" "" status GET "$V1/checkServiceStatus"
is "the settings' scopes bind the administrator's socket, too" "$(status POST "http://localhost/v1/createRapidDisk/4" --unix-socket $ADMIN)" 403
for _ in $(seq 150); do
    [ "$(systemctl is-active rapiddisk-rest.service)" = inactive ] && break
    sleep 0.2
done
is "when nobody asks it ends" "$(systemctl is-active rapiddisk-rest.service)" inactive
is "and the next request starts it" "$(status GET http://127.0.0.1:9200/v1/checkServiceStatus)" 200

journalctl -b -u rapiddisk-rest.service -o cat >"$tap_scratch/journal"
check "the journal says who made the RAM disk" \
    grep -q 'audit: identity=token:[0-9a-f]* (machine-test) from=127.0.0.1 http="POST /v2/volumes" operation=CreateVolume .*result=done' "$tap_scratch/journal"
for user in root daemon; do
    check "and that $user unlocked it over the administrator's socket" \
        grep -q "audit: identity=unix-socket uid=$(id -u $user) from=local http=\"POST /v1/unlock.* result=done" "$tap_scratch/journal"
done
journalctl -b -o cat >"$tap_scratch/journal"
is "the token is in no journal" "$(grep -cF "$token" "$tap_scratch/journal" || true)" 0
finish
