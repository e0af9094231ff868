// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { THROUGH_STATISTICS, WRITEBACK_STATISTICS } from "../statisticnames.js";
import type { IoCounters } from "../kernel/port.js";
import { ModelError } from "./errors.js";
import type { VolumeUsage } from "./types.js";

/** Statistics of a cache by name; all are counts except hit_ratio. */
export type StatisticsByName = Record<string, number>;

/**
 * Reads the INFO status of a cache. rapiddisk-cache prints thirteen labelled numbers, writecache four and, since Linux
 * 5.15, ten more (missing ones are 0).
 * @param name of the mapping, for the error
 * @param status the target's parameters
 * @returns every statistic by name, and hit_ratio (0 to 1; 0 before the first read)
 * @throws ModelError Failed when the status is not of the expected form
 */
export function parseCacheStatus(name: string, writeback: boolean, status: string): StatisticsByName {
    const numbers = (status.match(/\d+/g) ?? []).map(Number);
    const names: readonly string[] = writeback ? WRITEBACK_STATISTICS : THROUGH_STATISTICS;
    const required = writeback ? 4 : THROUGH_STATISTICS.length;
    if (numbers.length < required) {
        throw new ModelError(
            "Failed",
            `The kernel's status of ${name} has ${numbers.length} numbers; at least ${required} were expected.`,
        );
    }
    const statistics: StatisticsByName = Object.fromEntries(names.map((key, index) => [key, numbers[index] ?? 0]));
    const reads = statistics[writeback ? "num_read_req" : "reads"] ?? 0;
    const hits = statistics[writeback ? "num_read_cache_hits" : "cache_hits"] ?? 0;
    statistics.hit_ratio = reads === 0 ? 0 : Math.min(1, hits / reads);
    return statistics;
}

/** Statistics that rapiddisk-cache tells only in its answer to `stats`, by the names of GetStatistics. */
const STATS_NAMES = ["cached_blocks", "origin_errors"] as const;

/** Reads the answer to `stats`, words of the form name=value; statistics that it lacks are left out. */
export function parseStats(answer: string): StatisticsByName {
    const statistics: StatisticsByName = {};
    for (const name of STATS_NAMES) {
        const value = new RegExp(`(?:^|\\s)${name}=(\\d+)(?:\\s|$)`).exec(answer)?.[1];
        if (value !== undefined) {
            statistics[name] = Number(value);
        }
    }
    return statistics;
}

/** Blocks of a writeback cache that the origin may lack. */
export function dirtyBlocks(statistics: StatisticsByName): number {
    return Math.max(0, (statistics.num_blocks ?? 0) - (statistics.num_free_blocks ?? 0));
}

/** Gives the statistics of a volume by the names of GetStatistics: bytes, counts or ms. */
export function volumeStatistics(usage: VolumeUsage, io: IoCounters): Record<string, number> {
    return {
        used: usage.used,
        errors: usage.errors,
        highest_written: usage.highestWritten,
        ...ioStatistics(io),
    };
}

/** Counters of a block device by the names of GetStatistics: bytes, counts or ms. */
export function ioStatistics(io: IoCounters): Record<string, number> {
    return {
        read_ios: io.readIos,
        read_bytes: io.readBytes,
        read_ms: io.readMs,
        write_ios: io.writeIos,
        write_bytes: io.writeBytes,
        write_ms: io.writeMs,
        discard_ios: io.discardIos,
        discard_bytes: io.discardBytes,
        in_flight: io.inFlight,
        io_ms: io.busyMs,
    };
}
