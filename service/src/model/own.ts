// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { OwnObjects, OwnStore } from "./storage.js";

const NOTHING: OwnObjects = { ports: [], exports: [], hosts: [], devices: [] };

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

    /** Notes an export before it is made, and the name of the device that others get to know by it. */
    addExport(nqn: string, device: string): Promise<void> {
        const plus = (list: readonly string[], item: string): string[] => [...list.filter((one) => one !== item), item];
        return this.change((own) => ({
            ...own,
            exports: plus(own.exports, nqn),
            devices: plus(own.devices, device),
        }));
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
