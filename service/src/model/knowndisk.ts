// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { ramDiskNumber } from "../kernel/names.js";
import type { KernelSnapshot } from "../kernel/port.js";
import type { Ownership } from "./ownership.js";
import type { SavedState } from "./storage.js";
import type { StateTree } from "./tree.js";
import { volumeName } from "./values.js";

/** A RAM disk of which an event told, as it is now. */
export interface SeenDisk {
    number: number;
    isThere: boolean;
    /** The kernel's number of the disk that is there (diskseq). */
    sequence: number | undefined;
}

/** What is known of RAM disks. */
export interface KnownDisks {
    ownership: Pick<Ownership, "current" | "isMaking">;
    saved: SavedState;
    tree: Pick<StateTree, "volumes">;
    /** The kernel's numbers of our and of saved objects, as of the last whole reading. */
    sequences: ReadonlyMap<string, number>;
    snapshot: KernelSnapshot | undefined;
}

/**
 * Tells whether a RAM disk can be put in place without a reading of everything: because nothing that is noted, saved or stacked
 * refers to it, or because it is certainly the disk that they refer to.
 */
export function isKnownDisk(
    { number, isThere, sequence }: SeenDisk,
    { ownership, saved, tree, sequences, snapshot }: KnownDisks,
): boolean {
    const name = volumeName(number);
    const devices = snapshot?.blockDevices ?? [];
    // The device number of the first RAM disk of all is known to a whole reading only, and those of the others follow from it.
    const one = devices.find((device) => device.name === name);
    const other = one ?? devices.find((device) => ramDiskNumber(device.name) !== undefined);
    if (isThere && other?.devno === "") {
        return false;
    }
    const owned = ownership.current.volumes.find((volume) => volume.name === name);
    const users = tree.volumes.get(name)?.users ?? [];
    if (owned === undefined && users.length === 0 && saved.volumes.every((entry) => entry.number !== number)) {
        return !isThere || other !== undefined;
    }
    const known = owned?.sequence ?? sequences.get(name);
    return ownership.isMaking(name) || (isThere && known !== undefined && known === sequence);
}
