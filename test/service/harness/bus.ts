// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { ChildProcess, SpawnOptions } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BusClient, connectClient } from "../../../service/src/bus/index.js";
import { startDaemon } from "./daemons.js";
import { type BusKind, DEFAULT_BUS } from "./kinds.js";
import { PROGRAMS } from "./needs.js";
import { end, finish, nobody, type RunResult, spawnAs } from "./process.js";

const repository = fileURLToPath(new URL("../../..", import.meta.url));
const SYSTEM_ACTIONS = "/usr/share/polkit-1/actions";

/** A private system bus. */
export interface TestBus {
    /** For DBUS_SYSTEM_BUS_ADDRESS. */
    readonly address: string;
    /** Process of the bus daemon. */
    readonly pid: number;
    /** A folder of this bus, removed by stop(). */
    readonly directory: string;
    /** Environment of programs on this bus. */
    readonly environment: NodeJS.ProcessEnv;
    /**
     * Runs polkitd with the system's actions, ours (polkit/*.policy) and those in `actions`, and with these rules only.
     * @param rules JavaScript of a rules.d file; by default nothing is allowed beyond what the actions say
     * @param actions policy files by name, for actions that only a test knows
     */
    startPolkit(rules?: string, actions?: Record<string, string>): Promise<void>;
    stopPolkit(): Promise<void>;
    /** Starts a program on this bus; stop() ends it when it still runs then. */
    spawn(command: readonly string[], options?: SpawnOptions & { uid?: number }): ChildProcess;
    /** Runs a program on this bus to its end. */
    run(command: readonly string[], options?: { uid?: number; timeoutMs?: number }): Promise<RunResult>;
    /** Command that runs a TypeScript file. */
    script(file: string, ...args: string[]): string[];
    /** Runs a TypeScript file as a user who may nothing. */
    asNobody(file: string, ...args: string[]): Promise<RunResult>;
    /** Connects as the user of the tests. */
    connect(): Promise<BusClient>;
    /** Ends everything that was started. */
    stop(): Promise<void>;
}

/**
 * Starts a private system bus with our policy file (dbus/*.conf).
 * @param kind the program that it runs on
 */
export async function startBus(kind: BusKind = DEFAULT_BUS): Promise<TestBus> {
    const directory = mkdtempSync(join(tmpdir(), "rapiddisk-bus-"));
    chmodSync(directory, 0o755);
    const address = `unix:path=${join(directory, "socket")}`;
    const environment = { ...process.env, DBUS_SYSTEM_BUS_ADDRESS: address };
    const children = new Set<ChildProcess>();
    const clients = new Set<BusClient>();
    let polkit: ChildProcess | undefined;

    const spawn: TestBus["spawn"] = (command, { uid = 0, ...options } = {}) => {
        const child = spawnAs(uid, command, { env: environment, cwd: repository, ...options });
        children.add(child);
        child.once("exit", () => children.delete(child));
        return child;
    };
    const pid = await startDaemon(kind, directory, spawn);

    const bus: TestBus = {
        address,
        pid,
        directory,
        environment,
        spawn,
        async startPolkit(rules = "", actions = {}) {
            await bus.stopPolkit();
            const share = join(directory, "polkit");
            preparePolkit(share, rules, actions);
            const program = ["/bin/sh", "-c", MOUNT_AND_RUN, "polkitd", share, PROGRAMS.polkitd];
            polkit = spawn([PROGRAMS.unshare, "--mount", "--", ...program], { stdio: "ignore" });
            const died = new Promise<never>((_, reject) => {
                polkit?.once("exit", (code) => reject(new Error(`polkitd ended with ${code}`)));
            });
            await Promise.race([
                died,
                bus.connect().then((client) => nameAppears(client, "org.freedesktop.PolicyKit1")),
            ]);
        },
        async stopPolkit() {
            if (polkit !== undefined) await end(polkit);
            polkit = undefined;
        },
        run: (command, { uid, timeoutMs = 25_000 } = {}) =>
            finish(spawn(command, uid === undefined ? {} : { uid }), timeoutMs),
        script: (file, ...args) => [process.execPath, "--import", "tsx", file, ...args],
        asNobody: (file, ...args) => bus.run(bus.script(file, ...args), { uid: nobody }),
        async connect() {
            const client = await connectClient(address);
            clients.add(client);
            return client;
        },
        async stop() {
            for (const client of clients) await client.close();
            for (const child of [...children].reverse()) await end(child);
            rmSync(directory, { recursive: true, force: true });
        },
    };
    return bus;
}

/** polkitd looks in fixed places: it sees ours there, in a mount namespace of its own. */
const MOUNT_AND_RUN = `set -e
mount --make-rprivate /
mount --bind "$1/actions" ${SYSTEM_ACTIONS}
mount --bind "$1/rules.d" /etc/polkit-1/rules.d
mount --bind "$1/empty" /usr/share/polkit-1/rules.d
exec "$2" --no-debug`;

function preparePolkit(share: string, rules: string, actions: Record<string, string>): void {
    rmSync(share, { recursive: true, force: true });
    for (const name of ["actions", "rules.d", "empty"]) mkdirSync(join(share, name), { recursive: true });
    cpSync(SYSTEM_ACTIONS, join(share, "actions"), { recursive: true });
    const ours = join(repository, "polkit");
    for (const name of existsSync(ours) ? readdirSync(ours) : []) {
        if (name.endsWith(".policy")) cpSync(join(ours, name), join(share, "actions", name));
    }
    for (const [name, text] of Object.entries(actions)) writeFileSync(join(share, "actions", name), text);
    writeFileSync(join(share, "rules.d", "10-test.rules"), rules);
    const admin = `polkit.addAdminRule(function () { return ["unix-user:0"]; });\n`;
    writeFileSync(join(share, "rules.d", "50-default.rules"), admin);
}

async function nameAppears(client: BusClient, name: string): Promise<void> {
    const daemon = {
        destination: "org.freedesktop.DBus",
        path: "/org/freedesktop/DBus",
        interface: "org.freedesktop.DBus",
    };
    for (;;) {
        const [owned] = await client.call({ ...daemon, member: "NameHasOwner" }, "s", [name]);
        if (owned === true) return;
        await new Promise((resolve) => setTimeout(resolve, 10));
    }
}
