// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import cockpit from "cockpit";

/**
 * Does something again and again while the page is seen, never twice at once; not at all while it is hidden.
 * @param period milliseconds from one start to the next
 * @param run what to do; a failure only means that there was nothing this time
 * @returns a function that ends it
 */
export function whileVisible(period: number, run: () => Promise<void>): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let busy = false;
    let ended = false;
    const next = (): void => {
        timer = undefined;
        if (ended || busy || cockpit.hidden) return;
        busy = true;
        const began = performance.now();
        const done = (): void => {
            busy = false;
            if (ended || cockpit.hidden) return;
            timer = setTimeout(next, Math.max(period - (performance.now() - began), period / 10));
        };
        run().then(done, done);
    };
    const look = (): void => {
        clearTimeout(timer);
        next();
    };
    cockpit.addEventListener("visibilitychange", look);
    next();
    return () => {
        ended = true;
        clearTimeout(timer);
        cockpit.removeEventListener("visibilitychange", look);
    };
}
