// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * Lets what has waited go on one piece a turn of the event loop. What many callers wait for together comes for all of them
 * at once, and all that they then have to do would be done in one go, with everybody else waiting.
 */
export class YieldQueue {
    private readonly waiting: (() => void)[] = [];
    /** A piece was let through in this turn. */
    private taken = false;

    /** Resolves when it is one's turn: at once when nobody else has had this one. */
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
