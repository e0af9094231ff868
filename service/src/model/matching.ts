// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * Which living objects the saved volumes and caches are, by the kernel's numbers (disk sequence): what others make later under
 * the same name, and of the same size, is theirs. Ports and exports need none, since all of them is saved.
 */
import type { KernelSnapshot } from "../kernel/port.js";
import type { SavedState } from "./storage.js";
import type { Cache, Volume } from "./types.js";
import { volumeName } from "./values.js";

/** What tells a living object from another one of its name. */
export interface Numbers {
    /** Of the object that is known to be the saved one; undefined: that is not known. */
    matched: number | undefined;
    /** Of the object that is there. */
    now: number | undefined;
}

/** Makes the name of an object in `OwnedObjects.matched`. */
export const matchKey = (kind: "volume" | "cache", id: number | string): string => `${kind} ${id}`;

/** Finds the kernel names of the devices that are there under the names of saved volumes and caches. */
export function savedDevices(saved: SavedState, { ramDisks, mappings }: KernelSnapshot): string[] {
    const numbers = new Set(saved.volumes.map(({ number }) => number));
    const names = new Set(saved.caches.map(({ name }) => name));
    return [
        ...ramDisks.filter(({ number }) => numbers.has(number)).map(({ number }) => volumeName(number)),
        ...mappings.filter(({ name }) => names.has(name)).map(({ device }) => device),
    ];
}

/** What a reading of the kernel said. */
interface KernelReading {
    snapshot: KernelSnapshot;
    derived: { volumes: ReadonlyMap<string, Volume>; caches: ReadonlyMap<string, Cache> };
    /** The kernel's numbers of {@link savedDevices}. */
    sequences: ReadonlyMap<string, number>;
}

/**
 * Collects the numbers of all saved objects that are there, and of those that were. A number of what is not saved is forgotten.
 * @param before what was known
 * @param isChanging whether a change to the volume of that number is under way: its entry may be ahead of it
 */
export function matchedNow(
    saved: SavedState,
    before: Readonly<Record<string, number>>,
    { snapshot, derived, sequences }: KernelReading,
    isChanging: (number: number) => boolean,
): Record<string, number> {
    const devices = new Map(snapshot.mappings.map(({ name, device }) => [name, device]));
    const match = (key: string, isSaved: boolean | undefined, device: string): [string, number][] => {
        const number = (isSaved === true ? sequences.get(device) : undefined) ?? before[key];
        return number === undefined ? [] : [[key, number]];
    };
    const { volumes, caches } = derived;
    return Object.fromEntries([
        ...saved.volumes.flatMap(({ number }) => {
            const name = volumeName(number);
            return match(matchKey("volume", number), !isChanging(number) && volumes.get(name)?.persistent, name);
        }),
        ...saved.caches.flatMap(({ name }) =>
            match(matchKey("cache", name), caches.get(name)?.persistent, devices.get(name) ?? ""),
        ),
    ]);
}
