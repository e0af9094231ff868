// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { KernelPort } from "../kernel/port.js";
import type { MemorySettings } from "./admission.js";
import type { Jobs } from "./jobs.js";
import type { KeyedLock } from "./lock.js";
import type { Ownership } from "./ownership.js";
import type { Refresher } from "./refresher.js";
import type { Reservations } from "./reservations.js";
import type { Saved } from "./saved.js";
import type { Notes } from "./notes.js";
import type { KeyStore } from "./storage.js";
import type { StateTree } from "./tree.js";

/** What every operation works with. */
export interface ModelContext {
    kernel: KernelPort;
    tree: StateTree;
    refresher: Refresher;
    saved: Saved;
    intents: Notes;
    ownership: Ownership;
    keys: KeyStore;
    locks: KeyedLock;
    jobs: Jobs;
    memory: MemorySettings;
    reservations: Reservations;
    log: (line: string) => void;
}

/**
 * Lock ids. An operation that puts a block device to a use, or needs that it is unused, takes the one key that the device has: its
 * kernel name, and for a partition that of its disk (see `deviceKey`), whatever it is in that use: volume, store or origin
 * of a cache, device of an export. The others are for what is not a device.
 */
export const lockId = {
    device: (disk: string): string => `1 device ${disk}`,
    /** A mapping by its name, which is there before the device is. */
    cache: (name: string): string => `2 cache ${name}`,
    target: "3 NVMe target",
    /** Taken last and for a moment: by what reserves RAM. */
    memory: "4 admission of volumes",
};
