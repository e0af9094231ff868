// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { OwnObjects, OwnStore } from "./storage.js";

const NOTHING: OwnObjects = { ports: [], exports: [], hosts: [] };

/** Knows which objects of the NVMe target this service made since the machine started. */
export class Own {
    private objects: OwnObjects = NOTHING;
    private queue: Promise<unknown> = Promise.resolve();

    constructor(private readonly store: OwnStore) {}

    async load(): Promise<void> {
        this.objects = await this.store.load();
    }

    get current(): OwnObjects {
        return this.objects;
    }

    /** Notes that an object is ours, before it is made. */
    add<K extends keyof OwnObjects>(kind: K, id: OwnObjects[K][number]): Promise<void> {
        return this.change((own) => ({ ...own, [kind]: [...own[kind].filter((other) => other !== id), id] }));
    }

    /** Forgets an object that is gone. */
    drop<K extends keyof OwnObjects>(kind: K, id: OwnObjects[K][number]): Promise<void> {
        return this.change((own) => ({ ...own, [kind]: own[kind].filter((other) => other !== id) }));
    }

    private change(edit: (own: OwnObjects) => OwnObjects): Promise<void> {
        const turn = this.queue.then(async () => {
            const next = edit(this.objects);
            await this.store.save(next);
            this.objects = next;
        });
        this.queue = turn.catch(() => undefined);
        return turn;
    }
}
