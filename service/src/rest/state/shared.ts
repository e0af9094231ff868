// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** How many times as long as a reading took it is used at least: else those that take long would leave time for nothing. */
const WORTH = 16;

/**
 * A reading that many share: at most one is under way; while it is fresh nobody waits; when it ages and is still asked
 * for, it is read again behind the answer.
 */
export class Shared<T> {
    private value: { value: T; at: number; until: number } | undefined;
    private last: { value: T } | undefined;
    private pending: Promise<T> | undefined;
    private generation = 0;
    /** Grows with every reading that says something else. */
    revision = 0;

    /**
     * @param read makes the reading
     * @param maxAge milliseconds (16 times as long as the reading took when that is more); what is older is never handed
     * out, half of it makes a new reading start
     * @param same whether two readings say the same
     */
    constructor(
        private readonly read: () => Promise<T>,
        private readonly maxAge: number,
        private readonly now: () => number = () => performance.now(),
        private readonly same: (one: T, other: T) => boolean = () => false,
    ) {}

    /** Gives the reading: at once when it is fresh, else a promise. */
    get(): T | Promise<T> {
        const now = this.now();
        if (this.value === undefined || now > this.value.until) {
            const reading = this.start();
            reading.catch(() => undefined); // Anyone who waits hears of it.
            return reading;
        }
        if (this.pending === undefined && now > (this.value.at + this.value.until) / 2) {
            this.start().catch(() => undefined); // Anyone who finds it too old will hear of it.
        }
        return this.value.value;
    }

    /** Notes that something has changed: the next caller waits for a reading that began after this. */
    invalidate(): void {
        this.generation += 1;
        this.value = undefined;
        this.pending = undefined;
    }

    private start(): Promise<T> {
        if (this.pending !== undefined) {
            return this.pending;
        }
        const { generation } = this;
        const at = this.now();
        const reading = this.read().then(
            (value) => {
                if (generation === this.generation) {
                    this.pending = undefined;
                    this.take(value, at);
                }
                return value;
            },
            (error: unknown) => {
                if (generation === this.generation) {
                    this.pending = undefined;
                }
                throw error;
            },
        );
        this.pending = reading;
        return reading;
    }

    private take(value: T, at: number): void {
        const until = at + Math.max(this.maxAge, WORTH * (this.now() - at));
        if (this.last !== undefined && this.same(this.last.value, value)) {
            this.value = { value: this.last.value, at, until };
        } else {
            this.value = { value, at, until };
            this.last = { value };
            this.revision += 1;
        }
    }
}
