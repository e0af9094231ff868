// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { Memory, RamDisk } from "../kernel/port.js";
import { ModelError } from "./errors.js";
import { formatBytes } from "./values.js";

/** An amount of memory: bytes, or a part of the host's RAM. */
export type Amount = { bytes: number } | { percent: number };

/** How much RAM volumes may hold. */
export interface MemorySettings {
    /** Most that the sizes of all volumes may add up to. */
    limit: Amount;
    /** What must stay available to everything else once every volume is full. */
    reserve: Amount;
}

/**
 * 80 % of RAM for volumes, as long as 8 % of RAM stays available to the rest. Both are stricter than the bounds of the
 * kernel module (7/8 of RAM; 1/16 of RAM stays available), so that what is admitted here can be filled there.
 */
export const DEFAULT_MEMORY: MemorySettings = { limit: { percent: 80 }, reserve: { percent: 8 } };

const resolve = (amount: Amount, total: number): number =>
    "bytes" in amount ? amount.bytes : Math.floor((total * amount.percent) / 100);

type Held = Pick<RamDisk, "size" | "used">;

interface Room {
    committed: number;
    unfilled: number;
    limit: number;
    reserve: number;
    byLimit: number;
    byRam: number;
}

function room(disks: readonly Held[], memory: Memory, settings: MemorySettings): Room {
    const committed = disks.reduce((sum, disk) => sum + disk.size, 0);
    const unfilled = disks.reduce((sum, disk) => sum + Math.max(0, disk.size - disk.used), 0);
    const limit = resolve(settings.limit, memory.total);
    const byLimit = Math.max(0, limit - committed);
    const reserve = resolve(settings.reserve, memory.total);
    const byRam = Math.max(0, memory.available - reserve - unfilled);
    return { committed, unfilled, limit, reserve, byLimit, byRam };
}

/** Gives the bytes by which volumes may grow altogether now: what {@link admit} lets through. */
export function memoryFree(disks: readonly Held[], memory: Memory, settings: MemorySettings): number {
    const { byLimit, byRam } = room(disks, memory, settings);
    return Math.min(byLimit, byRam);
}

/** Tells whether volumes may grow by so many bytes altogether: what {@link admit} goes by. */
export function isAdmitted(growth: number, disks: readonly Held[], memory: Memory, settings: MemorySettings): boolean {
    return growth <= memoryFree(disks, memory, settings);
}

/**
 * Refuses more RAM for volumes when they could not all fill up: when the sum of sizes would pass the limit, or when
 * what they do not hold yet is more than what the host has available above its reserve.
 * Both hold for a populated volume as well: it fills up at once, and then holds all that it may.
 * @param what is asked for, to begin the sentence with
 * @param growth bytes asked for
 * @param atOnce they are taken now, not as they are written
 * @throws ModelError NoMemory, saying how much was asked and how much is free
 */
export function admit(
    { what, growth, atOnce }: { what: string; growth: number; atOnce: boolean },
    disks: readonly RamDisk[],
    memory: Memory,
    settings: MemorySettings,
): void {
    const { committed, unfilled, limit, reserve, byLimit, byRam } = room(disks, memory, settings);
    const free = Math.min(byLimit, byRam);
    if (growth <= free) {
        return;
    }
    const why =
        byLimit <= byRam
            ? `volumes have ${formatBytes(committed)} of the ${formatBytes(limit)} that memory-limit allows`
            : `${formatBytes(memory.available)} of RAM are available, of which memory-reserve keeps ${formatBytes(reserve)} ` +
              `for everything else and volumes may still fill ${formatBytes(unfilled)}`;
    throw new ModelError(
        "NoMemory",
        `${what} asks for ${formatBytes(growth)}${atOnce ? " at once (populate)" : ""} but only ${formatBytes(free)} are free for volumes: ${why} (ENOMEM).`,
    );
}
