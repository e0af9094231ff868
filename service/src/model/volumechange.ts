// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { KernelPort, RamDisk } from "../kernel/port.js";
import type { Done } from "./jobs.js";
import type { Step } from "./plan.js";
import type { VolumeEntry } from "./storage.js";

/** What a change to one volume does. */
export interface VolumeChange {
    step?: Step;
    /** Bytes that the volume will have, when that is more than it has: there must be RAM for it. */
    grows?: number;
    /** The growth is allocated at once. */
    atOnce?: boolean;
    /** The entry in the saved state after the change; called only when there is one before, or with `always`. */
    entry?(old: VolumeEntry): VolumeEntry | null;
    always?: boolean;
    /** What the volume holds is dropped: hosts that knew it must not take what comes after for the same. */
    newContents?: boolean;
    /** The entry is changed before the kernel: for removals, whose step cannot be undone. */
    saveFirst?: boolean;
    /** All memory is given back while the volume stays: how much of it already is can be told. */
    givesBack?: boolean;
}

/** Tells how much of the memory that a RAM disk held has been given back. */
export async function givenBack(kernel: KernelPort, { number, used }: RamDisk): Promise<Done | undefined> {
    const now = (await kernel.readRamDisks()).find((disk) => disk.number === number)?.used;
    return now === undefined || used === 0 ? undefined : { progress: 1 - now / used, bytes: used };
}
