// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * How many blocks writeback caches have. dm-writecache takes the size that the volume has when the mapping is made, whatever
 * becomes of that later, and only its status tells; so each mapping is asked once.
 */
import type { KernelPort, KernelSnapshot, Mapping } from "../kernel/port.js";
import { inTime } from "../system/intime.js";
import { parseCacheStatus } from "./statistics.js";
import { parseCacheTable } from "./tables.js";

/** The longest that a reading waits for mappings which do not answer, in ms. */
const LIMIT = 1000;

interface BlockCount {
    /** The kernel's number of the mapping. */
    sequence: number | undefined;
    blocks?: number;
}

/** Knows the number of blocks of each writeback cache over a RAM disk. */
export class BlockCounts {
    private readonly asked = new Map<string, BlockCount>();

    constructor(private readonly kernel: Pick<KernelPort, "sequences" | "statusMapping">) {}

    /**
     * Asks the mappings that were not asked yet. One that does not answer is waited for once, and known when it has.
     * @returns numbers of blocks by the kernel names of mappings
     */
    async read({ mappings, blockDevices }: KernelSnapshot): Promise<ReadonlyMap<string, number>> {
        const disks = blockDevices.filter(({ type }) => type === "ram");
        const stores = new Set(disks.flatMap(({ devno, path }) => [devno, path]));
        const caches = mappings.filter((mapping) => {
            const table = parseCacheTable(mapping);
            return table?.mode === "writeback" && stores.has(table.cache);
        });
        const devices = caches.map(({ device }) => device);
        const sequences = devices.length === 0 ? new Map<string, number>() : await this.kernel.sequences(devices);
        for (const device of this.asked.keys()) {
            if (!caches.some((mapping) => mapping.device === device)) {
                this.asked.delete(device);
            }
        }
        const fresh = caches.filter(({ device }) => {
            const known = this.asked.get(device);
            return known === undefined || known.sequence !== sequences.get(device);
        });
        if (fresh.length > 0) {
            await inTime(Promise.all(fresh.map((one) => this.ask(one, sequences.get(one.device)))), LIMIT);
        }
        return new Map([...this.asked].flatMap(([device, { blocks }]) => (blocks ? [[device, blocks]] : [])));
    }

    private async ask({ name, device }: Mapping, sequence: number | undefined): Promise<void> {
        const one: BlockCount = { sequence };
        this.asked.set(device, one);
        try {
            const { num_blocks: blocks = 0 } = parseCacheStatus(name, true, await this.kernel.statusMapping(name));
            one.blocks = blocks;
        } catch {
            // It is asked again by the next reading, unless it is gone by then.
            if (this.asked.get(device) === one) {
                this.asked.delete(device);
            }
        }
    }
}
