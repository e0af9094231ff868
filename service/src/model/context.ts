// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { KernelPort } from "../kernel/port.js";
import type { MemorySettings } from "./admission.js";
import type { Jobs } from "./jobs.js";
import type { KeyedLock } from "./lock.js";
import type { Own } from "./own.js";
import type { Refresher } from "./refresher.js";
import type { Saved } from "./saved.js";
import type { Notes } from "./notes.js";
import type { KeyStore } from "./storage.js";
import type { StateTree } from "./tree.js";

/** What every operation works with. */
export interface Context {
    kernel: KernelPort;
    tree: StateTree;
    refresher: Refresher;
    saved: Saved;
    intents: Notes;
    own: Own;
    keys: KeyStore;
    locks: KeyedLock;
    jobs: Jobs;
    memory: MemorySettings;
    log: (line: string) => void;
}

/** Lock ids: one a volume, one a mapping name, one an origin, and one for the sum of all volumes. */
export const lockId = {
    memory: "0 memory",
    volume: (name: string): string => `1 volume ${name}`,
    device: (name: string): string => `2 device ${name}`,
    cache: (name: string): string => `3 cache ${name}`,
    target: "4 target",
};
