// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** One change that waits to be stored. */
interface Change<S> {
    edit: (state: S) => S;
    resolve: () => void;
    reject: (error: unknown) => void;
}

/**
 * A state that is stored as a whole after each change, as a file is that is replaced and synced. Changes that come while it is
 * being stored are stored together, so that many at once cost few writes; each ends when it is stored itself.
 */
export class GroupCommit<S> {
    private waiting: Change<S>[] = [];
    private isStoring = false;

    /**
     * @param state as it is stored
     * @param store stores a state whole, or throws and leaves the one before
     */
    constructor(
        private state: S,
        private readonly store: (state: S) => Promise<void>,
    ) {}

    /** The state as it is stored. */
    get current(): S {
        return this.state;
    }

    /** Takes a state that was loaded. */
    replace(state: S): void {
        this.state = state;
    }

    /**
     * Makes a change once those before it are made.
     * @param edit gives another state, or the one that it was given when nothing changes; may be called twice
     * @throws what `edit` and the storing throw; nothing is changed then
     */
    change(edit: (state: S) => S): Promise<void> {
        return new Promise((resolve, reject) => {
            this.waiting.push({ edit, resolve, reject });
            if (!this.isStoring) void this.run();
        });
    }

    private async run(): Promise<void> {
        this.isStoring = true;
        while (this.waiting.length > 0) {
            const changes = this.waiting.splice(0);
            try {
                await this.commit(changes);
            } catch (error) {
                if (changes.length === 1) {
                    changes[0]?.reject(error);
                    continue;
                }
                // It may be for one of them that all together cannot be stored.
                for (const change of changes) await this.commit([change]).catch(change.reject);
            }
        }
        this.isStoring = false;
    }

    private async commit(changes: readonly Change<S>[]): Promise<void> {
        const next = changes.reduce((state, { edit }) => edit(state), this.state);
        if (next !== this.state) {
            await this.store(next);
            this.state = next;
        }
        changes.forEach(({ resolve }) => resolve());
    }
}
