// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { Cache } from "./objects.js";

/** How well a cache works, and what would be lost with the RAM. Sizes in bytes. */
export interface CacheStatistics {
    /** Share of the blocks read that were in RAM, 0 to 1; null before the first read. */
    readonly hitRatio: number | null;
    /** RAM that holds blocks of the origin; null when it cannot be told. */
    readonly filled: number | null;
    /** Most that it may hold. */
    readonly room: number;
    /** Most that the origin may lack: what the kernel has not written back. 0 for a cache that writes through. */
    readonly unwritten: number;
    /** I/Os that the origin failed; null where the kernel does not count them. */
    readonly originErrors: number | null;
}

/** Names of the counters of reads, which each of the two kinds of caches has under other names. */
export const readCounters = ({ Mode }: Pick<Cache, "Mode">): { readonly reads: string; readonly hits: string } =>
    Mode === "writeback"
        ? { reads: "num_read_req", hits: "num_read_cache_hits" }
        : { reads: "reads", hits: "cache_hits" };

/**
 * Reads the statistics of a cache.
 * @param values what GetStatistics says, by name
 * @param held RAM that its volume holds, in bytes; undefined when the volume is none of ours
 */
export function cacheStatistics(
    cache: Pick<Cache, "Mode" | "CacheSize" | "BlockSize">,
    values: Readonly<Record<string, number>>,
    held: number | undefined,
): CacheStatistics {
    const reads = values[readCounters(cache).reads] ?? 0;
    const hitRatio = reads > 0 ? (values["hit_ratio"] ?? 0) : null;
    if (cache.Mode !== "writeback") {
        const blocks = values["cached_blocks"];
        // Where the module does not tell: a volume of ours holds nothing but blocks of the origin while it is a cache.
        const told = blocks === undefined ? held : blocks * cache.BlockSize;
        const filled = told === undefined ? null : Math.min(told, cache.CacheSize);
        const originErrors = values["origin_errors"] ?? null;
        return { hitRatio, filled, room: cache.CacheSize, unwritten: 0, originErrors };
    }
    const all = (values["num_blocks"] ?? 0) * cache.BlockSize;
    const used = Math.max(0, all - (values["num_free_blocks"] ?? 0) * cache.BlockSize);
    return { hitRatio, filled: used, room: all, unwritten: used, originErrors: null };
}

/** How full a cache is, 0 to 1; null when it cannot be told. */
export const fullness = (statistics: CacheStatistics | undefined): number | null =>
    statistics === undefined || statistics.filled === null || statistics.room === 0
        ? null
        : statistics.filled / statistics.room;
