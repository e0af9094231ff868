// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What other ways of choosing the block to drop would have hit: the yardsticks of the hit ratio rows. */
import type { Request } from "./blocktrace.js";
import { Ordered } from "./ordered.js";

/** A simulated cache of single blocks, fully associative. */
interface Policy {
    /** Uses a block and says whether the cache held it. */
    access(block: number): boolean;
}

const BLOCK = 4096;

/** Drops what was put in first; with `refresh`, what was used least recently. */
class Queue implements Policy {
    private readonly held: Ordered;

    constructor(
        private readonly capacity: number,
        private readonly refresh: boolean,
    ) {
        this.held = new Ordered(capacity);
    }

    access(block: number): boolean {
        const hit = this.refresh ? this.held.delete(block) : this.held.has(block);
        if (hit && !this.refresh) return true;
        if (!hit && this.held.size >= this.capacity) this.held.shift();
        this.held.push(block);
        return hit;
    }
}

/**
 * S3-FIFO (Yang et al., SOSP 2023) with one bit: a small queue of a tenth, a main queue, and ghosts of as many blocks as the
 * main queue holds.
 */
class S3Fifo implements Policy {
    private readonly small: Ordered;
    private readonly main: Ordered;
    private readonly ghosts: Ordered;
    private readonly share: number;

    constructor(private readonly capacity: number) {
        this.share = Math.max(1, Math.floor(capacity / 10));
        this.small = new Ordered(capacity + 1);
        this.main = new Ordered(capacity + 1);
        this.ghosts = new Ordered(capacity + 1);
    }

    access(block: number): boolean {
        if (this.small.mark(block) || this.main.mark(block)) return true;
        const known = this.ghosts.delete(block);
        while (this.small.size + this.main.size >= this.capacity) this.evict();
        (known ? this.main : this.small).push(block);
        return false;
    }

    private evict(): void {
        const fromSmall = this.small.size > this.share || this.main.size === 0;
        const { block, marked } = (fromSmall ? this.small : this.main).shift();
        if (marked) this.main.push(block);
        else if (fromSmall) {
            this.ghosts.push(block);
            if (this.ghosts.size > this.capacity - this.share) this.ghosts.shift();
        }
    }
}

/** ARC (Megiddo and Modha, FAST 2003): recency and frequency lists whose sizes follow the ghosts that are hit. */
class Arc implements Policy {
    private readonly recent: Ordered;
    private readonly frequent: Ordered;
    private readonly recentGhosts: Ordered;
    private readonly frequentGhosts: Ordered;
    private target = 0;

    constructor(private readonly capacity: number) {
        this.recent = new Ordered(capacity + 1);
        this.frequent = new Ordered(capacity + 1);
        this.recentGhosts = new Ordered(2 * capacity + 1);
        this.frequentGhosts = new Ordered(2 * capacity + 1);
    }

    access(block: number): boolean {
        const { recentGhosts, frequentGhosts, capacity } = this;
        if (this.recent.delete(block) || this.frequent.delete(block)) {
            this.frequent.push(block);
            return true;
        }
        if (recentGhosts.has(block)) {
            this.target = Math.min(capacity, this.target + Math.max(1, frequentGhosts.size / recentGhosts.size));
            this.replace(false);
            recentGhosts.delete(block);
            this.frequent.push(block);
        } else if (frequentGhosts.has(block)) {
            this.target = Math.max(0, this.target - Math.max(1, recentGhosts.size / frequentGhosts.size));
            this.replace(true);
            frequentGhosts.delete(block);
            this.frequent.push(block);
        } else {
            this.makeRoom();
            this.recent.push(block);
        }
        return false;
    }

    private makeRoom(): void {
        const { recent, frequent, recentGhosts, frequentGhosts, capacity } = this;
        if (recent.size + recentGhosts.size >= capacity) {
            if (recent.size < capacity) {
                recentGhosts.shift();
                this.replace(false);
            } else {
                recent.shift();
            }
            return;
        }
        const all = recent.size + frequent.size + recentGhosts.size + frequentGhosts.size;
        if (all < capacity) return;
        if (all >= 2 * capacity) frequentGhosts.shift();
        this.replace(false);
    }

