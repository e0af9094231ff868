// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Reads that the cache already holds, against the bare RAM disk, dm-linear over it, dm-cache and dm-writecache. */
import { fail, note, type Bar } from "../cell.js";
import type { Context } from "./context.js";
import { ioCounters, settle } from "./devices.js";
import { runFio } from "./fio.js";
import { eachRound } from "./modules.js";
import { askRound, fillAndRead, question, type Contestant, type Question } from "./rounds.js";
import { Stack, WRITE_THROUGH, type Cached } from "./stack.js";

/** Bytes that are read again and again. */
const HOT_BYTES = 64 * 2 ** 20;
const CACHE_BYTES = 128 * 2 ** 20;
const ORIGIN = { bytes: 256 * 2 ** 20, keepsData: true, latencyNs: 0 };
const OURS = "rapiddisk-cache";
/** Passes over the hot set in which a cache may get warm; dm-cache takes many by design. */
const WARM_PASSES = 40;
const WARM_MS = 40_000;
/** Below this share of hits a hit cell does not measure hits. */
const HIT_SHARE = 0.99;

function bars(linear: number): Bar[] {
    return [
        { against: "dm-linear", limit: linear },
        { against: "RAM disk" },
        { against: "dm-cache", limit: 1 },
        { against: "dm-writecache", limit: 1 },
        { against: "upstream", limit: 1 },
    ];
}

/** Hits: 4 KiB random at several depths, sequential 128 KiB. */
export async function cacheHits(context: Context): Promise<void> {
    const questions = hitQuestions(context);
    await eachRound(context, "cache hits", async (era, stage, ours) => {
        const stack = new Stack(stage, ORIGIN, CACHE_BYTES);
        const bare: Contestant[] = [];
        const cached: Cached[] = [];
        if (ours) {
            const disk = stack.ramDisk();
            bare.push({ name: "dm-linear", device: await stack.linear("bench-linear", stack.ramDisk()), peer: true });
            bare.push({ name: "RAM disk", device: disk, peer: true });
        }
        cached.push(await stack.rapidDiskCache(ours ? OURS : era.name, WRITE_THROUGH, !ours));
        if (ours) cached.push(await stack.dmCache(), await stack.dmWriteCache());
        await settle();
        await fillAndRead(bare, HOT_BYTES);
        for (const contestant of cached) await warm(context, contestant);
        return async (round) => {
            const before = cached.map(({ origin }) => ioCounters(origin).readSectors);
            const moved = await askRound(questions, [...bare, ...cached], round, true);
            cached.forEach((contestant, index) => {
                const missed = 512 * (ioCounters(contestant.origin).readSectors - before[index]!);
                reportHits(questions, contestant, 1 - missed / moved.get(contestant.name)!);
            });
        };
    });
    for (const { cell } of questions) context.emit(cell);
}

function hitQuestions(context: Context): Question[] {
    const about = { group: "cache", subject: OURS, prefix: "hit: " };
    const work = { runtimeMs: context.slotMs, size: HOT_BYTES };
    const random = { ...work, rw: "randread", blockSize: 4096 } as const;
    const questions = context.jobs.flatMap((jobs) =>
        [1, 32].map((depth) =>
            question(context, { ...about, bars: bars(0.95) }, { ...random, depth, jobs, engine: "libaio" }),
        ),
    );
    questions.push(
        question(context, { ...about, bars: bars(0.95) }, { ...random, depth: 1, jobs: 1, engine: "io_uring" }),
        question(
            context,
            { ...about, bars: bars(0.85) },
            { ...work, rw: "read", blockSize: 128 * 1024, depth: 1, jobs: 1, engine: "libaio" },
        ),
    );
    return questions;
}

/** Brings the hot set into a cache: writes it (which also warms caches of writes), then reads until the origin rests. */
async function warm(context: Context, contestant: Cached): Promise<void> {
    const { name, device, origin } = contestant;
    const common = { device, size: HOT_BYTES, jobs: 1, engine: "libaio" } as const;
    await runFio([{ ...common, name: "write", rw: "write", blockSize: 2 ** 20, depth: 4 }]);
    const started = performance.now();
    for (let pass = 1; pass <= WARM_PASSES && performance.now() - started < WARM_MS; pass++) {
        const before = ioCounters(origin).readSectors;
        const read = { ...common, rw: "randread", blockSize: 4096, depth: 32, coverEachOnce: true } as const;
        const result = (await runFio([{ ...read, name: "read", seed: pass }])).get("read")!;
        const missed = 512 * (ioCounters(origin).readSectors - before);
        if (result.error !== 0) throw new Error(`warming ${name}: errno ${result.error}`);
        if (missed <= (1 - HIT_SHARE) * 0.1 * HOT_BYTES) {
            context.say(`${name} is warm after ${pass} passes`);
            return;
        }
    }
    context.say(`${name} is still not warm after ${Math.round((performance.now() - started) / 1000)} s`);
}

function reportHits(questions: readonly Question[], contestant: Contestant, share: number): void {
    const text = `${(100 * share).toFixed(1)} % of the bytes came from the cache`;
    for (const { cell } of questions) {
        if (share >= HIT_SHARE) continue;
        if (contestant.peer) note(cell, `${contestant.name}: only ${text}`);
        else fail(cell, contestant.name, `only ${text}, so this does not measure hits`);
    }
}
