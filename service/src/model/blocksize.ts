// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * Which blocks a writeback cache has. They are the sectors of its mapping, and what was made on an origin with smaller sectors
 * (a file system of 1 KiB blocks, XFS, LUKS, a partition table) cannot be used through larger ones. Larger ones take less
 * memory and processor time.
 */
import { SECTOR } from "../facts/sizes.js";
import type { BlockDevice, DeviceContents } from "../kernel/port.js";
import type { ModelContext } from "./context.js";
import { CACHE_BLOCK } from "./tables.js";

type Origin = Pick<BlockDevice, "name" | "path" | "size" | "blockSize">;

/**
 * Chooses the block size of a writeback cache, so that what is on the origin can be used through it.
 * @param contents what is on the origin
 * @param saved bytes of a block of the saved cache that is made again: the unit in which a partition table counts does not show
 * @returns bytes
 */
export function blockSizeFor(origin: Omit<Origin, "name" | "path">, contents: DeviceContents, saved?: number): number {
    const smallest = Math.max(SECTOR, origin.blockSize);
    if (smallest >= CACHE_BLOCK) {
        return CACHE_BLOCK;
    }
    if (origin.size % CACHE_BLOCK !== 0) {
        return smallest;
    }
    const { type, table, blockSize = 0 } = contents;
    switch (table) {
        case "":
            return type === "" || blockSize >= CACHE_BLOCK ? CACHE_BLOCK : smallest;
        case "gpt":
            return smallest;
        case "PMBR":
            // The GPT is not where it would be with the origin's sectors: it was made through a cache.
            return Math.max(saved ?? CACHE_BLOCK, smallest);
        default:
            return Math.max(saved ?? smallest, smallest);
    }
}

/**
 * Chooses the block size after a look at what is on the origin. Where that cannot be told, blocks are as small as suits
 * everything.
 */
export async function chooseBlockSize({ kernel, log }: ModelContext, origin: Origin, saved?: number): Promise<number> {
    try {
        return blockSizeFor(origin, await kernel.readContents(origin.name), saved);
    } catch (error) {
        const size = blockSizeFor(origin, { type: "unknown", table: "" });
        log(`${origin.path} gets writeback blocks of ${size} bytes: ${(error as Error).message}`);
        return size;
    }
}
