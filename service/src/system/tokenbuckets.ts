// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What there is of a key, as of when. */
interface Bucket {
    tokens: number;
    at: number;
    refused: number;
}

/** How many tokens a key may have, the ms after which it has one more, and of how many keys that is known. */
export interface BucketLimits {
    most: number;
    oneMore: number;
    keys: number;
}

/**
 * Token buckets by key: lets everyone do something many times at once, but not more often than so much in the long run. Of
 * more keys than are remembered the one longest unheard of is forgotten, so that no crowd takes memory without end.
 */
export class TokenBuckets<K> {
    private readonly buckets = new Map<K, Bucket>();

    /** Tells how many keys are remembered. */
    get size(): number {
        return this.buckets.size;
    }

    /** @param now milliseconds on a clock that never jumps */
    constructor(
        private readonly limits: BucketLimits,
        private readonly now: () => number = () => performance.now(),
    ) {}

    /** Tells how many tokens a key has; a part of one is on its way. */
    left(key: K): number {
        const { most, oneMore } = this.limits;
        const bucket = this.buckets.get(key);
        return bucket === undefined ? most : Math.min(most, bucket.tokens + (this.now() - bucket.at) / oneMore);
    }

    /**
     * Takes a token where a whole one is left.
     * @returns how often that was refused since it last was not; undefined: it is refused now
     */
    take(key: K): number | undefined {
        const tokens = this.left(key);
        const refused = this.buckets.get(key)?.refused ?? 0;
        const taken = tokens >= 1;
        this.buckets.delete(key);
        this.buckets.set(key, {
            tokens: taken ? tokens - 1 : tokens,
            at: this.now(),
            refused: taken ? 0 : refused + 1,
        });
        if (this.buckets.size > this.limits.keys) this.buckets.delete(this.buckets.keys().next().value!);
        return taken ? refused : undefined;
    }
}
