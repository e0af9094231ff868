// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What it costs to have a disk or a cache at all: time to attach, time to map, memory of the cache's books. */
import { readFileSync } from "node:fs";
import { newCell, record } from "../cell.js";
import type { Context } from "./context.js";
import { attachOrigin, attachRapidDisk, sectors, settle } from "./devices.js";
import { run } from "../exec.js";
import { eachRound } from "./modules.js";
import { withStage, type Stage } from "../stage.js";

const GIB = 2 ** 30;
const SMALL = 64 * 2 ** 20;
const BLOCK = 4096;
const ORIGIN = { bytes: 8 * GIB, keepsData: false, latencyNs: 0 };

/** Attach and map 1 GiB, and how much memory the cache's books take. */
export async function lifecycle(context: Context): Promise<void> {
    const common = { group: "lifecycle", where: context.where, unit: "ms", better: "lower" } as const;
    const upstream = { against: "upstream" };
    const attach = newCell({
        ...common,
        name: "attach a RAM disk of 1 GiB",
        subject: "rapiddisk",
        bars: [{ limit: 10 }, { against: "rapiddisk 64 MiB" }, upstream],
    });
    const map = newCell({
        ...common,
        name: "load a table with a 1 GiB cache, beyond what dm-linear's takes",
        subject: "rapiddisk-cache",
        bars: [{ limit: 10 }, { against: "rapiddisk-cache 64 MiB" }, upstream],
    });
    const memory = newCell({
        ...common,
        unit: "bytes",
        name: "memory of the cache's books, a 4 KiB block",
        subject: "rapiddisk-cache",
        bars: [{ limit: 24 }, upstream],
    });
    await eachRound({ ...context, rounds: context.rounds + 2 }, "lifecycle", async (era, _stage, ours) => async () => {
        for (const bytes of [GIB, SMALL]) {
            const suffix = bytes === GIB ? "" : " 64 MiB";
            const disk = ours ? `rapiddisk${suffix}` : `${era.name}${suffix}`;
            const cache = ours ? `rapiddisk-cache${suffix}` : `${era.name}${suffix}`;
            await withStage(async (stage) => {
                record(
                    attach,
                    disk,
                    timed(() => attachRapidDisk(stage, 3, bytes)),
                );
                const mapped = await mapOnce(stage, "/dev/rd3");
                record(map, cache, mapped.ms);
                if (bytes === GIB) record(memory, cache, mapped.bytes / (bytes / BLOCK));
            });
        }
    });
    for (const cell of [attach, map, memory]) context.emit(cell);
}

function timed(action: () => void): number {
    const started = performance.now();
    action();
    return performance.now() - started;
}

/** Loads a linear table and one with the cache, each into a mapping without a table, and takes the difference. */
async function mapOnce(stage: Stage, disk: string): Promise<{ ms: number; bytes: number }> {
    const origin = await attachOrigin(stage, "bench-life", ORIGIN);
    await settle();
    const length = sectors(origin);
    // Once for nothing: from now on the program is in memory, and no disk of the host has a part in the times.
    await load("bench-life-first", `0 ${length} linear ${origin} 0`);
    const linear = await load("bench-life-linear", `0 ${length} linear ${origin} 0`);
    const cache = await load("bench-life-cache", `0 ${length} rapiddisk-cache ${origin} ${disk} ${sectors(disk)} 0`);
    // A difference of two whole commands may come out as nothing or less; then say the least that the table can show.
    return { ms: Math.max(0.01, cache.ms - linear.ms), bytes: Math.max(1, cache.bytes - linear.bytes) };
}

async function load(name: string, table: string): Promise<{ ms: number; bytes: number }> {
    await run("dmsetup", ["create", name, "--notable"]);
    try {
        await settle();
        const before = kernelMemory();
        const started = performance.now();
        await run("dmsetup", ["load", name, "--table", table]);
        return { ms: performance.now() - started, bytes: kernelMemory() - before };
    } finally {
        await run("dmsetup", ["remove", "--retry", name]);
    }
}

/** Bytes that the kernel holds for itself in the three places where a target can allocate. */
function kernelMemory(): number {
    const info = readFileSync("/proc/meminfo", "utf8");
    return ["VmallocUsed", "Slab", "Percpu"].reduce((sum, key) => {
        const kib = new RegExp(`^${key}:\\s+(\\d+) kB`, "m").exec(info)?.[1];
        if (kib === undefined) throw new Error(`/proc/meminfo has no ${key}`);
        return sum + 1024 * Number(kib);
    }, 0);
}
