// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * Reads of caches that were not answered from RAM, as a counter. The kernel counts a read when it begins and a hit when it ends, so
 * their difference goes down while hits end; Prometheus would take each step down for a reset.
 */
export class Misses {
    private readonly told = new Map<string, { reads: number; misses: number }>();

    /**
     * @param cache name of the cache
     * @param reads and hits as the kernel counts them; undefined: not known
     * @returns the most that was ever told, until the kernel's own counters begin again
     */
    of(cache: string, reads: number | undefined, hits: number | undefined): number | undefined {
        if (reads === undefined || hits === undefined) {
            return undefined;
        }
        const before = this.told.get(cache);
        const least = before === undefined || reads < before.reads ? 0 : before.misses;
        const misses = Math.max(least, reads - hits);
        this.told.set(cache, { reads, misses });
        return misses;
    }
}
