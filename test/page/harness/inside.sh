#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# The first process of the tree: the system bus, and Cockpit's web service on PORT. With LOGIN_PASSWORD people log in as
# `admin`, who may become administrator; without it the page belongs to root at once.
set -euo pipefail
mkdir -p /run/dbus /run/cockpit /run/lock /var/lib/rapiddisk-test
[ -s /etc/machine-id ] || dbus-uuidgen >/etc/machine-id
dbus-daemon --system --fork --nopidfile

# session_bus USER : without one the bridge fails as soon as a page asks for it twice, and there is no systemd to make it.
session_bus() {
    local uid
    uid=$(id -u "$1")
    install -d -m 700 -o "$1" -g "$1" "/run/user/$uid"
    setpriv --reuid "$uid" --regid "$uid" --init-groups dbus-daemon --session --fork --nopidfile \
        --address="unix:path=/run/user/$uid/bus"
}

ws=(/usr/lib/cockpit/cockpit-ws --no-tls --address 127.0.0.1 --port "$PORT")
mkdir -p /etc/cockpit /run/user
printf '[WebService]\nAllowUnencrypted = true\n' >/etc/cockpit/cockpit.conf
# Pages that Cockpit would load in the background ask for a systemd that is not there.
printf '{"preload": []}\n' >/etc/cockpit/systemd.override.json
if [ -n "$LOGIN_PASSWORD" ]; then
    printf 'admin:%s\n' "$LOGIN_PASSWORD" | chpasswd
    session_bus admin
    uid=$(id -u admin)
    printf 'XDG_RUNTIME_DIR=/run/user/%s\nDBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/%s/bus\n' "$uid" "$uid" >>/etc/environment
    systemd-socket-activate --accept --inetd -l /run/cockpit/session /usr/lib/cockpit/cockpit-session 2>/dev/null &
else
    session_bus root
    export XDG_RUNTIME_DIR=/run/user/0 DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/0/bus
    ws+=(--local-session=cockpit-bridge)
fi
unset LOGIN_PASSWORD
"${ws[@]}" </dev/null >/run/rapiddisk-test/ws.log 2>&1 &

# The process that made this tree holds the other end; the tree ends with them.
while read -r _; do :; done
exit 0
