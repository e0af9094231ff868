// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Block traces replayed through the real target, against policies that were simulated on the same requests. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { fioLog, type Replay } from "../blocktrace.js";
import { newCell, note, record, type Bar, type Cell } from "../cell.js";
import { run } from "../exec.js";
import { withStage } from "../stage.js";
import type { Context } from "./context.js";
import { settle } from "./devices.js";
import { eachRound } from "./modules.js";
import { Stack, WRITE_THROUGH } from "./stack.js";

const MIB = 2 ** 20;
const REPLAY_MS = 900_000;
const OURS = "rapiddisk-cache";
const BARS: Bar[] = [
    { against: "LRU", limit: 1 },
    { against: "FIFO" },
    { against: "S3-FIFO" },
    { against: "ARC" },
    { against: "optimum" },
    { against: "upstream", limit: 1 },
];

/** Read hit ratio of each trace at each size, in percent of the 4 KiB blocks that it reads. */
export async function trace(context: Context): Promise<void> {
    if (context.replays === undefined) throw new Error("nothing to replay was given");
    const replays = JSON.parse(gunzipSync(readFileSync(context.replays)).toString()) as Replay[];
    const cells = new Map<string, Cell>();
    const directory = mkdtempSync("/tmp/bench-trace-");
    try {
        await eachRound({ ...context, rounds: 1 }, "trace", async (era, _stage, ours) => async () => {
            for (const replay of replays) {
                const sums: Record<string, number> = {};
                for (const { mib, simulated } of replay.sizes) {
                    context.say(`replaying ${replay.name} with ${mib} MiB`);
                    const percent = await replayed(replay, mib, ours ? OURS : era.name, !ours, `${directory}/log`);
                    const values = ours ? { [OURS]: percent, ...simulated } : { [era.name]: percent };
                    recordAll(cellOf(context, cells, replay, `cache of ${mib} MiB`), values);
                    for (const [name, value] of Object.entries(values)) sums[name] = (sums[name] ?? 0) + value;
                }
                const count = replay.sizes.length;
                if (count === 1) continue;
                const means = Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / count]));
                recordAll(cellOf(context, cells, replay, `mean of the ${count} sizes`), means);
            }
        });
    } finally {
        rmSync(directory, { recursive: true });
    }
    for (const cell of cells.values()) context.emit(cell);
}

function cellOf(context: Context, cells: Map<string, Cell>, replay: Replay, what: string): Cell {
    const name = `read hit ratio, ${replay.name}, ${what}`;
    let cell = cells.get(name);
    if (cell === undefined) {
        const about = { group: "trace", where: context.where, unit: "%", better: "higher", subject: OURS } as const;
        cell = newCell({ ...about, name, bars: BARS });
        note(cell, `${replay.name}: ${replay.requests.length} requests`);
        cells.set(name, cell);
    }
    return cell;
}

function recordAll(cell: Cell, values: Record<string, number>): void {
    for (const [name, value] of Object.entries(values)) record(cell, name, value);
}

/** Replays through a new mapping and gives the percentage of hits. */
async function replayed({ requests, extent }: Replay, mib: number, name: string, peer: boolean, log: string) {
    return withStage(async (stage) => {
        const stack = new Stack(stage, { bytes: extent, keepsData: false, latencyNs: 0 }, mib * MIB);
        const cache = await stack.rapidDiskCache(name, WRITE_THROUGH, peer);
        await settle();
        writeFileSync(log, fioLog(requests, cache.device));
        await replayLog(log);
        const { reads, hits } = await hitCounters(cache.device);
        return (100 * hits) / reads;
    });
}

async function replayLog(log: string): Promise<void> {
    const options = ["--direct=1", "--ioengine=psync", "--thread=1", "--replay_no_stall=1", "--output-format=terse"];
    await run("fio", ["--name=replay", `--read_iolog=${log}`, ...options], { timeoutMs: REPLAY_MS });
}

/** Blocks read and blocks served from RAM since the mapping was made: the first and third of the status line's numbers. */
async function hitCounters(device: string): Promise<{ reads: number; hits: number }> {
    const status = await run("dmsetup", ["status", device]);
    const numbers = [...status.stdout.matchAll(/\((\d+)\)/g)].map((match) => Number(match[1]));
    const [reads, , hits] = numbers;
    if (numbers.length !== 13 || !(reads! > 0)) throw new Error(`status of ${device}: ${status.stdout}`);
    return { reads: reads!, hits: hits! };
}
