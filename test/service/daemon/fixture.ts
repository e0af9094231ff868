// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** The real daemon over a simulated kernel, on a private bus with a real polkitd. */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { BusClient } from "../../../service/src/bus/index.js";
export * from "../../contract/dbus/calls.js";
import { type BusKind, bundle, outputLine, startBus, type TestBus, TURNS } from "../harness/index.js";

const MAIN = fileURLToPath(new URL("../../../service/src/daemon/main.ts", import.meta.url));
/** Source of the daemon whose simulated kernel can be given faults. */
const FAULTY = fileURLToPath(new URL("faultydaemon.ts", import.meta.url));

/** Drives the simulated kernel of the daemon. */
export class RemoteSim {
    private next = 1;
    private readonly waiting = new Map<number, (answer: { result?: unknown; error?: { message: string } }) => void>();

    private constructor(private readonly socket: Socket) {
        createInterface({ input: socket }).on("line", (line) => {
            const answer = JSON.parse(line) as { id: number; result?: unknown; error?: { message: string } };
            this.waiting.get(answer.id)?.(answer);
            this.waiting.delete(answer.id);
        });
    }

    static async open(path: string): Promise<RemoteSim> {
        const socket = connect(path);
        await once(socket, "connect");
        socket.unref();
        return new RemoteSim(socket);
    }

    /** Calls one control, for example `call("mount", "rd0", "/mnt")`. */
    call(name: string, ...args: unknown[]): Promise<unknown> {
        const id = this.next++;
        this.socket.write(`${JSON.stringify({ id, call: name, args })}\n`);
        return new Promise((resolve, reject) => {
            this.waiting.set(id, ({ result, error }) => {
                if (error === undefined) {
                    resolve(result);
                } else {
                    reject(new Error(error.message));
                }
            });
        });
    }

    close(): void {
        this.socket.destroy();
    }
}

export interface Service {
    process: ChildProcess;
    sim: RemoteSim;
    /** Everything that it wrote to standard error. */
    log(): string;
    /** Resolves with the exit status once it has ended (null when a signal ended it). */
    ended(): Promise<number | null>;
    /** Kills it at once. */
    kill(): Promise<void>;
}

export interface DaemonFixture {
    bus: TestBus;
    client: BusClient;
    /** Folder with the saved state, the unfinished operations and the simulated kernel. */
    directory: string;
    program: string;
    /** Socket at which a daemon says how long its turns are, see harness/turns.ts. */
    turns: string;
    /** Starts the daemon and waits until it owns its name. @returns also how long that took, in ms */
    start(...args: string[]): Promise<Service & { took: number }>;
    /** Starts it with a fault of its simulated kernel, STEP:WHAT[:before|after] (see faults.ts). */
    startFaulty(fault: string): Promise<Service>;
    stop(): Promise<void>;
}

/** A bus, polkitd with the rules, and the bundled daemon, not started yet. @param kind what the bus runs on */
export async function prepareDaemon(rules = "", kind?: BusKind): Promise<DaemonFixture> {
    const bus = await startBus(kind);
    await bus.startPolkit(rules);
    const directory = mkdtempSync(join(bus.directory, "daemon-"));
    mkdirSync(join(directory, "run"));
    const [program, probe] = await Promise.all([bundle(MAIN, directory), bundle(TURNS, directory)]);
    const turns = join(directory, "turns");
    const client = await bus.connect();
    const launch = async (bundled: string, args: string[]): Promise<Service & { took: number }> => {
        const started = performance.now();
        rmSync(turns, { force: true });
        const command = [
            process.execPath,
            "--require",
            probe,
            "--max-semi-space-size=4",
            "--max-old-space-size=64",
            "--optimize-for-size",
            "--v8-pool-size=1",
            bundled,
            ...standard(directory),
            ...args,
        ];
        const child = bus.spawn(command, { env: { ...bus.environment, RAPIDDISK_TURNS: turns } });
        const ended = once(child, "exit").then(([status]) => status as number | null);
        let text = "";
        child.stderr?.setEncoding("utf8").on("data", (piece: string) => (text += piece));
        await outputLine(child, "stderr", /serves \d+ volumes/);
        const took = performance.now() - started;
        child.stderr?.on("data", () => undefined);
        const sim = await RemoteSim.open(join(directory, "control"));
        return {
            process: child,
            sim,
            took,
            log: () => text,
            ended: () => ended,
            async kill() {
                sim.close();
                child.kill("SIGKILL");
                await ended;
            },
        };
    };
    return {
        bus,
        client,
        directory,
        program,
        turns,
        start: (...args) => launch(program, args),
        startFaulty: async (fault) => launch(await bundle(FAULTY, directory), [`--sim-fault=${fault}`]),
        stop: () => bus.stop(),
    };
}

/** Arguments of a program that works on a fixture. */
export function standard(directory: string): string[] {
    return [
        "--sim",
        `--sim-state=${join(directory, "kernel.json")}`,
        `--sim-control=${join(directory, "control")}`,
        `--state-dir=${join(directory, "state")}`,
        `--runtime-dir=${join(directory, "run")}`,
        `--config=${join(directory, "manager.conf")}`,
    ];
}
