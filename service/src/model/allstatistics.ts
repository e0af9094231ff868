// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Reads the statistics of everything at once: a thousand volumes cost two readings of the kernel, and not two thousand. */
import { CoalescedRead } from "../system/coalescedread.js";
import { inTime } from "../system/intime.js";
import { Semaphore } from "../system/semaphore.js";
import type { ModelContext } from "./context.js";
import { ioStatistics, volumeStatistics, type StatisticsByName } from "./statistics.js";
import type { Export } from "./types.js";

/** Caches that are measured at once; each needs up to two processes, and others who ask for one cache want a turn too. */
const AT_ONCE = 2;
/** The longest that one cache, or all volumes, are waited for, in ms. */
const EACH = 2000;
/** The longest that all caches are waited for, in ms: callers give up at 25 s. */
const ALTOGETHER = 10_000;

/** The statistics of every volume, cache and export that could be read, by their ids. */
export interface EveryStatistic {
    readonly volumes: ReadonlyMap<string, StatisticsByName>;
    readonly caches: ReadonlyMap<string, StatisticsByName>;
    readonly exports: ReadonlyMap<string, StatisticsByName>;
}

/** Reads the statistics of everything, once for all who ask at the same time. */
export class AllStatistics {
    private readonly reading = new CoalescedRead(() => this.read());
    private readonly turns = new Semaphore(AT_ONCE);
    /** Kernel names of mappings that have not answered yet: nobody waits for them again. */
    private readonly unanswered = new Set<string>();

    constructor(
        private readonly context: ModelContext,
        private readonly each = EACH,
    ) {}

    /** Gives what a reading says that began after this call. What has gone, cannot be read or does not answer is left out. */
    get(): Promise<EveryStatistic> {
        return this.reading.get();
    }

    private async read(): Promise<EveryStatistic> {
        const [devices, caches] = await Promise.all([this.readDevices(), this.readCaches()]);
        return { volumes: devices?.volumes ?? new Map(), caches, exports: devices?.exports ?? new Map() };
    }

    /** Reads the statistics of volumes and exports: what the block layer counts, and what the RAM disks tell. */
    private readDevices(): Promise<Pick<EveryStatistic, "volumes" | "exports"> | undefined> {
        const { kernel, refresher, tree } = this.context;
        const read = async (): Promise<Pick<EveryStatistic, "volumes" | "exports">> => {
            await refresher.freshUsage(0);
            const exported = await this.exportedDevices();
            const io = await kernel.readAllIoCounters([...new Set([...tree.volumes.keys(), ...exported.values()])]);
            const volumes = new Map<string, StatisticsByName>();
            for (const name of tree.volumes.keys()) {
                const counters = io.get(name);
                if (counters !== undefined) {
                    volumes.set(name, volumeStatistics(tree.usageOf(name), counters));
                }
            }
            const exports = new Map<string, StatisticsByName>();
            for (const [nqn, device] of exported) {
                const counters = io.get(device);
                if (counters !== undefined) {
                    exports.set(nqn, ioStatistics(counters));
                }
            }
            return { volumes, exports };
        };
        return answered(read(), this.each);
    }

    /** Finds the kernel names of the devices of exports, by NQN; without those that are not there. */
    private async exportedDevices(): Promise<Map<string, string>> {
        const { kernel, tree } = this.context;
        const nameOf = async ({ device }: Export): Promise<string | undefined> => {
            const volume = /^\/dev\/(rd\d+)$/.exec(device)?.[1];
            // The node of a volume has its name: a thousand of them need not be looked up.
            return volume !== undefined && tree.volumes.has(volume)
                ? volume
                : kernel.resolveDevice(device).catch(() => undefined);
        };
        const found = new Map<string, string>();
        for (const one of [...tree.exports.values()]) {
            const name = await nameOf(one);
            if (name !== undefined) {
                found.set(one.nqn, name);
            }
        }
        return found;
    }

    /**
     * Reads the statistics of caches: each is asked by itself, few at once, so that one that hangs keeps back none of the
     * others.
     */
    private async readCaches(): Promise<ReadonlyMap<string, StatisticsByName>> {
        const { refresher, tree } = this.context;
        const end = performance.now() + ALTOGETHER;
        const found = new Map<string, StatisticsByName>();
        const mappings = (refresher.last?.snapshot.mappings ?? []).filter(({ name }) => tree.caches.has(name));
        const changes = await Promise.all(
            mappings.map(({ name, device }) => this.turns.run(() => this.readCache(name, device, end, found))),
        );
        if (changes.includes(true)) {
            await refresher.rederive();
        }
        return found;
    }

    /** Adds the statistics of a cache. @returns whether what is known of its failures is another now */
    private async readCache(
        name: string,
        device: string,
        end: number,
        found: Map<string, StatisticsByName>,
    ): Promise<boolean> {
        const { refresher, tree } = this.context;
        const cache = tree.caches.get(name);
        const left = Math.min(this.each, end - performance.now());
        if (cache === undefined || left <= 0 || this.unanswered.has(device)) {
            return false;
        }
        this.unanswered.add(device);
        const reading = refresher.failures.read(cache, device).finally(() => this.unanswered.delete(device));
        const read = await answered(reading, left);
        if (read !== undefined) {
            found.set(name, read.statistics);
        } else {
            // What a late answer says of failures is shown as soon as it comes.
            reading.then(({ changed }) => (changed ? refresher.rederive() : undefined)).catch(() => undefined);
        }
        return read?.changed ?? false;
    }
}

/** Waits for a reading and gives what it says; undefined when it fails, or has not ended in time. @param limit in ms */
async function answered<T>(reading: Promise<T>, limit: number): Promise<T | undefined> {
    return (await inTime(reading, limit).catch(() => undefined))?.value;
}
