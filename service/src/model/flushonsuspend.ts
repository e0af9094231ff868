// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { ModelContext } from "./context.js";

/**
 * Tells each writeback cache that this service made to flush to its origin before device-mapper suspends it, which anybody's
 * removal does, and the shutdown. The message is a step of the creation. A cache whose creation was cut short, or whose mapping
 * appeared after the creation had timed out, gets it when it is first seen.
 */
export class FlushOnSuspend {
    private readonly told = new Set<string>();
    private readonly waiting = new Set<string>();

    constructor(private readonly context: ModelContext) {
        context.tree.listen({
            added: (kind, id, object) => {
                if (kind === "cache" && "mode" in object && object.mode === "writeback" && object.managed) {
                    if (!this.told.has(id)) {
                        this.waiting.add(id);
                    }
                }
            },
            changed: () => undefined,
            removed: (kind, id) => {
                if (kind === "cache") {
                    this.told.delete(id);
                    this.waiting.delete(id);
                }
            },
        });
        context.refresher.onLook(() => this.catchUp());
    }

    /** Sends the message to one cache, as a step of its creation. @param name of its mapping @throws KernelError */
    async tell(name: string): Promise<void> {
        await this.context.kernel.messageMapping(name, "flush_on_suspend");
        this.told.add(name);
        this.waiting.delete(name);
    }

    /** Sends it to caches that were seen and have not had it. A failure is tried again on the next look at the kernel. */
    async catchUp(): Promise<void> {
        for (const name of this.waiting) {
            try {
                await this.tell(name);
            } catch (error) {
                this.context.log(`${name} was not told to flush when it is suspended: ${(error as Error).message}`);
            }
        }
    }
}
