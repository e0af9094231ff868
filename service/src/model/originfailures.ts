// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * I/O that the origins of caches failed. Nothing in the kernel signals it, so it is noted whenever the statistics of a cache are
 * read, by anybody, and those that nobody asks about are read now and then.
 */
import type { KernelPort, KernelSnapshot } from "../kernel/port.js";
import { KernelError } from "../kernel/port.js";
import type { Problem } from "./problems.js";
import { dirtyBlocks, parseCacheStatus, parseStats, type StatisticsByName } from "./statistics.js";
import type { Cache, CacheState } from "./types.js";

/** How old the statistics of a cache get before they are read though nobody asks, in ms. */
const READ_EVERY = 30_000;

/** What is known of the failures of one cache. */
export interface OriginFailure {
    /** I/Os that the origin failed since the cache was made or resized or its statistics were reset. */
    errors: number;
    /** Errno at which dm-writecache stopped for good; 0 when it did not. */
    stopped: number;
}

interface FailureRecord extends OriginFailure {
    name: string;
    /** The kernel's number of the mapping; only looked at when there is a failure. */
    sequence: number | undefined;
    /** When the statistics were last read, by the steady clock in ms. */
    at: number;
    /** Whether the target tells of failures: modules before 10 do not. */
    tells: boolean;
}

/** Reads the statistics of caches and remembers what they say of failed I/O, by the kernel names of mappings. */
export class OriginFailures {
    private readonly known = new Map<string, FailureRecord>();
    private reading = false;

    constructor(private readonly kernel: Pick<KernelPort, "sequences" | "statusMapping" | "statsMapping">) {}

    /** Gives what is known now, by the kernel names of mappings. */
    get failures(): ReadonlyMap<string, OriginFailure> {
        return new Map([...this.known].filter(([, { errors, stopped }]) => errors > 0 || stopped > 0));
    }

    /**
     * Reads the statistics of a cache.
     * @param device kernel name of its mapping
     * @returns the statistics, and whether what is known of its failures is another now
     * @throws KernelError, ModelError Failed
     */
    async read(
        { name, mode, blockSize }: Cache,
        device: string,
    ): Promise<{ statistics: StatisticsByName; changed: boolean }> {
        const writeback = mode === "writeback";
        const [status, stats] = await Promise.all([
            this.kernel.statusMapping(name),
            writeback ? undefined : this.stats(name, device),
        ]);
        const { hit_ratio = 0, ...counts } = parseCacheStatus(name, writeback, status);
        const unwritten = writeback ? { unwritten_bytes: dirtyBlocks(counts) * blockSize } : {};
        const statistics: StatisticsByName = { ...counts, ...stats, ...unwritten, hit_ratio };
        const errors = statistics.origin_errors ?? 0;
        const stopped = writeback ? (statistics.errors ?? 0) : 0;
        const before = this.known.get(device);
        const failing = errors > 0 || stopped > 0;
        const sequence = failing ? (await this.kernel.sequences([device])).get(device) : undefined;
        const tells = writeback || stats !== undefined;
        this.known.set(device, { name, errors, stopped, sequence, tells, at: performance.now() });
        return { statistics, changed: errors !== (before?.errors ?? 0) || stopped !== (before?.stopped ?? 0) };
    }

    /** Reads what a target counts beyond its status; undefined when it does not tell, after which it is not asked again. */
    private async stats(name: string, device: string): Promise<StatisticsByName | undefined> {
        const known = this.known.get(device);
        if (known?.name === name && !known.tells) {
            return undefined;
        }
        try {
            return parseStats(await this.kernel.statsMapping(name));
        } catch (error) {
            if (error instanceof KernelError && error.errno === "EINVAL") {
                return undefined;
            }
            throw error;
        }
    }

    /** Forgets mappings that are gone, also where another has their place. */
    async prune({ mappings }: KernelSnapshot): Promise<void> {
        if (this.known.size === 0) {
            return;
        }
        const names = new Map(mappings.map(({ device, name }) => [device, name]));
        const failing = [...this.failures.keys()].filter((device) => names.has(device));
        const sequences = failing.length === 0 ? new Map<string, number>() : await this.kernel.sequences(failing);
        for (const [device, { name, sequence }] of this.known) {
            const isAnother = failing.includes(device) && sequences.get(device) !== sequence;
            if (isAnother || names.get(device) !== name) {
                this.known.delete(device);
            }
        }
    }

    /**
     * Reads one of the caches whose statistics were not read for long: one process in each look at the kernel at most, and none
     * while the last has not answered.
     * @param caches by the kernel names of their mappings
     * @returns whether what is known is another now
     */
    async readNext(caches: ReadonlyMap<string, Cache>): Promise<boolean> {
        const due = performance.now() - READ_EVERY;
        const next = [...caches].find(([device]) => (this.known.get(device)?.at ?? -Infinity) < due);
        if (next === undefined || this.reading) {
            return false;
        }
        this.reading = true;
        const [device, cache] = next;
        try {
            return (await this.read(cache, device)).changed;
        } catch {
            // Asked again when its turn comes.
            const { name } = cache;
            const before = this.known.get(device) ?? { errors: 0, stopped: 0, sequence: undefined, tells: true };
            this.known.set(device, { ...before, name, at: performance.now() });
            return false;
        } finally {
            this.reading = false;
        }
    }
}

/** Says whether a cache does its work, as far as is known. */
export function cacheState({ originGone, originErrors, stopped }: Cache): CacheState {
    if (originGone) {
        return "origin-gone";
    }
    return stopped > 0 ? "stopped" : originErrors > 0 ? "origin-errors" : "ok";
}

/** Finds caches whose origin fails; that an origin is gone is told elsewhere. */
export function failingOrigins(caches: Iterable<Cache>): Problem[] {
    return [...caches].flatMap((cache): Problem[] => {
        const { name, source: origin, volume, originErrors: errors, stopped: errno } = cache;
        switch (cacheState(cache)) {
            case "origin-errors":
                return [{ kind: "origin-failing", object: name, type: "cache", origin, errors }];
            case "stopped":
                return [{ kind: "cache-stopped", object: name, type: "cache", origin, volume, errno }];
            case "origin-gone":
            case "ok":
                return [];
        }
    });
}