    private replace(frequentGhostHit: boolean): void {
        const { recent, frequent, target, capacity } = this;
        if (recent.size + frequent.size < capacity) return;
        const over = recent.size > target || (frequentGhostHit && recent.size === Math.floor(target));
        if (recent.size > 0 && (over || frequent.size === 0)) this.recentGhosts.push(recent.shift().block);
        else this.frequentGhosts.push(frequent.shift().block);
    }
}

/** Drops what is used again last (Belady): needs to know the future. */
class Optimum implements Policy {
    private readonly next: Float64Array;
    private readonly held = new Map<number, number>();
    /** Times of next use of held blocks, the latest on top; also some that are over. */
    private readonly heap: number[] = [];
    private readonly blockAt = new Map<number, number>();
    private step = 0;

    constructor(
        private readonly capacity: number,
        accesses: readonly number[],
    ) {
        const seen = new Map<number, number>();
        this.next = new Float64Array(accesses.length);
        for (let index = accesses.length - 1; index >= 0; index--) {
            // Never again: later than everything, and a time of its own.
            this.next[index] = seen.get(accesses[index]!) ?? accesses.length + index;
            seen.set(accesses[index]!, index);
        }
    }

    access(block: number): boolean {
        const next = this.next[this.step++]!;
        const hit = this.held.has(block);
        if (!hit && this.held.size >= this.capacity) this.evict();
        this.held.set(block, next);
        this.blockAt.set(next, block);
        this.push(next);
        return hit;
    }

    private evict(): void {
        for (;;) {
            const time = this.pop();
            const block = this.blockAt.get(time);
            this.blockAt.delete(time);
            if (block === undefined || this.held.get(block) !== time) continue;
            this.held.delete(block);
            return;
        }
    }

    private push(time: number): void {
        const { heap } = this;
        let at = heap.push(time) - 1;
        while (at > 0) {
            const parent = (at - 1) >> 1;
            if (heap[parent]! >= time) break;
            heap[at] = heap[parent]!;
            at = parent;
        }
        heap[at] = time;
    }

    private pop(): number {
        const { heap } = this;
        const top = heap[0]!;
        const last = heap.pop()!;
        let at = 0;
        for (;;) {
            let child = 2 * at + 1;
            if (child >= heap.length) break;
            if (child + 1 < heap.length && heap[child + 1]! > heap[child]!) child++;
            if (heap[child]! <= last) break;
            heap[at] = heap[child]!;
            at = child;
        }
        if (heap.length > 0) heap[at] = last;
        return top;
    }
}

const POLICIES: Record<string, (capacity: number, accesses: readonly number[]) => Policy> = {
    LRU: (capacity) => new Queue(capacity, true),
    FIFO: (capacity) => new Queue(capacity, false),
    "S3-FIFO": (capacity) => new S3Fifo(capacity),
    ARC: (capacity) => new Arc(capacity),
    optimum: (capacity, accesses) => new Optimum(capacity, accesses),
};

/**
 * Percent of the blocks read that each policy would have held; writes enter the cache as well, as in write-through.
 * @param bytes size of the cache
 * @throws Error when the requests read nothing
 */
export function readHits(requests: readonly Request[], bytes: number): Record<string, number> {
    const accesses: number[] = [];
    const isRead: boolean[] = [];
    for (const { write, block, count } of requests) {
        for (let at = block; at < block + count; at++) {
            accesses.push(at);
            isRead.push(!write);
        }
    }
    const reads = isRead.filter(Boolean).length;
    if (reads === 0) throw new Error("the trace reads nothing");
    const result: Record<string, number> = {};
    for (const [name, make] of Object.entries(POLICIES)) {
        const policy = make(Math.max(1, Math.floor(bytes / BLOCK)), accesses);
        let hits = 0;
        accesses.forEach((block, index) => {
            if (policy.access(block) && isRead[index]) hits++;
        });
        result[name] = (100 * hits) / reads;
    }
    return result;
}
