// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Counts what was answered. */
export class Traffic {
    /** Answers by HTTP status. */
    readonly byCode = new Map<number, number>();
    /** Milliseconds since the process began at which the last request came. */
    last = performance.now();
    /** Requests that are not answered yet. */
    open = 0;

    began(): void {
        this.open += 1;
        this.last = performance.now();
    }

    ended(code: number): void {
        this.open -= 1;
        this.last = performance.now();
        this.byCode.set(code, (this.byCode.get(code) ?? 0) + 1);
    }
}
