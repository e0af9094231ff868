// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * One reading that its callers share, so that no number of them costs more than two: anyone who asks while it runs shares
 * the one after it.
 */
export class CoalescedRead<T> {
    private running: Promise<T> | undefined;
    private next: Promise<T> | undefined;

    constructor(private readonly read: () => Promise<T>) {}

    /** Whether nobody waits for it. */
    get idle(): boolean {
        return this.running === undefined && this.next === undefined;
    }

    /** Gives the result of a reading that began after this call. Callers must not change it, since it is shared. */
    get(): Promise<T> {
        if (!this.running) {
            this.running = this.read().finally(() => (this.running = undefined));
            return this.running;
        }
        this.next ??= this.running
            .catch(() => undefined)
            .then(() => {
                this.next = undefined;
                return this.get();
            });
        return this.next;
    }
}
