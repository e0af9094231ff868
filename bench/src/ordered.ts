// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * Block numbers in the order in which they were put in, each with a mark. Every operation takes constant time, which a
 * Map does not give: to find its first key it walks over those that were deleted.
 */
export class Ordered {
    private readonly slots = new Map<number, number>();
    private readonly block: Float64Array;
    private readonly newer: Int32Array;
    private readonly older: Int32Array;
    private readonly marks: Uint8Array;
    private readonly unused: number[] = [];
    private first = -1;
    private last = -1;

    /** @param capacity the most blocks that it will ever hold */
    constructor(capacity: number) {
        this.block = new Float64Array(capacity);
        this.newer = new Int32Array(capacity);
        this.older = new Int32Array(capacity);
        this.marks = new Uint8Array(capacity);
    }

    get size(): number {
        return this.slots.size;
    }

    has(block: number): boolean {
        return this.slots.has(block);
    }

    /** Puts a block that is not there behind all others. */
    push(block: number): void {
        const slot = this.unused.pop() ?? this.slots.size;
        this.slots.set(block, slot);
        this.block[slot] = block;
        this.marks[slot] = 0;
        this.older[slot] = this.last;
        this.newer[slot] = -1;
        if (this.last >= 0) this.newer[this.last] = slot;
        else this.first = slot;
        this.last = slot;
    }

    /** Takes a block out, if it is there, and says whether it was. */
    delete(block: number): boolean {
        const slot = this.slots.get(block);
        if (slot === undefined) return false;
        const newer = this.newer[slot]!;
        const older = this.older[slot]!;
        if (newer < 0) this.last = older;
        else this.older[newer] = older;
        if (older < 0) this.first = newer;
        else this.newer[older] = newer;
        this.slots.delete(block);
        this.unused.push(slot);
        return true;
    }

    /** Takes out the block that was put in first; the structure must not be empty. */
    shift(): { block: number; marked: boolean } {
        const block = this.block[this.first]!;
        const marked = this.marks[this.first] === 1;
        this.delete(block);
        return { block, marked };
    }

    /** Marks a block, if it is there, and says whether it is. */
    mark(block: number): boolean {
        const slot = this.slots.get(block);
        if (slot !== undefined) this.marks[slot] = 1;
        return slot !== undefined;
    }
}
