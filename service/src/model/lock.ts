// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** A keyed lock: work on the same object runs one after another, in the order asked; work on different objects at once. */
export class KeyedLock {
    private readonly tails = new Map<string, Promise<void>>();

    /**
     * Runs `work` while holding every key. Keys are taken in sorted order, so two callers cannot wait for each other.
     * The lock is kept until `work` has settled and also everything that it handed to `keep` has.
     * @param keys ids of objects, in any order; duplicates count once
     */
    async run<T>(keys: readonly string[], work: (keep: (rest: Promise<unknown>) => void) => Promise<T>): Promise<T> {
        const releases: (() => void)[] = [];
        const kept: Promise<unknown>[] = [];
        for (const key of [...new Set(keys)].sort()) {
            releases.push(await this.take(key));
        }
        const releaseAll = (): void => releases.reverse().forEach((release) => release());
        try {
            return await work((rest) => kept.push(rest));
        } finally {
            if (kept.length === 0) {
                releaseAll();
            } else {
                void Promise.allSettled(kept).then(releaseAll);
            }
        }
    }

    private async take(key: string): Promise<() => void> {
        const before = this.tails.get(key);
        let release = (): void => undefined;
        const mine = new Promise<void>((resolve) => {
            release = resolve;
        });
        const tail = (before ?? Promise.resolve()).then(() => mine);
        this.tails.set(key, tail);
        await before;
        return () => {
            release();
            if (this.tails.get(key) === tail) {
                this.tails.delete(key);
            }
        };
    }
}
