// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Which rapiddisk modules are loaded: ours, or the predecessor's from a directory that the user names. */
import { existsSync } from "node:fs";
import { run } from "../exec.js";
import type { Context } from "./context.js";
import { modprobe, settle } from "./devices.js";
import { withStage, type Stage } from "../stage.js";

const OURS = "rapiddisk";
const UPSTREAM = "upstream";

/** Whose modules, and the name of the contestant that they make. */
export interface Era {
    name: string;
    load(): Promise<void>;
}

/** Our modules, and the predecessor's as well when a directory with rapiddisk.ko and rapiddisk-cache.ko is given. */
function eras(upstream: string | undefined): Era[] {
    const ours: Era = {
        name: OURS,
        load: async () => {
            await unload();
            await modprobe("rapiddisk");
            await modprobe("rapiddisk-cache");
        },
    };
    if (upstream === undefined) return [ours];
    return [
        ours,
        {
            name: UPSTREAM,
            load: async () => {
                await unload();
                await modprobe("dm_mod");
                await run("insmod", [`${upstream}/rapiddisk.ko`]);
                await run("insmod", [`${upstream}/rapiddisk-cache.ko`]);
            },
        },
    ];
}

/**
 * Runs the rounds of a group. `prepare` builds the contestants of an era and gives the function that measures one round.
 * With one era it is built once; with two, their rounds alternate, so both meet the same weather.
 */
export async function eachRound(
    context: Context,
    what: string,
    prepare: (era: Era, stage: Stage, ours: boolean) => Promise<(round: number) => Promise<void>>,
): Promise<void> {
    const all = eras(context.upstream);
    const numbers = Array.from({ length: context.rounds }, (_, round) => round);
    const batches = all.length === 1 ? [numbers] : numbers.map((round) => [round]);
    try {
        for (const batch of batches) {
            for (const era of all) {
                await era.load();
                await withStage(async (stage) => {
                    const measure = await prepare(era, stage, era === all[0]);
                    for (const round of batch) {
                        context.say(`${what}: round ${round + 1} of ${context.rounds}, ${era.name}`);
                        await measure(round);
                    }
                });
            }
        }
    } finally {
        if (all.length > 1) await all[0]!.load();
    }
}

/** Takes whichever modules are loaded out of the kernel; their disks and mappings must be gone. */
async function unload(): Promise<void> {
    await settle();
    for (const module of ["rapiddisk_cache", "rapiddisk"]) {
        if (existsSync(`/sys/module/${module}`)) await run("rmmod", [module]);
    }
}
