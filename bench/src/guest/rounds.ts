// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Interleaved rounds of fio: within a round every contestant does the same job right after the other. */
import { fail, newCell, note, record, type Bar, type Cell } from "../cell.js";
import type { Context } from "./context.js";
import { runFio, type FioJob, type FioResult } from "./fio.js";

/** From this many bytes in flight on, fio's fresh buffers take as long to be mapped as a slot lasts: run in first. */
const BIG_BUFFERS = 8 * 2 ** 20;
const RAMP_MS = 250;
/** Unmeasured I/O on each device before the first cell of a round: fio, its engine and the device are warm then. */
const WARM_MS = 100;

/** A device under measurement. */
export interface Contestant {
    name: string;
    device: string;
    /** Only asked questions for this engine. */
    engine?: FioJob["engine"];
    /** Not ours: I/O errors of its own are its result, noted and not held against the run. */
    peer: boolean;
}

/** A workload and the cell that its results go to. */
export interface Question {
    cell: Cell;
    work: Omit<FioJob, "name" | "device">;
}

/** Gives the number of a result that a cell is about. */
function number(question: Question, result: FioResult): number {
    return question.cell.unit === "MiB/s" ? result.bytesPerSecond / 2 ** 20 : result.iops;
}

/** A question in the words of the table: 4 KiB random I/O counts I/Os, larger I/O counts MiB. */
export function question(
    context: Context,
    about: { group: string; subject: string; bars: Bar[]; family?: string; prefix?: string },
    work: Question["work"],
): Question {
    const kib = work.blockSize / 1024;
    const size = kib >= 1024 ? `${kib / 1024} MiB` : `${kib} KiB`;
    const pattern = work.rw.startsWith("rand") ? `random ${work.rw.slice(4)}` : `sequential ${work.rw}`;
    const load = `${work.engine}, depth ${work.depth}${work.jobs > 1 ? `, ${work.jobs} jobs` : ""}`;
    return {
        work,
        cell: newCell({
            group: about.group,
            where: context.where,
            name: `${about.prefix ?? ""}${size} ${pattern}, ${load}`,
            unit: work.blockSize > 4096 ? "MiB/s" : "IOPS",
            better: "higher",
            subject: about.subject,
            bars: about.bars,
            ...(about.family === undefined ? {} : { family: about.family }),
        }),
    };
}

/**
 * Asks every question of every contestant once, in one fio process. The order of contestants turns with the round, so
 * that none always comes first. Gives the bytes that each contestant moved.
 * @param warmUp give each contestant a moment of the first question that is not counted; not for what must be cold
 */
export async function askRound(
    questions: readonly Question[],
    contestants: readonly Contestant[],
    round: number,
    warmUp: boolean,
): Promise<Map<string, number>> {
    const turn = contestants.map((_, index) => contestants[(index + round) % contestants.length]!);
    const jobs = questions.flatMap((question, q) =>
        turn
            .filter((contestant) => asked(contestant, question))
            .map((contestant) => ({
                ...question.work,
                ...(question.work.blockSize * question.work.depth >= BIG_BUFFERS ? { rampMs: RAMP_MS } : {}),
                name: `q${q}-${contestant.name}`,
                device: contestant.device,
                seed: 1000 * round + q + 1,
            })),
    );
    const warmUps = (warmUp ? turn : []).map(({ name, device }) => ({
        ...questions[0]!.work,
        name: `warm-${name}`,
        device,
        runtimeMs: WARM_MS,
    }));
    const results = await runFio([...warmUps, ...jobs]);
    const bytes = new Map<string, number>();
    questions.forEach((question, q) => {
        for (const contestant of turn) {
            if (!asked(contestant, question)) continue;
            const { name, peer } = contestant;
            const result = results.get(`q${q}-${name}`)!;
            bytes.set(name, (bytes.get(name) ?? 0) + result.bytes);
            const failed = result.errors > 0 ? `${result.errors} I/Os failed` : `fio ended with errno ${result.error}`;
            const clean = result.errors === 0 && result.error === 0;
            if (!clean && peer) note(question.cell, `${name}: ${failed} in round ${round + 1}`);
            if (!clean && !peer) fail(question.cell, name, failed);
            if (clean || peer) record(question.cell, name, number(question, result));
        }
    });
    return bytes;
}

function asked(contestant: Contestant, question: Question): boolean {
    return contestant.engine === undefined || contestant.engine === question.work.engine;
}

/** Writes `bytes` of each device with data that no compressor makes smaller, and reads them: the warm-up. */
export async function fillAndRead(contestants: readonly Contestant[], bytes: number): Promise<void> {
    const jobs = contestants.flatMap(({ name, device }) =>
        (["write", "read"] as const).map((rw): FioJob => ({
            name: `${rw}-${name}`,
            device,
            rw,
            blockSize: 2 ** 20,
            depth: 1,
            jobs: 1,
            engine: "libaio",
            size: bytes,
        })),
    );
    for (const [name, result] of await runFio(jobs)) {
        if (result.error !== 0 || result.errors > 0) throw new Error(`warm-up ${name}: errno ${result.error}`);
    }
}
