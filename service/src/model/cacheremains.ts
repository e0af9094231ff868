// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What a cache leaves that was not made whole, or that was removed. */
import { ramDiskNumber } from "../kernel/names.js";
import type { Mapping } from "../kernel/port.js";
import type { ModelContext } from "./context.js";
import { retryWhileBusy } from "./retrybusy.js";
import { isOurs } from "./tables.js";
import type { Cache } from "./types.js";

/** Tells whether a mapping is a half-made cache of ours: our UUID, but no table. */
export function isHalfMade(mapping: Pick<Mapping, "uuid" | "targets">): boolean {
    return isOurs(mapping) && mapping.targets.length === 0;
}

/**
 * Drops what a write-back cache that was removed left on its volume: it would be read by others, and keep Restore from making
 * a cache on the volume again. The kernel does that for the other modes. The cache is gone, whether this works or not.
 */
export async function dropCopies(
    context: ModelContext,
    { name, mode, volume }: Pick<Cache, "name" | "mode" | "volume">,
): Promise<void> {
    const { kernel, log } = context;
    const number = ramDiskNumber(volume);
    if (mode === "writeback" && number !== undefined) {
        await retryWhileBusy(context, volume, volume, () => kernel.eraseRamDisk(number)).catch((error: unknown) =>
            log(`${name} was removed, but what it held is still on ${volume}: ${(error as Error).message}`),
        );
    }
}
