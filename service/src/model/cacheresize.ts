// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Takes up in use what the origin or the volume of a cache has grown by: the mapping gets a longer table. */
import { SECTOR } from "../facts/sizes.js";
import type { KernelSnapshot } from "../kernel/port.js";
import type { ModelContext } from "./context.js";
import type { Derived } from "./derive.js";
import { ModelError } from "./errors.js";
import type { Step } from "./plan.js";
import type { Intent } from "./storage.js";
import { parseCacheTable, type TableLine } from "./tables.js";
import { tellHosts } from "./tellhosts.js";
import type { Cache } from "./types.js";
import { formatBytes } from "./values.js";

/** The parameters that rapiddisk-cache prints: origin, RAM disk, sectors of it, mode, and what more there is. */
const PARAMS = /^(\S+ \S+) (\d+)((?: \S+)*)$/;
/** What `seq_cutoff` is in a new table, in sectors. */
const SEQ_CUTOFF = 8192;

/** A cache that is to grow. Sizes are bytes. */
export interface CacheResize {
    before: TableLine;
    after: TableLine;
    size: number;
    cacheSize: number;
}

/**
 * Works out the table that takes up the whole of origin and volume.
 * @param state a fresh reading of the kernel
 * @returns undefined when it has that table
 * @throws ModelError NotSupported, Failed (the origin shrank or is gone)
 */
export function planCacheResize(
    { snapshot, volumes }: Pick<Derived, "volumes"> & { snapshot: KernelSnapshot },
    cache: Cache,
): CacheResize | undefined {
    const { name, source, mode } = cache;
    if (mode === "writeback") {
        throw new ModelError(
            "NotSupported",
            `${name} is a writeback cache, which cannot grow in use: dm-writecache reads the sizes and its records when the ` +
                "mapping is made. Remove it while nothing uses it, which writes what only it holds, and create it again.",
        );
    }
    const mapping = snapshot.mappings.find((one) => one.name === name);
    const [target, ...others] = mapping?.targets ?? [];
    const [, devices, sectors, rest] = PARAMS.exec(target?.params ?? "") ?? [];
    if (mapping === undefined || target?.start !== 0 || others.length > 0 || sectors === undefined) {
        throw new ModelError(
            "NotSupported",
            `${name} has a table of a form that this service does not write, so it cannot be resized; others made it, or a ` +
                "module older than version 10.",
        );
    }
    const table = parseCacheTable(mapping);
    const origin = snapshot.blockDevices.find(({ devno, path }) => devno === table?.source || path === table?.source);
    if (origin === undefined) {
        throw new ModelError(
            "Failed",
            `${source}, the origin of ${name}, is gone; a cache without it cannot be resized.`,
        );
    }
    const length = Math.floor(origin.size / SECTOR);
    if (length < target.length) {
        throw new ModelError(
            "Failed",
            `${source} shrank to ${formatBytes(origin.size)}, less than the ${formatBytes(cache.size)} of ${name}: a cache ` +
                "cannot shrink in use. Remove it while nothing uses it, and create it again.",
        );
    }
    const store = Math.max(Number(sectors), Math.floor((volumes.get(cache.volume)?.size ?? 0) / SECTOR));
    if (length === target.length && store === Number(sectors)) {
        return undefined;
    }
    const { type } = target;
    return {
        before: { length: target.length, type, params: target.params },
        after: { length, type, params: `${devices} ${store}${rest}` },
        size: length * SECTOR,
        cacheSize: store * SECTOR,
    };
}

/** Refuses what cannot be, by the kernel as it is now, before anybody is asked. @throws ModelError, see planCacheResize */
export async function checkCacheResize({ refresher }: ModelContext, cache: Cache): Promise<void> {
    try {
        planCacheResize(await refresher.fresh(1000), cache);
    } catch {
        planCacheResize(await refresher.recheck(), cache);
    }
}

/**
 * Makes the steps that put a longer table in force, and what a note of them says of the saved state. What the cache held is
 * dropped; the origin has all of that. An origin that is known by its size is saved with the new one.
 */
export function resizeSteps(
    context: ModelContext,
    { name, persistent }: Cache,
    plan: CacheResize,
): { steps: Step[]; noted: Pick<Intent, "before" | "after"> } {
    const { saved } = context;
    const step = resizeStep(context, name, plan);
    const before = persistent ? saved.cache(name) : undefined;
    if (before?.origin === undefined) {
        return { steps: [step], noted: {} };
    }
    const after = { ...before, origin: { ...before.origin, size: plan.size } };
    return { steps: [...saved.cacheStep(name, after), step], noted: saved.noted(before, after) };
}

function resizeStep(context: ModelContext, name: string, { before, after }: CacheResize): Step {
    const { kernel } = context;
    const reload = async (table: TableLine): Promise<void> => {
        const cutoff = await readCutoff(context, name);
        await kernel.reloadMapping(name, table);
        if (cutoff !== SEQ_CUTOFF) {
            await kernel
                .messageMapping(name, `seq_cutoff ${cutoff}`)
                .catch((error: Error) => context.log(`seq_cutoff of ${name} is the default again: ${error.message}`));
        }
    };
    return {
        name: "resize",
        run: async () => {
            await reload(after);
            await tellHosts(context, `mapper/${name}`);
        },
        // Nothing knows of the new size yet when what follows fails at once.
        undo: () => reload(before),
    };
}

/** Reads `seq_cutoff`, so that it is carried over: it is not part of the table. */
async function readCutoff({ kernel }: ModelContext, name: string): Promise<number> {
    const stats = await kernel.statsMapping(name).catch(() => "");
    return Number(/(?:^|\s)seq_cutoff=(\d+)(?:\s|$)/.exec(stats)?.[1] ?? SEQ_CUTOFF);
}
