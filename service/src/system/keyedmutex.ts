// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * Has a change that depends on the state of an object wait for those before it: of two that are sent at once for the
 * same state, one finds that the other has changed the object. Others begin at once, which no KeyedQueue lets them.
 */
export class KeyedMutex {
    /** What is under way, by what it is a change of. */
    private readonly underWay = new Map<string, Set<Promise<unknown>>>();

    /**
     * Begins a change.
     * @param object names what it is a change of
     * @param waits whether it begins only when no other change of the object is under way
     * @param begin looks at the state, and has its own part that may outlast it {@link add}ed
     */
    async run<T>(object: string, waits: boolean, begin: () => Promise<T>): Promise<T> {
        for (let those = this.underWay.get(object); waits && those !== undefined; those = this.underWay.get(object)) {
            await Promise.allSettled(those);
        }
        // Nothing is waited for in between: anyone else who has waited finds this one under way.
        return await this.add(object, begin());
    }

    /** Notes what has just begun. @returns it */
    add<T>(object: string, change: Promise<T>): Promise<T> {
        const those = this.underWay.get(object) ?? new Set();
        this.underWay.set(object, those.add(change));
        const ended = (): void => {
            those.delete(change);
            if (those.size === 0) {
                this.underWay.delete(object);
            }
        };
        change.then(ended, ended);
        return change;
    }
}
