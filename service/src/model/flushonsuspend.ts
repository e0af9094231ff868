// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { ModelContext } from "./context.js";

/**
 * Has every writeback cache of ours write to its origin before it is suspended, by anybody's removal or by the end of the
 * system. A creation tells it so; one that was killed before, or a mapping that appeared after its creation was given up, is
 * told when it is seen.
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

    /** Tells one cache, as a step of its creation. @param name of its mapping @throws KernelError */
    async tell(name: string): Promise<void> {
        await this.context.kernel.messageMapping(name, "flush_on_suspend");
        this.told.add(name);
        this.waiting.delete(name);
    }

    /** Tells those that were seen and not told yet; what fails is tried again on the next look. */
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
