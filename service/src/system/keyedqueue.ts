// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { SerialQueue } from "./serialqueue.js";

/** Does work of the same key one after another and work of different keys at once; keeps nothing of a key without work. */
export class KeyedQueue<K> {
    private readonly queues = new Map<K, SerialQueue>();

    /** Tells of how many keys work is under way or waits. */
    get size(): number {
        return this.queues.size;
    }

    /**
     * Begins `work` once all that came before with the same key has ended, well or not.
     * @returns what the work came to, or its error
     */
    run<T>(key: K, work: () => T | Promise<T>): Promise<T> {
        const queue = this.queues.get(key) ?? new SerialQueue();
        this.queues.set(key, queue);
        const turn = queue.run(work);
        const ended = (): void => {
            // One that is not idle is still the queue of the key.
            if (queue.idle) this.queues.delete(key);
        };
        turn.then(ended, ended);
        return turn;
    }
}
