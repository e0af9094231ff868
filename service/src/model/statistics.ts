// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { ModelError } from "./errors.js";

/** Figures of a cache by name; all are counts except hit_ratio. */
export type CacheFigures = Record<string, number>;

const RAPIDDISK = [
    "reads",
    "writes",
    "cache_hits",
    "replacement",
    "write_replacement",
    "read_invalidates",
    "write_invalidates",
    "uncached_reads",
    "uncached_writes",
    "disk_reads",
    "disk_writes",
    "cache_reads",
    "cache_writes",
];

const WRITECACHE = [
    "errors",
    "num_blocks",
    "num_free_blocks",
    "num_wb_blocks",
    "num_read_req",
    "num_read_cache_hits",
    "num_write_req",
    "num_write_uncommitted_blk_hits",
    "num_write_committed_blk_hits",
    "num_write_cache_bypass",
    "num_write_cache_alloc",
    "num_write_freelist_blocked",
    "num_flush_req",
    "num_discard_req",
];

/**
 * Reads the INFO status of a cache. rapiddisk-cache prints thirteen labelled numbers, writecache four and, since Linux
 * 5.15, ten more (missing ones are 0).
 * @param name of the mapping, for the error
 * @param status the target's parameters
 * @returns every figure by name, and hit_ratio (0 to 1) once there was a read
 * @throws ModelError Failed when the status is not of the expected form
 */
export function parseCacheStatus(name: string, writeback: boolean, status: string): CacheFigures {
    const numbers = (status.match(/\d+/g) ?? []).map(Number);
    const names = writeback ? WRITECACHE : RAPIDDISK;
    const required = writeback ? 4 : RAPIDDISK.length;
    if (numbers.length < required) {
        throw new ModelError(
            "Failed",
            `The kernel's status of ${name} has ${numbers.length} numbers; at least ${required} were expected.`,
        );
    }
    const figures: CacheFigures = Object.fromEntries(names.map((key, index) => [key, numbers[index] ?? 0]));
    const reads = figures[writeback ? "num_read_req" : "reads"] ?? 0;
    const hits = figures[writeback ? "num_read_cache_hits" : "cache_hits"] ?? 0;
    if (reads > 0) {
        figures.hit_ratio = Math.min(1, hits / reads);
    }
    return figures;
}

/** Blocks of a writeback cache that the origin may lack. */
export function dirtyBlocks(figures: CacheFigures): number {
    return Math.max(0, (figures.num_blocks ?? 0) - (figures.num_free_blocks ?? 0));
}
