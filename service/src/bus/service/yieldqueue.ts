// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * Lets waiting work continue one piece per turn of the event loop. What many callers wait for arrives for all of them at
 * once; without this, all of their work would run in one turn, and every other caller would have to wait for it.
 */
export class YieldQueue {
    private readonly waiting: (() => void)[] = [];
    /** Whether a piece has run in this turn. */
    private taken = false;

    /** Waits for a turn. @returns undefined when this turn is still free */
    wait(): Promise<void> | undefined {
        if (!this.taken) {
            this.take();
            return undefined;
        }
        return new Promise((resolve) => this.waiting.push(resolve));
    }

    private take(): void {
        this.taken = true;
        setImmediate(() => {
            this.taken = false;
            const next = this.waiting.shift();
            if (next === undefined) return;
            this.take();
            next();
        });
    }
}
