// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { log } from "../system/journal.js";

export { log };

/** What changes end with that were made. */
export const DONE = "done";

/** Refusals of one user that are written at once; after that one more each time this many ms have passed. */
const BURST = 50;
const ONE_MORE = 500;
/** Users of whom refusals are counted; beyond that the one longest unheard of is forgotten. */
const MOST_USERS = 256;

/** How many lines of a user may still be written, as of when, and how many were left out. */
interface Account {
    room: number;
    at: number;
    leftOut: number;
}
const accounts = new Map<number, Account>();

/**
 * The audit line of a change: who asked for what, on what, and how it ended. What was done is always written. Of what a user
 * other than root was refused only so much is: the journal drops lines of a service that writes too many, and nobody shall
 * hide by that what they do next.
 */
export function audit(uid: number, sender: string, operation: string, object: string, result: string): void {
    const who = `uid=${uid}`;
    if (result !== DONE && uid !== 0) {
        const account = accountOf(uid);
        if (account.room < 1) {
            account.leftOut += 1;
            return;
        }
        account.room -= 1;
        if (account.leftOut > 0) {
            log("notice", `audit: ${who} was refused ${account.leftOut} times more, which are not written one by one`);
            account.leftOut = 0;
        }
    }
    log("notice", `audit: ${who} sender=${sender} operation=${operation} object=${object} result=${result}`);
}

function accountOf(uid: number): Account {
    const now = performance.now();
    const account = accounts.get(uid) ?? { room: BURST, at: now, leftOut: 0 };
    account.room = Math.min(BURST, account.room + (now - account.at) / ONE_MORE);
    account.at = now;
    accounts.delete(uid);
    accounts.set(uid, account);
    if (accounts.size > MOST_USERS) accounts.delete(accounts.keys().next().value!);
    return account;
}
