// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { log } from "../system/journal.js";
import { TokenBuckets } from "../system/tokenbuckets.js";

export { log };

/** What changes end with that were made. */
export const DONE = "done";

/** Bounds what is written of the refusals of each user: 50 at once, then two a second. */
const refusals = new TokenBuckets<number>({ most: 50, oneMore: 500, keys: 256 });

/**
 * The audit line of a change: who asked for what, on what, and how it ended. What was done is always written. Of what a user
 * other than root was refused only so much is: the journal drops lines of a service that writes too many, and nobody shall
 * hide by that what they do next.
 */
export function audit(uid: number, sender: string, operation: string, object: string, result: string): void {
    const who = `uid=${uid}`;
    if (result !== DONE && uid !== 0) {
        const leftOut = refusals.take(uid);
        if (leftOut === undefined) return;
        if (leftOut > 0) {
            log("notice", `audit: ${who} was refused ${leftOut} times more, which are not written one by one`);
        }
    }
    log("notice", `audit: ${who} sender=${sender} operation=${operation} object=${object} result=${result}`);
}
