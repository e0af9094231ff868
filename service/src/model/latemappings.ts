// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { lockId, type ModelContext } from "./context.js";
import { errnoOf } from "./errors.js";

/**
 * Watches for mappings whose creation ran into its time limit: the kernel goes on with it, and the mapping may appear after
 * its caller was told that it failed. It is then removed. One that others have opened by that time stays, and gets what its
 * creation had left to do, so that a writeback cache never goes without having written what it holds.
 */
export class LateMappings {
    /** UUIDs by name. */
    private readonly expected = new Map<string, string>();

    constructor(private readonly context: ModelContext) {
        context.refresher.onLook(() => this.settleAll());
    }

    /** Creates a mapping; watches for it when that takes too long. @throws as the creation does */
    async watch(name: string, uuid: string, create: () => Promise<void>): Promise<void> {
        this.settled(name);
        try {
            await create();
        } catch (error) {
            if (errnoOf(error) === "ETIMEDOUT") {
                this.expected.set(name, uuid);
            }
            throw error;
        }
    }

    /** Stops waiting for the mapping. */
    settled(name: string): void {
        this.expected.delete(name);
    }

    private async settleAll(): Promise<void> {
        for (const [name, uuid] of this.expected) {
            const what = `the removal of ${name}, which came late`;
            // While something else works on it, or the kernel has not ended, it is tried again on the next look.
            await this.context.locks
                .run(what, [lockId.cache(name)], () => this.settle(name, uuid))
                .catch(() => undefined);
        }
    }

    private async settle(name: string, uuid: string): Promise<void> {
        const { kernel, refresher, log } = this.context;
        const { snapshot } = await refresher.fresh(0);
        const mapping = snapshot.mappings.find((one) => one.name === name);
        if (this.expected.get(name) !== uuid || mapping === undefined) {
            return;
        }
        if (mapping.uuid === uuid) {
            if (mapping.targets[0]?.type === "writecache") {
                await kernel.messageMapping(name, "flush_on_suspend");
            }
            const removed = await kernel.removeMapping(name).then(
                () => true,
                (error: unknown) => {
                    if (errnoOf(error) !== "EBUSY" || mapping.targets.length === 0) {
                        throw error;
                    }
                    return false;
                },
            );
            const outcome = removed ? "it was removed" : "it stays, since it is in use by now";
            log(`${name} came after its creation had run into its time limit: ${outcome}.`);
            await refresher.refresh();
        }
        this.settled(name);
    }
}
