// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Measurements of a D-Bus service that are the same on this host and in the guest. */
import { newCell, note, record, type Cell, type Where } from "../cell.js";
import { run } from "../exec.js";
import { median, quantile } from "../stats.js";
import type { Call } from "./message.js";
import type { RawClient } from "./rawclient.js";
import { residentMb, start, type Service } from "./services.js";

/** Calls of a kind that a service gets before it is timed: a just-in-time compiler is done after some 2,500 of them. */
const WARM_CALLS = 3000;
const IDLE_MS = 1500;

const PEER = "udisks2";
const OURS = "rapiddiskd";

function msCell(where: Where, name: string, bars: Cell["bars"]): Cell {
    return newCell({ group: "dbus", where, name, unit: "ms", better: "lower", subject: OURS, bars });
}

/**
 * Latency of cheap calls, one after another; services take turns in every round.
 * @param services running on the bus
 * @param calls calls in each round to each service
 */
export async function callLatency(
    where: Where,
    client: RawClient,
    services: readonly Service[],
    rounds: number,
    calls: number,
): Promise<Cell[]> {
    const kinds: [string, (service: Service) => Call][] = [
        ["empty call (Peer.Ping)", (service) => service.ping],
        ["read a property (Properties.Get)", (service) => service.get],
    ];
    const cells: Cell[] = [];
    for (const [what, call] of kinds) {
        const p50 = msCell(where, `${what}, p50`, [{ against: PEER, limit: 1 }]);
        const p99 = msCell(where, `${what}, p99`, [{ against: PEER }]);
        for (const service of services) await client.latencies(call(service), WARM_CALLS);
        for (let round = 0; round < rounds; round++) {
            for (let index = 0; index < services.length; index++) {
                const service = services[(index + round) % services.length]!;
                const times = await client.latencies(call(service), calls);
                record(p50, service.label, median(times));
                record(p99, service.label, quantile(times, 0.99));
            }
        }
        cells.push(p50, p99);
    }
    return cells;
}

/** GetManagedObjects without decoding it here: time for each object that the answer holds. */
export async function managedObjects(
    where: Where,
    client: RawClient,
    contestants: readonly { service: Service; objects: number }[],
    rounds: number,
): Promise<Cell> {
    const cell = newCell({
        group: "dbus",
        where,
        name: "GetManagedObjects, an object",
        unit: "µs",
        better: "lower",
        subject: OURS,
        bars: [{ against: PEER, limit: 1 }],
    });
    for (const { service, objects } of contestants) {
        const reply = await client.call(service.managedObjects);
        note(cell, `${service.label}: ${objects} objects, ${Math.round(reply.length / objects)} bytes each`);
        await client.latencies(service.managedObjects, 5);
    }
    for (let round = 0; round < rounds; round++) {
        for (let index = 0; index < contestants.length; index++) {
            const { service, objects } = contestants[(index + round) % contestants.length]!;
            const times = await client.latencies(service.managedObjects, 5);
            record(cell, service.label, (1000 * median(times)) / objects);
        }
    }
    return cell;
}

/** The contestant that says how fast this machine starts any Node program just now. */
export const EMPTY_NODE = "node -e 0";

/** From starting the process until the name is owned, services in turns, each stopped again; and an empty Node program. */
export async function startTimes(
    cell: Cell,
    client: RawClient,
    services: readonly Service[],
    rounds: number,
    env: Record<string, string> = {},
): Promise<void> {
    for (let round = 0; round < rounds; round++) {
        for (let index = 0; index < services.length; index++) {
            const service = services[(index + round) % services.length]!;
            const running = await start(service, client, env);
            record(cell, service.label, running.startMs);
            await running.stop();
        }
        const before = performance.now();
        await run("node", ["-e", "0"]);
        record(cell, EMPTY_NODE, performance.now() - before);
    }
}

/** A cell for {@link startTimes}; `limitMs` is for our own time, without one it is information. */
export function startCell(where: Where, what: string, limitMs?: number): Cell {
    const own = limitMs === undefined ? [] : [{ limit: limitMs }];
    return msCell(where, `start to name owned, ${what}`, [...own, { against: PEER }, { against: EMPTY_NODE }]);
}

/** Memory of a service right after its start, and after many calls of the kinds that clients make. */
export async function residentMemory(
    where: Where,
    client: RawClient,
    services: readonly Service[],
    calls: number,
    env: Record<string, string> = {},
): Promise<Cell[]> {
    const cell = (name: string, bars: Cell["bars"]): Cell =>
        newCell({
            group: "dbus",
            where,
            name,
            unit: "MB",
            better: "lower",
            subject: OURS,
            bars,
        });
    const idle = cell("resident memory, idle", [{ limit: 60 }, { against: PEER }]);
    const after = cell(`resident memory after ${calls.toLocaleString("en")} calls`, [{ limit: 75 }, { against: PEER }]);
    const growth = { ...cell("of that, grown in the second half of the calls", [{ limit: 2 }]), zeroIsFine: true };
    for (const service of services) {
        const running = await start(service, client, env);
        try {
            await pause(IDLE_MS);
            record(idle, service.label, residentMb(running.pid));
            const half: number[] = [];
            for (let part = 0; part < 2; part++) {
                await client.burst(service.ping, calls / 4, 20);
                await client.burst(service.get, calls / 4 - 100, 20);
                await client.burst(service.managedObjects, 100, 4);
                await pause(IDLE_MS);
                half.push(residentMb(running.pid));
            }
            record(after, service.label, half[1]!);
            record(growth, service.label, Math.max(0, half[1]! - half[0]!));
        } finally {
            await running.stop();
        }
    }
    return [idle, after, growth];
}

function pause(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
}
