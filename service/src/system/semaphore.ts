// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Lets only so many pieces of work run at once; the others wait in the order in which they came. */
export class Semaphore {
    private running = 0;
    private readonly waiting: (() => void)[] = [];

    constructor(private readonly most: number) {}

    async run<T>(work: () => Promise<T>): Promise<T> {
        if (this.running < this.most) this.running += 1;
        else await new Promise<void>((resolve) => this.waiting.push(resolve));
        try {
            return await work();
        } finally {
            // The place goes on to the next one as it is.
            const next = this.waiting.shift();
            if (next) next();
            else this.running -= 1;
        }
    }
}
