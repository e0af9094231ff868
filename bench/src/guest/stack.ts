// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Mappings that the cache groups compare: each over an origin and RAM disks of its own. */
import { attachOrigin, attachRapidDisk, createMapping, modprobe, sectors, settle, type Origin } from "./devices.js";
import type { Contestant } from "./rounds.js";
import type { Stage } from "../stage.js";

/** A contestant with the origin under it. */
export interface Cached extends Contestant {
    origin: string;
}

/** Modes of the rapiddisk-cache target as its table line writes them. */
export const WRITE_THROUGH = 0;
export const WRITE_AROUND = 1;

/** Builds mappings; counts RAM disks and origins so that no two share one. */
export class Stack {
    private disks = 0;
    private origins = 0;

    constructor(
        private readonly stage: Stage,
        private readonly origin: Origin,
        private readonly cacheBytes: number,
    ) {}

    /** A RAM disk of its own. */
    ramDisk(bytes = this.cacheBytes): string {
        return attachRapidDisk(this.stage, 20 + this.disks++, bytes);
    }

    /** An origin of its own. */
    newOrigin(): Promise<string> {
        return attachOrigin(this.stage, `bench${this.origins++}`, this.origin);
    }

    /** dm-linear over one device: the least that device-mapper can cost. */
    async linear(name: string, device: string): Promise<string> {
        return createMapping(this.stage, name, `0 ${sectors(device)} linear ${device} 0`);
    }

    /** The rapiddisk-cache target (ours or the predecessor's, whichever is loaded) over a new RAM disk and origin. */
    async rapidDiskCache(name: string, mode: number, peer: boolean, origin?: string): Promise<Cached> {
        const below = origin ?? (await this.newOrigin());
        const disk = this.ramDisk();
        await settle();
        const table = `0 ${sectors(below)} rapiddisk-cache ${below} ${disk} ${sectors(disk)} ${mode}`;
        return { name, device: await createMapping(this.stage, `bench-${name}`, table), origin: below, peer };
    }

    /** dm-cache, write-through, smq policy, 32 KiB blocks (its smallest), data and metadata on RAM disks. */
    async dmCache(origin?: string): Promise<Cached> {
        await modprobe("dm_cache");
        await modprobe("dm_cache_smq");
        const below = origin ?? (await this.newOrigin());
        const data = this.ramDisk();
        const metadata = this.ramDisk(16 * 2 ** 20);
        await settle();
        const table = `0 ${sectors(below)} cache ${metadata} ${data} ${below} 64 1 writethrough smq 2 migration_threshold 204800`;
        return {
            name: "dm-cache",
            device: await createMapping(this.stage, "bench-dm-cache", table),
            origin: below,
            peer: true,
        };
    }

    /** dm-writecache in its SSD mode. It caches writes only, and keeps them from the origin: write-back. */
    async dmWriteCache(origin?: string): Promise<Cached> {
        await modprobe("dm_writecache");
        const below = origin ?? (await this.newOrigin());
        const disk = this.ramDisk(2 * this.cacheBytes);
        await settle();
        const table = `0 ${sectors(below)} writecache s ${below} ${disk} 4096 0`;
        return {
            name: "dm-writecache",
            device: await createMapping(this.stage, "bench-dm-writecache", table),
            origin: below,
            peer: true,
        };
    }
}
