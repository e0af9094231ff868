// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { MODES, SWITCH_MODES, TARGET_MODES, type CacheMode, type NewMode } from "../facts/modes.js";
import { SECTOR } from "../facts/sizes.js";
import type { Mapping } from "../kernel/port.js";

/** Size of a cached block, in bytes: a page in rapiddisk-cache, and what we ask of writecache where what is on the origin allows it. */
export const CACHE_BLOCK = 4096;

/** Table line for the kernel. `length` is in sectors. */
export interface TableLine {
    length: number;
    type: string;
    params: string;
}

/** What a cache's table line says. `source` and `cache` are as they stand there: a path or major:minor. */
export interface CacheTable {
    source: string;
    cache: string;
    /** Bytes of the volume that are used; undefined when the line does not say: of a writeback cache its status does, else all of it. */
    cacheSize: number | undefined;
    mode: CacheMode;
    blockSize: number;
}

/**
 * Makes the table line of a new cache. write-through and write-around: `rapiddisk-cache SOURCE CACHE SECTORS MODE`;
 * writeback: `writecache s SOURCE CACHE BLOCK 0` (Documentation/admin-guide/device-mapper/writecache.rst).
 * @param source path of the origin
 * @param sourceSize bytes
 * @param cache path of the volume
 * @param cacheSize bytes
 * @param block bytes of a block of a writeback cache, which are the sectors of the mapping; see blocksize.ts
 */
export function cacheTable(
    mode: NewMode,
    source: string,
    sourceSize: number,
    cache: string,
    cacheSize: number,
    block = CACHE_BLOCK,
): TableLine {
    const length = Math.floor(sourceSize / SECTOR);
    if (mode === "writeback") {
        return { length, type: "writecache", params: `s ${source} ${cache} ${block} 0` };
    }
    const { argument } = TARGET_MODES[mode];
    return { length, type: "rapiddisk-cache", params: `${source} ${cache} ${cacheSize / SECTOR} ${argument}` };
}

/** Makes the UUID by which our own mappings are known: RAPIDDISK-MODE-NAME. */
export function cacheUuid(mode: NewMode, name: string): string {
    return `RAPIDDISK-${MODES[mode].letters}-${name}`.slice(0, 128);
}

/** Tells whether this service made a mapping: others give theirs no UUID, or another. */
export const isOurs = ({ uuid }: { uuid: string }): boolean => uuid.startsWith("RAPIDDISK-");

/** Reads the table of a mapping that is a cache of either kind; undefined for any other mapping. */
export function parseCacheTable(mapping: Mapping): CacheTable | undefined {
    for (const target of mapping.targets) {
        const table =
            target.type === "rapiddisk-cache"
                ? parseRapiddisk(target.params)
                : target.type === "writecache"
                  ? parseWritecache(target.params)
                  : undefined;
        if (table !== undefined) {
            return table;
        }
    }
    return undefined;
}

function parseRapiddisk(params: string): CacheTable | undefined {
    const old = parseOldForm(params);
    if (old !== undefined) {
        return old;
    }
    const [source, cache, sectors, mode] = params.trim().split(/\s+/);
    if (source === undefined || cache === undefined) {
        return undefined;
    }
    return {
        source,
        cache,
        cacheSize: sectors !== undefined && /^\d+$/.test(sectors) ? Number(sectors) * SECTOR : undefined,
        mode: modeOfArgument(mode ?? TARGET_MODES["write-through"].argument),
        blockSize: CACHE_BLOCK,
    };
}

/** Reads the mode as a table line has it; any other number is write-around, as it always was. */
const modeOfArgument = (argument: string): CacheMode =>
    SWITCH_MODES.find((mode) => TARGET_MODES[mode].argument === argument) ?? "write-around";

/** Modules before 10 print a description instead of a table line: "conf: RapidDisk dev (/dev/rd0), disk dev (/dev/sdb) mode (WRITETHROUGH) …". */
function parseOldForm(params: string): CacheTable | undefined {
    const match = /RapidDisk dev \((\S+)\),\s*disk dev \((\S+)\),?\s*mode \((\w+)\)/.exec(params);
    if (match?.[1] === undefined || match[2] === undefined) {
        return undefined;
    }
    const blockSize = Number(/block size\((\d+)K\)/.exec(params)?.[1] ?? "4") * 1024;
    const blocks = /total blocks\((\d+)\)/.exec(params)?.[1];
    return {
        source: match[2],
        cache: match[1],
        cacheSize: blocks === undefined ? undefined : Number(blocks) * blockSize,
        mode: match[3] === "WRITETHROUGH" ? "write-through" : "write-around",
        blockSize,
    };
}

function parseWritecache(params: string): CacheTable | undefined {
    const [, source, cache, block] = params.trim().split(/\s+/);
    if (source === undefined || cache === undefined) {
        return undefined;
    }
    return { source, cache, cacheSize: undefined, mode: "writeback", blockSize: Number(block) || CACHE_BLOCK };
}
