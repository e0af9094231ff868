// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** The two services that are compared, and starting and stopping them by hand. */
import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Call } from "./message.js";
import type { RawClient } from "./rawclient.js";

const PROPERTIES = "org.freedesktop.DBus.Properties";

/** A service on the bus as the measurements see it. */
export interface Service {
    /** Name in the tables. */
    label: string;
    /** Its systemd unit. */
    unit: string;
    /** Well-known bus name. */
    name: string;
    /** Does nothing: what any call costs. */
    ping: Call;
    /** Reads one constant string property. */
    get: Call;
    /** Everything at once. */
    managedObjects: Call;
    /** Program and arguments. */
    argv: readonly string[];
    env?: Record<string, string>;
}

function service(
    label: string,
    name: string,
    paths: { manager: string; root: string; interface: string },
    argv: readonly string[],
): Service {
    const manager = { destination: name, path: paths.manager };
    return {
        label,
        unit: `${label}.service`,
        name,
        ping: { ...manager, interface: "org.freedesktop.DBus.Peer", member: "Ping" },
        get: { ...manager, interface: PROPERTIES, member: "Get", args: [paths.interface, "Version"] },
        managedObjects: {
            destination: name,
            path: paths.root,
            interface: "org.freedesktop.DBus.ObjectManager",
            member: "GetManagedObjects",
        },
        argv,
    };
}

const ROOT = "/org/rapiddisk/Manager";

/** Our service; `argv` starts it. */
export function rapidDisk(argv: readonly string[]): Service {
    return service(
        "rapiddiskd",
        "org.rapiddisk.Manager",
        { manager: ROOT, root: ROOT, interface: "org.rapiddisk.Manager" },
        argv,
    );
}

/** A method of ours without arguments. */
export function managerCall(member: string): Call {
    return { destination: "org.rapiddisk.Manager", path: ROOT, interface: "org.rapiddisk.Manager", member };
}

/** CreateVolume(size, {}) of ours. @param bytes size of the volume */
export function createVolume(bytes: number): Call {
    // t, then a{sv}: its length 0, and four bytes up to where its first entry would begin.
    const body = Buffer.alloc(16);
    body.writeBigUInt64LE(BigInt(bytes));
    return { ...managerCall("CreateVolume"), body: { signature: "ta{sv}", bytes: body } };
}

/** udisks2: the block device service of most desktops and of Cockpit, in C. */
export function udisks(argv: readonly string[]): Service {
    const root = "/org/freedesktop/UDisks2";
    return service(
        "udisks2",
        "org.freedesktop.UDisks2",
        { manager: `${root}/Manager`, root, interface: "org.freedesktop.UDisks2.Manager" },
        argv,
    );
}

/** A service that was started here. */
export interface Running {
    pid: number;
    /** Milliseconds from before the process existed until the bus said that the name has an owner. */
    startMs: number;
    stop: () => Promise<void>;
}

/** Starts a service and waits for its name. */
export async function start(service: Service, client: RawClient, env: Record<string, string> = {}): Promise<Running> {
    const owned = await client.watchName(service.name, 60_000);
    const [program, ...args] = service.argv;
    if (program === undefined) throw new Error(`${service.label}: no program`);
    const before = performance.now();
    const child = spawn(program, args, {
        stdio: ["ignore", "ignore", "pipe"],
        env: { ...process.env, ...service.env, ...env },
    });
    let words = "";
    child.stderr.on("data", (chunk: Buffer) => {
        words = (words + chunk.toString()).slice(-2000);
    });
    const died = new Promise<never>((_, reject) => {
        child.once("error", reject);
        child.once("exit", (code) =>
            reject(new Error(`${service.label} ended with status ${code} before it had its name: ${words.trim()}`)),
        );
    });
    try {
        const at = await Promise.race([owned(), died]);
        return { pid: child.pid!, startMs: at - before, stop: () => stop(child) };
    } catch (error) {
        await stop(child);
        throw error;
    }
}

async function stop(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), 20_000);
    await gone;
    clearTimeout(late);
}

/** Resident memory of a process in MB of 10^6 bytes. */
export function residentMb(pid: number): number {
    const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    if (kib === undefined) throw new Error(`process ${pid} has no VmRSS`);
    return (Number(kib) * 1024) / 1e6;
}
