// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What only a writeback cache holds when it is removed: written to its origin, or lost where that failed and was asked for. */
import type { ModelContext } from "./context.js";
import { ModelError } from "./errors.js";
import { flushCache, refuseDirty } from "./flush.js";
import type { Keep } from "./lock.js";
import { dirtyBlocks, parseCacheStatus } from "./statistics.js";
import type { Cache, Permission } from "./types.js";

/**
 * Makes the permission to remove a cache even if that loses data.
 * @param remove that to remove it, whose details it has too; cache.unwritten says how many bytes are not written now
 * @throws ModelError NotSupported (its origin has all data); KernelError ENOENT
 */
export async function losing(context: ModelContext, cache: Cache, { details }: Permission): Promise<Permission> {
    if (cache.mode !== "writeback") {
        throw new ModelError(
            "NotSupported",
            `${cache.name} is ${cache.mode}: its origin has all data, so that there is nothing to lose; ` +
                "remove it without lose-unwritten.",
        );
    }
    const { bytes } = await readUnwritten(context, cache);
    return { action: "cache-lose-unwritten", details: { ...details, "cache.unwritten": String(bytes) } };
}

/** Counts the bytes of the blocks that only a writeback cache holds, and whether dm-writecache stopped at an error. */
async function readUnwritten(
    { kernel }: ModelContext,
    { name, blockSize }: Cache,
): Promise<{ bytes: number; stopped: boolean }> {
    const statistics = parseCacheStatus(name, true, await kernel.statusMapping(name));
    return { bytes: dirtyBlocks(statistics) * blockSize, stopped: (statistics.errors ?? 0) > 0 };
}

/**
 * Writes what a cache holds to its origin before the cache is removed. Data may only be lost once
 * dm-writecache has stopped at an error, after which it writes nothing more: not when a flush was cancelled, was not sent, or
 * left blocks that were written again. It waits for no I/O of such a cache when that is suspended, so its removal ends.
 * @param lose whether what cannot be written may be lost
 * @returns bytes that its removal loses
 * @throws ModelError Failed (the flush failed, and `lose` is not set), Busy, Cancelled
 */
export async function flushBeforeRemoval(
    context: ModelContext,
    cache: Cache,
    keep: Keep,
    lose: boolean,
): Promise<number> {
    if (cache.mode !== "writeback") {
        return 0;
    }
    try {
        await flushCache(context, cache, keep);
    } catch (error) {
        if (!(error instanceof ModelError) || error.kind !== "Failed") {
            throw error;
        }
        const { bytes, stopped } = await readUnwritten(context, cache);
        if (!stopped) {
            throw error;
        }
        if (lose) {
            return bytes;
        }
        const { name, source, originGone } = cache;
        throw new ModelError(
            "Failed",
            `${source}, the origin of ${name}, ${originGone ? "is gone" : "could not be written to"}, and it lacks ${bytes} ` +
                `bytes that only ${name} holds. To remove ${name} and lose them, say so plainly (lose-unwritten). ` +
                error.message,
        );
    }
    await refuseDirty(context, cache);
    return 0;
}
