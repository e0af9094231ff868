// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Failures that are free, and the milliseconds after which one is forgotten. */
const FREE = 10;
const FORGET_MS = 6_000;
/** Keys that are remembered; when there are more, the oldest is forgotten. */
const MOST = 1024;

/** Counts failed authentications by who failed. */
export class Throttle {
    private readonly failures = new Map<string, { count: number; at: number }>();

    constructor(private readonly now: () => number = () => performance.now()) {}

    /** Seconds to wait before another try is looked at; 0: now. */
    waitFor(key: string): number {
        const left = this.left(key);
        return left < FREE ? 0 : Math.ceil(((left - FREE + 1) * FORGET_MS) / 1000);
    }

    /** Remembers a failure. */
    failed(key: string): void {
        const count = Math.min(this.left(key) + 1, 2 * FREE);
        this.failures.delete(key);
        this.failures.set(key, { count, at: this.now() });
        if (this.failures.size > MOST) {
            this.failures.delete(this.failures.keys().next().value!);
        }
    }

    private left(key: string): number {
        const entry = this.failures.get(key);
        return entry === undefined ? 0 : Math.max(0, entry.count - Math.floor((this.now() - entry.at) / FORGET_MS));
    }
}
