// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What the cache adds where it cannot help: cold misses and writes over an origin that takes 5 ms for each request. */
import type { Bar } from "../cell.js";
import type { Context } from "./context.js";
import { settle } from "./devices.js";
import { eachRound } from "./modules.js";
import { askRound, question, type Contestant, type Question } from "./rounds.js";
import { Stack, WRITE_AROUND, WRITE_THROUGH } from "./stack.js";

const CACHE_BYTES = 128 * 2 ** 20;
/** So large that a random block is as good as never hit; its data is not kept, so it takes no memory. */
const ORIGIN = { bytes: 64 * 2 ** 30, keepsData: false, latencyNs: 5_000_000 };
/** Blocks that everybody wants at once in the last question. */
const CROWD_BYTES = 64 * 4096;

/** Misses and writes, through each cache and on the bare origin. */
export async function origins(context: Context): Promise<void> {
    const questions = ["rapiddisk-cache", "rapiddisk-cache-wa"].flatMap((subject) => originQuestions(context, subject));
    await eachRound(context, "slow origin", async (era, stage, ours) => {
        const stack = new Stack(stage, ORIGIN, CACHE_BYTES);
        const contestants: Contestant[] = [];
        if (ours) {
            contestants.push(
                { name: "bare origin", device: await stack.newOrigin(), peer: true },
                await stack.rapidDiskCache("rapiddisk-cache", WRITE_THROUGH, false),
                await stack.rapidDiskCache("rapiddisk-cache-wa", WRITE_AROUND, false),
                await stack.dmCache(),
                await stack.dmWriteCache(),
            );
        } else contestants.push(await stack.rapidDiskCache(era.name, WRITE_THROUGH, true));
        await settle();
        return async (round) => {
            await askRound(questions.slice(0, questions.length / 2), contestants, round, false);
        };
    });
    share(questions);
    for (const { cell } of questions) context.emit(cell);
}

function originQuestions(context: Context, subject: string): Question[] {
    const about = (prefix: string, bars: Bar[]): Parameters<typeof question>[1] => ({
        group: "origin",
        subject,
        prefix: `${subject.endsWith("-wa") ? "write-around" : "write-through"}, ${prefix}`,
        bars: [...bars, { against: "dm-cache" }, { against: "dm-writecache" }, { against: "upstream", limit: 1 }],
    });
    const work = { blockSize: 4096, jobs: 1, engine: "libaio", runtimeMs: 2 * context.slotMs } as const;
    // At depth 1 the origin answers 200 times a second: a shorter time would count too few.
    const slow = { ...work, runtimeMs: Math.max(1200, 4 * context.slotMs), depth: 1 } as const;
    return [
        question(context, about("cold miss: ", [{ against: "bare origin", limit: 0.99 }]), { ...slow, rw: "randread" }),
        question(context, about("write: ", [{ against: "bare origin", limit: 0.97 }]), { ...slow, rw: "randwrite" }),
        question(context, about("write: ", [{ against: "bare origin", limit: 0.97 }]), {
            ...work,
            rw: "randwrite",
            depth: 32,
        }),
        question(context, about("64 blocks, cold at first: ", [{ against: "bare origin" }]), {
            ...work,
            rw: "randread",
            depth: 32,
            jobs: 2,
            size: CROWD_BYTES,
        }),
    ];
}

/** Both modes were measured as contestants of the first half of the questions; the second half asks about the other. */
function share(questions: readonly Question[]): void {
    const half = questions.length / 2;
    for (let index = 0; index < half; index++) {
        const from = questions[index]!.cell;
        const to = questions[half + index]!.cell;
        to.values = from.values;
        to.notes = from.notes;
    }
}
