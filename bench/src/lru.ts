// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What a cache that always drops the least recently used block would have hit: the yardstick of the trace rows. */

/** Blocks in order of use, for a fixed number of them. Constant time for each access. */
export class LruCache {
    private readonly slots = new Map<number, number>();
    private readonly block: Float64Array;
    private readonly newer: Int32Array;
    private readonly older: Int32Array;
    private newest = -1;
    private oldest = -1;

    /** @param capacity blocks, at least 1 */
    constructor(private readonly capacity: number) {
        if (!(capacity >= 1)) throw new RangeError(`a cache of ${capacity} blocks`);
        this.block = new Float64Array(capacity);
        this.newer = new Int32Array(capacity);
        this.older = new Int32Array(capacity);
    }

    /** Uses a block and says whether the cache held it. */
    access(block: number): boolean {
        const found = this.slots.get(block);
        if (found !== undefined) {
            this.unlink(found);
            this.pushNewest(found);
            return true;
        }
        const slot = this.slots.size < this.capacity ? this.slots.size : this.evict();
        this.block[slot] = block;
        this.slots.set(block, slot);
        this.pushNewest(slot);
        return false;
    }

    private evict(): number {
        const slot = this.oldest;
        this.slots.delete(this.block[slot]!);
        this.unlink(slot);
        return slot;
    }

    private unlink(slot: number): void {
        const newer = this.newer[slot]!;
        const older = this.older[slot]!;
        if (newer < 0) this.newest = older;
        else this.older[newer] = older;
        if (older < 0) this.oldest = newer;
        else this.newer[older] = newer;
    }

    private pushNewest(slot: number): void {
        this.newer[slot] = -1;
        this.older[slot] = this.newest;
        if (this.newest >= 0) this.newer[this.newest] = slot;
        this.newest = slot;
        if (this.oldest < 0) this.oldest = slot;
    }
}
