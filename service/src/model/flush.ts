// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { ModelContext } from "./context.js";
import { ModelError, toModelError } from "./errors.js";
import { dirtyBlocks, parseCacheStatus } from "./statistics.js";
import type { JobHandle } from "./jobs.js";
import type { Keep } from "./lock.js";
import type { Cache, JobView } from "./types.js";

/** How often the progress of a flush is looked at, in ms. */
const LOOK_EVERY = 250;

/**
 * Writes everything that a writeback cache holds and its origin lacks to the origin, as a job. When the job is
 * cancelled the caller is told at once; the kernel goes on writing, which does no harm, and `keep` holds the lock until
 * it has finished.
 * @param keep takes what must settle before anybody else may touch the cache
 * @param cookie of who asked for the flush and for nothing more
 * @throws ModelError Cancelled; Failed when the origin or the volume returned errors
 */
export async function flushCache(context: ModelContext, cache: Cache, keep: Keep, cookie = ""): Promise<void> {
    const { kernel, jobs } = context;
    const objects: JobView["objects"] = [
        { kind: "cache", id: cache.name },
        ...(cache.volume === "" ? [] : [{ kind: "volume" as const, id: cache.volume }]),
    ];
    const job = jobs.start("cache-flush", objects, cookie);
    const watch = watchProgress(context, cache, job);
    const flush = kernel.messageMapping(cache.name, "flush");
    keep(
        flush.catch(() => undefined),
        `the kernel still writes what ${cache.name} held when its flush was cancelled (job ${job.id})`,
    );
    const written = flush.then(() => refuseErrors(context, cache));
    written.catch(() => undefined);
    const stopped = new Promise<never>((_, reject) => {
        job.cancelled.addEventListener("abort", () =>
            reject(new ModelError("Cancelled", `Flushing ${cache.name} was cancelled; the kernel may still write.`)),
        );
    });
    try {
        // Up to the moment in which it is done the job can be cancelled, and then the caller is told so.
        await Promise.race([stopped, written]);
        if (job.cancelled.aborted) {
            throw new ModelError("Cancelled", `Flushing ${cache.name} was cancelled when it had just ended.`);
        }
        job.finish();
    } catch (error) {
        const told = toModelError(error, cache.name);
        job.finish(told);
        throw told;
    } finally {
        clearInterval(watch);
    }
}

/**
 * Refuses to go on while the origin lacks data, or the cache had errors: what is in RAM alone would be lost.
 * @throws ModelError Failed, Busy
 */
export async function refuseDirty(context: ModelContext, cache: Cache): Promise<void> {
    const statistics = parseCacheStatus(cache.name, true, await context.kernel.statusMapping(cache.name));
    const dirty = dirtyBlocks(statistics);
    if (dirty > 0) {
        throw new ModelError(
            "Busy",
            `${cache.name} still holds ${dirty} blocks that ${cache.source} lacks (EBUSY); flush it again once nothing writes.`,
        );
    }
}

async function refuseErrors(context: ModelContext, cache: Cache): Promise<void> {
    const statistics = parseCacheStatus(cache.name, true, await context.kernel.statusMapping(cache.name));
    if ((statistics.errors ?? 0) > 0) {
        throw new ModelError(
            "Failed",
            `${cache.name} had ${statistics.errors} errors while writing to ${cache.source} (EIO); its data is only in RAM.`,
        );
    }
}

function watchProgress(context: ModelContext, cache: Cache, job: JobHandle): NodeJS.Timeout {
    let total = 0;
    const look = async (): Promise<void> => {
        const status = await context.kernel.statusMapping(cache.name);
        const dirty = dirtyBlocks(parseCacheStatus(cache.name, true, status));
        total = Math.max(total, dirty);
        if (total > 0) {
            job.update(1 - dirty / total, total * cache.blockSize);
        }
    };
    // A look that fails only leaves the progress as it was; the flush itself reports what is wrong.
    const timer = setInterval(() => void look().catch(() => undefined), LOOK_EVERY);
    timer.unref();
    void look().catch(() => undefined);
    return timer;
}
