// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { ModelError } from "./errors.js";

/** How long work waits for other work on the same objects before it is refused, in ms: less than a caller waits for a reply. */
const LIMIT = 10_000;

/** Takes what must settle before others may work on the same objects, and what to tell those who want to meanwhile. */
export type Keep = (rest: Promise<unknown>, words: string) => void;

/** Work that holds keys, or waits for them. */
interface KeyedWork {
    keys: readonly string[];
    what: string;
    since: number;
    /** Set once the work itself has ended but something that it began has not: nobody can tell when it will. */
    left?: string;
}

interface Waiter extends KeyedWork {
    start(): void;
    refuse(error: ModelError): void;
}

/**
 * A keyed lock: work on the same object runs one after another, in the order asked; work on different objects at once.
 * Nobody waits without end: what waits too long, or behind something that may never end, is refused as Busy by its name.
 */
export class KeyedLock {
    private readonly held = new Map<string, KeyedWork>();
    private readonly waiting = new Set<Waiter>();

    /** @param limit how long work may wait, in ms */
    constructor(private readonly limit = LIMIT) {}

    /**
     * Runs `work` while holding every key. The keys are taken all at once, so that who waits holds nothing that others
     * could wait for. They are kept until `work` has settled and also everything that it handed to `keep` has.
     * @param what the operation and its object, for those who wait: "cache-flush of c"
     * @param keys ids of objects, in any order; duplicates count once
     * @throws ModelError Busy naming what holds a key; what `work` throws
     */
    async run<T>(what: string, keys: readonly string[], work: (keep: Keep) => Promise<T>): Promise<T> {
        const mine: KeyedWork = { keys: [...new Set(keys)], what, since: performance.now() };
        await this.take(mine);
        const kept: Promise<unknown>[] = [];
        const words: string[] = [];
        try {
            return await work((rest, told) => {
                kept.push(rest);
                words.push(told);
            });
        } finally {
            if (kept.length === 0) {
                this.release(mine);
            } else {
                void Promise.allSettled(kept).then(() => this.release(mine));
                // Whatever of it has settled already releases the keys before anybody can be refused.
                setImmediate(() => this.leave(mine, words.join("; ")));
            }
        }
    }

    private take(mine: KeyedWork): Promise<void> | undefined {
        const holder = this.holderOf(mine);
        if (holder === undefined) {
            this.hold(mine);
            return undefined;
        }
        if (holder.by.left !== undefined) {
            throw refusal(holder);
        }
        return new Promise((resolve, reject) => {
            const waiter: Waiter = {
                ...mine,
                start: () => {
                    clearTimeout(timer);
                    this.waiting.delete(waiter);
                    mine.since = performance.now();
                    this.hold(mine);
                    resolve();
                },
                refuse: (error) => {
                    clearTimeout(timer);
                    this.waiting.delete(waiter);
                    reject(error);
                },
            };
            const timer = setTimeout(() => waiter.refuse(refusal(this.holderOf(mine) ?? holder)), this.limit);
            this.waiting.add(waiter);
        });
    }

    private holderOf({ keys }: KeyedWork): { key: string; by: KeyedWork } | undefined {
        for (const key of keys) {
            const by = this.held.get(key);
            if (by !== undefined) {
                return { key, by };
            }
        }
        return undefined;
    }

    private hold(mine: KeyedWork): void {
        mine.keys.forEach((key) => this.held.set(key, mine));
    }

    private release(mine: KeyedWork): void {
        mine.keys.forEach((key) => this.held.delete(key));
        for (const waiter of this.waiting) {
            if (this.holderOf(waiter) === undefined) {
                waiter.start();
            }
        }
    }

    private leave(mine: KeyedWork, words: string): void {
        if (!mine.keys.some((key) => this.held.get(key) === mine)) {
            return;
        }
        mine.left = words;
        for (const waiter of this.waiting) {
            const holder = this.holderOf(waiter);
            if (holder?.by === mine) {
                waiter.refuse(refusal(holder));
            }
        }
    }
}

/** Makes the refusal of work that waited too long. @param key an id of `lockId`: its order, then the object in words */
function refusal({ key, by }: { key: string; by: KeyedWork }): ModelError {
    const object = key.slice(key.indexOf(" ") + 1);
    const seconds = Math.round((performance.now() - by.since) / 1000);
    const why = by.left ?? `${by.what} has been under way for ${seconds} s`;
    return new ModelError("Busy", `The ${object} is busy: ${why}; try again when that has ended (EBUSY).`);
}
