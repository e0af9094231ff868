// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** A block trace replayed through the real target at several cache sizes, against LRU simulated on the same trace. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { extent, fioLog, lruReadHits, parseTrace } from "../blocktrace.js";
import { newCell, note, record } from "../cell.js";
import { run } from "../exec.js";
import { withStage } from "../stage.js";
import type { Context } from "./context.js";
import { settle } from "./devices.js";
import { eachRound } from "./modules.js";
import { Stack, WRITE_THROUGH } from "./stack.js";

const SIZES_MIB = [32, 64, 128, 256, 512];
const MIB = 2 ** 20;
const REPLAY_MS = 900_000;

/** Read hit ratio at each size, in percent of the 4 KiB blocks that the trace reads. */
export async function trace(context: Context): Promise<void> {
    if (context.trace === undefined) throw new Error("no trace was given");
    const requests = parseTrace(gunzipSync(readFileSync(context.trace)).toString());
    const cells = new Map(
        SIZES_MIB.map((mib) => [
            mib,
            newCell({
                group: "trace",
                where: context.where,
                name: `read hit ratio, cache of ${mib} MiB`,
                unit: "%",
                better: "higher",
                subject: "rapiddisk-cache",
                bars: [
                    { against: "LRU", limit: 1 },
                    { against: "upstream", limit: 1 },
                ],
                family: "hit ratio",
            }),
        ]),
    );
    const bytes = Math.ceil(extent(requests) / MIB + 1) * MIB;
    const directory = mkdtempSync("/tmp/bench-trace-");
    try {
        await eachRound({ ...context, rounds: 1 }, "trace", async (era, _stage, ours) => async () => {
            for (const [mib, cell] of cells) {
                context.say(`replaying with ${mib} MiB`);
                await withStage(async (stage) => {
                    const stack = new Stack(stage, { bytes, keepsData: false, latencyNs: 0 }, mib * MIB);
                    const name = ours ? "rapiddisk-cache" : era.name;
                    const cache = await stack.rapidDiskCache(name, WRITE_THROUGH, !ours);
                    await settle();
                    const log = `${directory}/log`;
                    writeFileSync(log, fioLog(requests, cache.device));
                    await replay(log);
                    const { reads, hits } = await hitCounters(cache.device);
                    record(cell, name, (100 * hits) / reads);
                    if (ours) {
                        record(cell, "LRU", 100 * lruReadHits(requests, mib * MIB));
                        note(cell, `${requests.length} requests of ${context.trace!.replace(/.*\//, "")}`);
                    }
                });
            }
        });
    } finally {
        rmSync(directory, { recursive: true });
    }
    for (const cell of cells.values()) context.emit(cell);
}

async function replay(log: string): Promise<void> {
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
