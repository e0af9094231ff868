// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { KernelPort, KernelSnapshot } from "../kernel/port.js";
import type { Derived } from "./derive.js";
import type { SavedState } from "./storage.js";

/** Finds out which devices the paths mean that are saved of caches whose mappings are there, by path. */
export async function resolveSources(
    kernel: Pick<KernelPort, "resolveDevice">,
    saved: SavedState,
    { mappings }: KernelSnapshot,
): Promise<Map<string, string>> {
    const there = new Set(mappings.map((mapping) => mapping.name));
    const found = new Map<string, string>();
    for (const { source } of saved.caches.filter(({ name }) => there.has(name))) {
        const device = await kernel.resolveDevice(source).catch(() => undefined);
        if (device !== undefined) {
            found.set(source, device);
        }
    }
    return found;
}

/** Lists the path of the origin of each cache, by the kernel names of their mappings. */
export function originsOf({ caches }: Derived, { mappings }: KernelSnapshot): Map<string, string> {
    return new Map(
        mappings.flatMap(({ name, device }) => {
            const cache = caches.get(name);
            return cache === undefined ? [] : [[device, cache.source]];
        }),
    );
}
