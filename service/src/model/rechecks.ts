// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { setTimeout as sleep } from "node:timers/promises";
import { SerialQueue } from "../system/serialqueue.js";

/** A reading for callers who are not authorized may be made again after so many times what one costs. */
const SPACING = 5;

/**
 * Paces readings of everything for callers who have not been authorized: all of them together cost a fifth of the time. Who is
 * the only one does not wait.
 */
export class Rechecks {
    private waiting: Promise<void> | undefined;
    private next = 0;
    private readonly done = new SerialQueue();

    /** @param cost tells what a reading of everything cost, in ms */
    constructor(private readonly cost: () => number) {}

    /** @param read gives one reading to all who ask at the same time */
    async run<T>(read: () => Promise<T>): Promise<T> {
        this.waiting ??= sleep(Math.max(0, this.next - performance.now())).then(() => {
            this.waiting = undefined;
            this.next = performance.now() + SPACING * this.cost();
        });
        await this.waiting;
        const result = await read();
        // They have all waited for the same: one goes on in each turn of the event loop.
        await this.done.run(() => new Promise((resolve) => setImmediate(resolve)));
        return result;
    }
}
