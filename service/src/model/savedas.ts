// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Which living object is the one that was saved, and which saved object needs which other one. For ports see portplan.ts. */
import type { CacheEntry, ExportEntry, SavedState, VolumeEntry } from "./storage.js";

/** Whether a volume is the one that was saved, and not another one of its number. */
export function isSavedVolume({ size }: { size: number }, entry: VolumeEntry): boolean {
    return size === entry.size;
}

/**
 * Whether a cache is the one that was saved, and not another one of its name.
 * @param origin kernel name of what it covers
 * @param meant kernel name of the device that the saved path means now; undefined: none, so that the volume alone decides
 */
export function isSavedCache(
    { volume, origin }: { volume: string; origin: string },
    entry: CacheEntry,
    meant: string | undefined,
): boolean {
    return volume === `rd${entry.volume}` && (meant === undefined || meant === origin);
}

/** Whether an export is the one that was saved, and not another one of its NQN. */
export function isSavedExport({ device, uuid }: { device: string; uuid: string }, entry: ExportEntry): boolean {
    return device === entry.device && uuid === entry.uuid;
}

/** Saved objects that cannot be made again without a device, in words. @param device path: /dev/rdN or /dev/mapper/NAME */
export function savedOnDevice({ caches, target }: SavedState, device: string): string[] {
    const on = (cache: CacheEntry): boolean => [`/dev/rd${cache.volume}`, cache.source].includes(device);
    return [
        ...caches.filter(on).map((cache) => `saved cache ${cache.name}`),
        ...(target?.exports ?? []).filter((one) => one.device === device).map((one) => `saved export ${one.nqn}`),
    ];
}

/** The same for a port. */
export function savedOnPort({ target }: SavedState, id: number): string[] {
    return (target?.exports ?? []).filter((one) => one.ports.includes(id)).map((one) => `saved export ${one.nqn}`);
}
