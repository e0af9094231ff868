// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * Which origins of saved caches stay hidden from what would take their contents at boot: LVM, md, LUKS, swap, mounts by
 * UUID. They are to take the cache; and where there can be none, the disk itself rather than nothing.
 */
import type { ModelContext } from "./context.js";

/** Reveals the origin of a cache and says so; that this fails is told in the journal, since nothing else depends on it. */
async function reveal({ kernel, log }: ModelContext, name: string, source: string, why: string): Promise<void> {
    try {
        await kernel.revealOrigin(name);
        log(`What is on ${source} can be used without the cache ${name}, ${why}.`);
    } catch (error) {
        log(`What is on ${source} stays hidden, because it could not be revealed: ${(error as Error).message}`);
    }
}

/** Reveals the origins of caches that are not saved any more. */
export async function revealUnsaved(context: ModelContext): Promise<void> {
    const { kernel, saved } = context;
    for (const { name, source } of saved.known ? await kernel.hiddenOrigins() : []) {
        if (saved.cache(name)?.source !== source) {
            await reveal(context, name, source, "which is not saved any more");
        }
    }
}

/**
 * Reveals the origins of caches that could not be made at boot, so that the system starts with the disk itself. That of a
 * writeback cache stays hidden: without what the cache had not written, what is on it may be neither whole nor of one time.
 */
export async function revealUnmade(context: ModelContext): Promise<void> {
    await revealUnsaved(context);
    const { kernel, saved, tree, log } = context;
    for (const { name, source, mode } of await kernel.hiddenOrigins()) {
        if (tree.caches.has(name)) {
            continue;
        }
        if (mode === "writeback") {
            log(
                `What is on ${source} stays hidden: the writeback cache ${name} is not there, and may have had what is not on the ` +
                    "disk. " +
                    (saved.known
                        ? `Once it is forgotten (rapiddisk forget ${name}), the disk can be used as it is.`
                        : "Whether it is still saved is not known before the saved state is repaired or moved away; restart the service then."),
            );
        } else {
            await reveal(context, name, source, "which could not be made");
        }
    }
}
