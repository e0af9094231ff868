// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * What the bridge's fast path saves: the same GET of the same process, answered by it and by Fastify's routes. A question mark
 * behind the path, with no query after it, is all it takes to have the routes answer, so that nothing in the program has to be
 * switched, and both answer the same bytes. Counted is the processor time of the bridge alone, in which other work on the host
 * shows little.
 */
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import type { RawClient } from "../bus/rawclient.js";
import { start, type Service } from "../bus/services.js";
import { newCell, note, record, type Cell } from "../cell.js";
import { firstAnswer, HttpClient } from "../rest/client.js";
import { withStage } from "../stage.js";

const FAST = "fast path";
const ROUTES = "plain Fastify";
const HOST = "127.0.0.1";
const PORT = 9128;
const PATHS = ["/v1/checkServiceStatus", "/v1/listRapidDiskVolumes", "/v2/volumes"];
/** Requests that are not counted: just-in-time compilers get warm. */
const WARM = 4000;
const REQUESTS = 100;
/** Turns of so many requests in a round: short, so that what disturbs the host meets both. */
const TURNS = 40;
const START_MS = 20_000;
/** The fast path stays when it takes at most this part of the routes' time. */
const LIMIT = 0.9;

/** What the group is given. */
interface Bench {
    client: RawClient;
    env: Record<string, string>;
    rounds: number;
    /** Starts the bridge, but for where it listens. */
    bridge: readonly [string, ...string[]];
    /** The service over that many volumes. */
    ours(volumes: number): Promise<Service>;
}

/** Measures processor time of a request, with a short and a long answer. */
export async function measureFastPath(bench: Bench): Promise<Cell[]> {
    const cells: Cell[] = [];
    for (const volumes of [1, 100]) {
        await withStage(async (stage) => {
            const service = await start(await bench.ours(volumes), bench.client);
            stage.defer("rapiddiskd", service.stop);
            const [program, ...args] = bench.bridge;
            const child = spawn(program, [...args, "--listen", `${HOST}:${PORT}`], {
                stdio: "ignore",
                env: { ...process.env, ...bench.env },
            });
            stage.defer("bridge", () => void child.kill("SIGKILL"));
            (await firstAnswer(HOST, PORT, PATHS[0]!, START_MS)).close();
            for (const path of PATHS) cells.push(await one(path, volumes, child.pid!, bench.rounds));
        });
    }
    return cells;
}

async function one(path: string, volumes: number, pid: number, rounds: number): Promise<Cell> {
    const cell = newCell({
        group: "fastpath",
        where: "native",
        name: `GET ${path}, ${volumes === 1 ? "1 volume" : `${volumes} volumes`}, processor time`,
        unit: "µs",
        better: "lower",
        subject: FAST,
        bars: [{ against: ROUTES, limit: LIMIT }],
    });
    const client = await HttpClient.connect(HOST, PORT);
    const ways = [
        [FAST, path],
        [ROUTES, `${path}?`],
    ] as const;
    try {
        for (const [, url] of ways) await client.latencies(url, WARM);
        for (let round = 0; round < rounds; round++) {
            const spent = { [FAST]: 0, [ROUTES]: 0 };
            for (let turn = 0; turn < TURNS; turn++) {
                for (const [name, url] of turn % 2 === 0 ? ways : ways.toReversed()) {
                    const before = processorNs(pid);
                    const { bytes } = await client.latencies(url, REQUESTS);
                    spent[name] += processorNs(pid) - before;
                    note(cell, `${name}: ${bytes} bytes each`);
                }
            }
            for (const [name] of ways) record(cell, name, spent[name] / (TURNS * REQUESTS) / 1000);
        }
    } finally {
        client.close();
    }
    return cell;
}

/** Time on a processor of all threads of a process so far, in ns (Documentation/scheduler/sched-stats.rst). */
function processorNs(pid: number): number {
    return readdirSync(`/proc/${pid}/task`)
        .map((task) => Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ")[0]))
        .reduce((sum, ns) => sum + ns, 0);
}
