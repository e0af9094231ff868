// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { strict as assert } from "node:assert";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { setPriority } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BusClient, Variant } from "../../../service/src/bus/index.js";
import {
    type BusKind,
    bundle,
    nobody,
    outputLine,
    residentMemory,
    resetPeak,
    startBus,
    type Stall,
    StallMeter,
    TURNS,
    type TestBus,
} from "../harness/index.js";
import { NAME, ROOT, testInterface } from "./interfaces.js";

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** The test service on a bus of its own, and a client of it. */
export interface BusFixture {
    bus: TestBus;
    client: BusClient;
    /** Process of the service. */
    readonly pid: number;
    /** Kills the service and starts it again. */
    restart(): Promise<void>;
    /** What the service wrote to stderr so far. */
    log(): string;
    /** Calls a method of the test interface on the root object. */
    call(member: string, signature?: string, args?: readonly unknown[]): Promise<unknown[]>;
    statistics(): Promise<{ rss: number; running: number; aborted: number; stored: number }>;
    /** Runs an attack as a user who may nothing, and measures what another client and the service's memory notice. */
    attack(name: string, ...args: string[]): Promise<{ answer: unknown; stall: Stall; growth: number }>;
    stop(): Promise<void>;
}

/** Above whatever else runs on the machine: only what the tests start shall be measured. Children inherit it. */
const PRIORITY = -15;

/** Starts the test service, with the flags of the product's unit. @param items objects below the root @param kind what the bus runs on */
export async function startBusFixture(items: number, kind?: BusKind): Promise<BusFixture> {
    setPriority(PRIORITY);
    const bus = await startBus(kind);
    const turns = join(bus.directory, "turns");
    const [probe, program, attacker] = await Promise.all([
        bundle(TURNS, bus.directory),
        bundle(here("subject.ts"), bus.directory),
        bundle(here("attack.ts"), bus.directory),
    ]);
    const flags = ["--max-semi-space-size=4", "--max-old-space-size=64", "--optimize-for-size", "--v8-pool-size=1"];
    let log = "";
    const start = async (): Promise<ChildProcess> => {
        const child = bus.spawn([process.execPath, "--require", probe, ...flags, program, String(items)], {
            env: { ...bus.environment, RAPIDDISK_TURNS: turns },
        });
        child.stderr?.on("data", (text: Buffer) => (log += text.toString()));
        await outputLine(child, "stdout", /ready/);
        return child;
    };
    let service = await start();
    const client = await bus.connect();
    const fixture: BusFixture = {
        bus,
        client,
        get pid() {
            return service.pid ?? 0;
        },
        async restart() {
            const gone = once(service, "exit");
            service.kill("SIGKILL");
            await gone;
            rmSync(turns);
            service = await start();
        },
        log: () => log,
        call: (member, signature = "", args = []) =>
            client.call({ destination: NAME, path: ROOT, interface: testInterface.name, member }, signature, args),
        async statistics() {
            const [found] = (await fixture.call("Statistics")) as [Map<string, Variant>];
            const number = (name: string) => Number(found.get(name)?.value);
            return {
                rss: number("rss"),
                running: number("running"),
                aborted: number("aborted"),
                stored: number("stored"),
            };
        },
        async attack(name, ...args) {
            const attackClient = await bus.connect();
            const before = residentMemory(fixture.pid).now;
            resetPeak(fixture.pid);
            const meter = new StallMeter(attackClient, NAME, turns);
            const result = await bus.run([process.execPath, attacker, name, ...args], { uid: nobody });
            const stall = await meter.stop();
            const growth = residentMemory(fixture.pid).peak - before;
            assert.equal(result.status, 0, `the attacker failed: ${result.stderr}`);
            assert.equal(service.exitCode, null, `the service died:\n${log}`);
            return { answer: JSON.parse(result.stdout) as unknown, stall, growth };
        },
        async stop() {
            await bus.stop();
            setPriority(0);
        },
    };
    return fixture;
}

/** Calls everything once and more, so that what grows by first use has grown. */
export async function warmUp(fixture: BusFixture): Promise<void> {
    const manager = {
        destination: NAME,
        path: ROOT,
        interface: "org.freedesktop.DBus.ObjectManager",
        member: "GetManagedObjects",
    };
    for (let i = 0; i < 300; i++) await fixture.call("Echo", "s", ["x".repeat(i)]);
    for (let i = 0; i < 30; i++) await fixture.client.call(manager, "", []);
}
