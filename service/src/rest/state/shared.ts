// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * A reading that many share: at most one is under way; while it is fresh nobody waits; when it ages and is still asked
 * for, it is read again behind the answer.
 */
export class Shared<T> {
    private value: { value: T; at: number } | undefined;
    private pending: Promise<T> | undefined;
    private generation = 0;
    /** Grows with every reading that came in. */
    revision = 0;

    /**
     * @param read makes the reading
     * @param maxAge milliseconds; what is older is never handed out, half of it makes a new reading start
     */
    constructor(
        private readonly read: () => Promise<T>,
        private readonly maxAge: number,
        private readonly now: () => number = () => performance.now(),
    ) {}

    /** The reading: at once when it is fresh, else a promise. */
    get(): T | Promise<T> {
        const age = this.value === undefined ? Infinity : this.now() - this.value.at;
        if (age > this.maxAge || this.value === undefined) {
            const reading = this.start();
            reading.catch(() => undefined); // Whoever waits hears of it.
            return reading;
        }
        if (age > this.maxAge / 2) {
            this.start().catch(() => undefined); // Whoever finds it too old will hear of it.
        }
        return this.value.value;
    }

    /** Something has changed: the next one who asks waits for a reading that began after this. */
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
                    this.value = { value, at };
                    this.pending = undefined;
                    this.revision += 1;
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
}
