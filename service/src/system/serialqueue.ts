// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Does one piece of work after another, in the order in which they came, for what two at once would spoil. */
export class SerialQueue {
    private last: Promise<unknown> = Promise.resolve();
    private unfinished = 0;

    /** Tells whether no work is under way and none waits: nobody needs the queue any more. */
    get idle(): boolean {
        return this.unfinished === 0;
    }

    /**
     * Begins `work` once all that came before has ended, well or not: a failure is its own caller's alone.
     * @returns what the work came to, or its error; the work counts as ended when the caller hears of it
     */
    run<T>(work: () => T | Promise<T>): Promise<T> {
        this.unfinished += 1;
        const turn = this.last.then(work);
        const ended = (): void => {
            this.unfinished -= 1;
        };
        this.last = turn.then(ended, ended);
        return turn;
    }
}
