// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Which living object is the one that was saved, and what saved objects need. For ports see portplan.ts. */
import type { Numbers } from "./matching.js";
import { obstacleWords, type Obstacle } from "./problems.js";
import type { CacheEntry, ExportEntry, OriginIdentity, SavedState, VolumeEntry } from "./storage.js";
import type { Cache, Volume } from "./types.js";

/** Tells whether a volume is the one that was saved, and not another one of its number. */
export function isSavedVolume({ size }: { size: number }, entry: VolumeEntry, { matched, now }: Numbers): boolean {
    // The number of one that was made or saved a moment ago is not read yet.
    const known = matched === undefined || (now === undefined && matched !== 0);
    return size === entry.size && (known || matched === now);
}

/**
 * Tells whether a cache is the one that was saved, and not another one of its name.
 * @param origin kernel name of what it covers
 * @param meant kernel name of the device that the saved path means now; undefined: none, so that the numbers decide
 */
export function isSavedCache(
    { volume, origin }: { volume: string; origin: string },
    entry: CacheEntry,
    meant: string | undefined,
    { matched, now }: Numbers,
): boolean {
    const isMeant = meant === undefined ? matched !== undefined && matched === now : meant === origin;
    return volume === `rd${entry.volume}` && isMeant;
}

/** Counts the bytes of a RAM disk that may be contents: memory that was allocated beforehand and never written is not. */
export function contentBytes(disk: { used: number; highestWritten: number; populated: boolean }): number {
    return disk.populated ? disk.highestWritten : disk.used;
}

/**
 * Says why a saved cache must not be put on the volume that is there now: it would take contents that nobody gave up. Undefined:
 * it may be, or there is none.
 * @param used bytes of contents that the volume holds, see contentBytes
 */
export function volumeObstacle(
    { volumes }: SavedState,
    entry: CacheEntry,
    there: { size: number; persistent: boolean } | undefined,
    used: number,
): Obstacle | undefined {
    const name = `rd${entry.volume}`;
    const meant = volumes.find(({ number }) => number === entry.volume);
    if (there === undefined) {
        return undefined;
    }
    if (meant !== undefined && !there.persistent) {
        return otherVolume(name, there.size, meant.size);
    }
    return used > 0 ? { kind: "volume-used", volume: name, used } : undefined;
}

/** Says how a volume differs from the saved one of its number. Sizes are bytes. */
export function otherVolume(volume: string, size: number, saved: number): Obstacle {
    return size === saved
        ? { kind: "other-volume", volume }
        : { kind: "other-size", volume, size, "saved-size": saved };
}

/** Says the same in words. */
export const otherVolumeWords = (volume: string, size: number, saved: number): string =>
    obstacleWords(otherVolume(volume, size, saved));

/** Says why a saved export must not be made of the device that is there now; see {@link volumeObstacle}. */
export function deviceObstacle(
    saved: SavedState,
    { volumes, caches }: { volumes: ReadonlyMap<string, Volume>; caches: ReadonlyMap<string, Cache> },
    device: string,
): Obstacle | undefined {
    const volume = saved.volumes.find(({ number }) => `/dev/rd${number}` === device);
    const cache = saved.caches.find(({ name }) => `/dev/mapper/${name}` === device);
    const there = volumes.get(`rd${volume?.number}`);
    if (volume !== undefined && there?.persistent === false) {
        return otherVolume(there.name, there.size, volume.size);
    }
    return cache !== undefined && caches.get(cache.name)?.persistent === false
        ? { kind: "other-cache", cache: cache.name }
        : undefined;
}

/**
 * Says how a device differs from the origin that was saved, in words; undefined when it does not. One that says who it is may have
 * another size by now. @param path of the origin, as saved
 */
export function originDifference(
    path: string,
    now: OriginIdentity,
    saved: OriginIdentity | undefined,
): string | undefined {
    if (saved === undefined || (saved.id === now.id && (now.id !== "" || now.size === saved.size))) {
        return undefined;
    }
    const words = ({ id, size }: OriginIdentity): string =>
        `${id === "" ? "a device without identity" : id}, ${size} bytes`;
    return `${path} is another device than the one that was saved: it is ${words(now)}; saved is ${words(saved)}`;
}

/** Tells whether an export is the one that was saved, and not another one of its NQN. */
export function isSavedExport({ device, uuid }: { device: string; uuid: string }, entry: ExportEntry): boolean {
    return device === entry.device && uuid === entry.uuid;
}

/** Lists saved objects that cannot be made again without a device, in words. @param device path: /dev/rdN or /dev/mapper/NAME */
export function savedOnDevice({ caches, target }: SavedState, device: string): string[] {
    const on = (cache: CacheEntry): boolean => [`/dev/rd${cache.volume}`, cache.source].includes(device);
    return [
        ...caches.filter(on).map((cache) => `saved cache ${cache.name}`),
        ...(target?.exports ?? []).filter((one) => one.device === device).map((one) => `saved export ${one.nqn}`),
    ];
}

/** Lists the same for a port. */
export function savedOnPort({ target }: SavedState, id: number): string[] {
    return (target?.exports ?? []).filter((one) => one.ports.includes(id)).map((one) => `saved export ${one.nqn}`);
}
