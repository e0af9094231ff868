// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** The RAM disk against the kernel's own: brd (plain) and zram (compressed), same size, same boot, same round. */
import type { Bar, Cell } from "../cell.js";
import { newCell, record } from "../cell.js";
import type { Context } from "./context.js";
import { attachBrd, attachRapidDisk, attachZram, settle } from "./devices.js";
import { runFio } from "./fio.js";
import { eachRound } from "./modules.js";
import { askRound, fillAndRead, question, type Contestant, type Question } from "./rounds.js";
import { withStage, type Stage } from "../stage.js";

/** Bytes of each disk. An emulated processor has no caches to outgrow, and zram takes long to fill. */
const DISK_BYTES = 64 * 2 ** 20;
/** Bytes written by the first-write cells. */
const FILL_BYTES = 64 * 2 ** 20;
const NUMBER = 7;

const BARS: Bar[] = [
    { against: "brd", limit: 1 },
    { against: "zram", limit: 1 },
    { against: "upstream", limit: 1 },
];
/** Rewriting and reading: pages are there already. */
export async function ramDisk(context: Context): Promise<void> {
    const questions = ramDiskQuestions(context);
    await eachRound(context, "RAM disk", async (era, stage, ours) => {
        const contestants: Contestant[] = [
            { name: era.name, device: attachRapidDisk(stage, NUMBER, DISK_BYTES), peer: !ours },
        ];
        if (ours) contestants.push(...(await peers(stage, DISK_BYTES)));
        await settle();
        await fillAndRead(contestants, DISK_BYTES);
        return async (round) => {
            await askRound(questions, contestants, round, true);
        };
    });
    for (const { cell } of questions) context.emit(cell);
}

function ramDiskQuestions(context: Context): Question[] {
    const questions: Question[] = [];
    const about = { group: "ramdisk", subject: "rapiddisk", bars: BARS, family: "RAM disk" };
    for (const engine of ["libaio", "io_uring"] as const) {
        for (const [rw, blockSize] of [
            ["randread", 4096],
            ["randwrite", 4096],
            ["read", 2 ** 20],
            ["write", 2 ** 20],
        ] as const) {
            for (const depth of [1, 32]) {
                for (const jobs of context.jobs) {
                    questions.push(
                        question(context, about, {
                            rw,
                            blockSize,
                            depth,
                            jobs,
                            engine,
                            runtimeMs: context.slotMs,
                            size: DISK_BYTES,
                        }),
                    );
                }
            }
        }
    }
    return questions;
}

async function peers(stage: Stage, bytes: number): Promise<Contestant[]> {
    return [
        { name: "brd", device: await attachBrd(stage, bytes), peer: true },
        // Its compressor dwarfs what the way into the kernel costs, and takes long: one engine is enough.
        { name: "zram", device: await attachZram(stage, bytes, "lz4"), peer: true, engine: "libaio" },
    ];
}

/** First write: every page is allocated on the way. A fresh disk for every measurement. */
export async function firstWrite(context: Context): Promise<void> {
    const cells = new Map<number, Cell>();
    for (const blockSize of [4096, 2 ** 20]) {
        cells.set(
            blockSize,
            newCell({
                group: "fill",
                where: context.where,
                name: `first write of ${FILL_BYTES / 2 ** 20} MiB, ${blockSize === 4096 ? "4 KiB" : "1 MiB"} sequential`,
                unit: "MiB/s",
                better: "higher",
                subject: "rapiddisk",
                bars: BARS,
            }),
        );
    }
    await eachRound(context, "first write", async (era, _stage, ours) => {
        const makers: [string, (stage: Stage) => Promise<string> | string][] = [
            [era.name, (stage) => attachRapidDisk(stage, NUMBER, DISK_BYTES)],
        ];
        if (ours) {
            makers.push(
                ["brd", (stage) => attachBrd(stage, DISK_BYTES)],
                ["zram", (stage) => attachZram(stage, DISK_BYTES, "lz4")],
            );
        }
        return async (round) => {
            for (const [blockSize, cell] of cells) {
                for (let index = 0; index < makers.length; index++) {
                    const [name, make] = makers[(index + round) % makers.length]!;
                    await withStage(async (stage) => {
                        const device = await make(stage);
                        await settle();
                        record(cell, name, await fill(device, blockSize));
                    });
                }
            }
        };
    });
    for (const cell of cells.values()) context.emit(cell);
}

async function fill(device: string, blockSize: number): Promise<number> {
    const results = await runFio([
        {
            name: "fill",
            device,
            rw: "write",
            blockSize,
            depth: 1,
            jobs: 1,
            engine: "psync",
            size: FILL_BYTES,
        },
    ]);
    const result = results.get("fill")!;
    if (result.error !== 0 || result.errors > 0) throw new Error(`filling ${device}: errno ${result.error}`);
    return result.bytesPerSecond / 2 ** 20;
}
