// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What lists of many volumes cost the service itself: processor time of a call, and memory after many calls. */
import { readdirSync, readFileSync } from "node:fs";
import { newCell, record, type Cell, type Where } from "../cell.js";
import type { Call } from "./message.js";
import type { RawClient } from "./rawclient.js";
import { managerCall, rapidDisk, residentMb } from "./services.js";

/** Calls of a kind that are not measured: a just-in-time compiler is done with them. */
const WARM_CALLS = 500;
const CALLS = 500;
/** Calls before memory is looked at, half of each kind, and how many are under way. */
const MANY = 20_000;
const UNDER_WAY = 4;
const REST_MS = 1500;

const KINDS: readonly [string, Call, number][] = [
    ["GetManagedObjects", rapidDisk([]).managedObjects, 0.5],
    ["ListVolumes", managerCall("ListVolumes"), 5],
];

/** Measures a service that runs. @param pid its process */
export async function listCost(
    where: Where,
    client: RawClient,
    pid: number,
    count: number,
    rounds: number,
): Promise<Cell[]> {
    const about = { group: "volumes", where, better: "lower", subject: "rapiddisk" } as const;
    const cells: Cell[] = [];
    for (const [name, call, limit] of KINDS) {
        const what = `processor time of ${name}, ${count} volumes`;
        const cell = newCell({ ...about, name: what, unit: "ms", bars: [{ limit }] });
        await client.latencies(call, WARM_CALLS);
        for (let round = 0; round < rounds; round++) {
            const before = processorMs(pid);
            await client.latencies(call, CALLS);
            record(cell, "rapiddisk", (processorMs(pid) - before) / CALLS);
        }
        cells.push(cell);
    }
    const what = `resident memory after ${MANY.toLocaleString("en")} such calls, ${count} volumes`;
    const memory = newCell({ ...about, name: what, unit: "MB", bars: [{ limit: 70 }] });
    for (const [, call] of KINDS) await client.burst(call, MANY / KINDS.length, UNDER_WAY);
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
    record(memory, "rapiddisk", residentMb(pid));
    return [...cells, memory];
}

/** Processor time that all threads of a process have used, in ms; in ns in the file. Source: Documentation/scheduler/sched-stats.rst. */
function processorMs(pid: number): number {
    let ns = 0;
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
        ns += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]);
    }
    return ns / 1e6;
}
