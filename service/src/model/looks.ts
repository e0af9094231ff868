// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Does chores again and again, all of them at once, with the same pause after the last of them has ended. */
export class Looks {
    private readonly chores: (() => Promise<unknown>)[] = [];
    private timer: NodeJS.Timeout | undefined;
    private stopped = false;

    /** @param every the pause, in ms */
    constructor(private readonly every: number) {}

    /** @param chore never rejects; does nothing while there is nothing to do */
    add(chore: () => Promise<unknown>): void {
        this.chores.push(chore);
    }

    /** Begins with a pause. */
    start(): void {
        this.timer = setTimeout(() => {
            void Promise.all(this.chores.map((chore) => chore())).finally(() => {
                if (!this.stopped) {
                    this.start();
                }
            });
        }, this.every);
        this.timer.unref();
    }

    /** Lets chores that are under way end, and begins none any more. */
    stop(): void {
        this.stopped = true;
        clearTimeout(this.timer);
    }
}
