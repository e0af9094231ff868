// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { TokenBuckets } from "../../system/tokenbuckets.js";

/** Failures that are free, and the milliseconds after which one is forgotten. */
const FREE = 10;
const FORGET_MS = 6_000;
/** Keys that are remembered; when there are more, the oldest is forgotten. */
const MOST = 1024;

/** Counts failed authentications by client. */
export class Throttle {
    private readonly free: TokenBuckets<string>;

    constructor(now?: () => number) {
        this.free = new TokenBuckets({ most: FREE, oneMore: FORGET_MS, keys: MOST }, now);
    }

    /** Gives the seconds to wait before another try is checked; 0: now. */
    waitFor(key: string): number {
        return this.free.left(key) >= 1 ? 0 : FORGET_MS / 1000;
    }

    /** Remembers a failure. */
    failed(key: string): void {
        this.free.take(key);
    }
}
