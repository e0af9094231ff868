// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { BusRequest } from "../../client/index.js";

/** Upper bounds of the buckets of how long answers took, in seconds. */
export const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10] as const;

/** Calls over the bus that were answered alike. */
export interface Calls {
    interface: string;
    method: string;
    result: "done" | "error";
    count: number;
}

/** Counts what was answered, and what was asked of the service for it. */
export class Traffic {
    /** Answers by HTTP status. */
    readonly byCode = new Map<number, number>();
    /** Answers by the first of {@link BUCKETS} that their time fits into, then those that took longer. */
    readonly byTime: number[] = new Array<number>(BUCKETS.length + 1).fill(0);
    /** Time of all answers, in seconds. */
    seconds = 0;
    /** Milliseconds since the process began at which the last request came. */
    last = performance.now();
    /** Requests that are not answered yet. */
    open = 0;
    private readonly calls = new Map<string, Calls>();

    /** @returns when it began, for {@link ended} */
    began(): number {
        this.open += 1;
        this.last = performance.now();
        return this.last;
    }

    /** @param began undefined for a stream, which is as long as its reader likes */
    ended(code: number, began: number | undefined): void {
        this.open -= 1;
        this.last = performance.now();
        this.byCode.set(code, (this.byCode.get(code) ?? 0) + 1);
        if (began !== undefined) {
            const seconds = (this.last - began) / 1000;
            let bucket = 0;
            while (bucket < BUCKETS.length && seconds > BUCKETS[bucket]!) {
                bucket += 1;
            }
            this.byTime[bucket]! += 1;
            this.seconds += seconds;
        }
    }

    /** Counts a call over the bus that was answered. There are as many counts as the interface has methods, twice. */
    called({ interface: iface, member }: BusRequest, error: unknown): void {
        const result = error === undefined ? "done" : "error";
        const key = `${iface} ${member} ${result}`;
        const known = this.calls.get(key);
        if (known === undefined) {
            this.calls.set(key, { interface: iface, method: member, result, count: 1 });
        } else {
            known.count += 1;
        }
    }

    /** Calls over the bus. */
    get callCounts(): Iterable<Calls> {
        return this.calls.values();
    }
}
