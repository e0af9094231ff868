// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { ChildProcess, SpawnOptions } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { connectClient } from "../../../service/src/bus/index.js";
import type { BusKind } from "./kinds.js";
import { PROGRAMS } from "./needs.js";
import { outputLine } from "./process.js";

const repository = fileURLToPath(new URL("../../..", import.meta.url));

type Spawn = (command: readonly string[], options: Pick<SpawnOptions, "stdio">) => ChildProcess;

/**
 * Starts the program of a bus that listens on the socket `socket` in a folder, and waits until it answers.
 * @param spawn starts a program that ends with the bus
 * @returns pid of the process that passes the messages on
 */
export async function startDaemon(kind: BusKind, directory: string, spawn: Spawn): Promise<number> {
    const socket = join(directory, "socket");
    const configuration = join(directory, "bus.conf");
    const services = join(directory, "services");
    mkdirSync(services);
    writeFileSync(configuration, busConfiguration(`unix:path=${socket}`, services));
    return kind === "dbus-daemon"
        ? await startDbusDaemon(configuration, spawn)
        : await startBroker(configuration, socket, spawn);
}

async function startDbusDaemon(configuration: string, spawn: Spawn): Promise<number> {
    // It logs what callers do wrong, and would wait without end for a pipe that nobody reads.
    const daemon = spawn([PROGRAMS.dbusDaemon, `--config-file=${configuration}`, "--nofork", "--print-address"], {
        stdio: ["ignore", "pipe", "ignore"],
    });
    await outputLine(daemon, "stdout", /unix:/);
    return daemon.pid ?? 0;
}

async function startBroker(configuration: string, socket: string, spawn: Spawn): Promise<number> {
    const script = ["/bin/sh", "-c", LAUNCH_BROKER, "dbus-broker", dirname(PROGRAMS.dbusBroker), socket, configuration];
    const launcher = spawn([PROGRAMS.unshare, "--mount", "--", ...script], { stdio: ["ignore", "ignore", "pipe"] });
    await outputLine(launcher, "stderr", new RegExp(`Listening on ${socket}`));
    chmodSync(socket, 0o666);
    await (await connectClient(`unix:path=${socket}`)).close();
    const pid = launcher.pid ?? 0;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").map(Number);
    const broker = children.find((child) => readFileSync(`/proc/${child}/comm`, "utf8").trim() === "dbus-broker");
    if (broker === undefined) throw new Error("dbus-broker-launch did not start dbus-broker");
    return broker;
}

/**
 * dbus-broker is made for systemd: its launcher is given the listening socket, logs to the journal's socket only, and starts
 * the broker from /usr/bin. All three are there in a mount namespace of its own; the log is thrown away.
 */
const LAUNCH_BROKER = `set -e
mount --make-rprivate /
[ "$1" = /usr/bin ] || mount -t overlay -o "lowerdir=$1:/usr/bin" overlay /usr/bin
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/journal
setpriv --pdeathsig TERM systemd-socket-activate -d -l /run/systemd/journal/socket \
    sh -c 'exec cat <&3 >/dev/null' 2>/dev/null &
until [ -S /run/systemd/journal/socket ]; do sleep 0.01; done
exec systemd-socket-activate -l "$2" --fdname=dbus.socket -E "DBUS_SYSTEM_BUS_ADDRESS=unix:path=$2" \
    /usr/bin/dbus-broker-launch --scope system --config-file "$3"`;

/**
 * The rules of a distribution's system.conf, without its user and the policies of other services; what it activates is what
 * a test describes in the folder `services`. And
 * nobody but polkitd may ask for credentials: dbus-broker 34 answers that with a file descriptor, which older ones and
 * dbus-daemon do not show.
 */
function busConfiguration(address: string, services: string): string {
    return `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <auth>EXTERNAL</auth>
  <listen>${address}</listen>
  <servicedir>${services}</servicedir>
  <policy context="default">
    <allow user="*"/>
    <deny own="*"/>
    <deny send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus"/>
    <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus.Introspectable"/>
    <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus.Properties"/>
    <deny send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus"
      send_member="GetConnectionCredentials"/>
    <allow send_destination="org.freedesktop.PolicyKit1"/>
  </policy>
  <policy user="polkitd">
    <allow own="org.freedesktop.PolicyKit1"/>
    <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus"
      send_member="GetConnectionCredentials"/>
    <allow send_interface="org.freedesktop.PolicyKit1.AuthenticationAgent"/>
  </policy>
  <include>${join(repository, "dbus/org.rapiddisk.Manager.conf")}</include>
</busconfig>
`;
}
