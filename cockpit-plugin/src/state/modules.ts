// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { Manager } from "./objects.js";

/** Kernel modules that the service uses and that are not loaded, by name. */
export function missingModules(manager: Manager | null): string[] {
    return Object.entries(manager?.Modules ?? {})
        .filter(([, loaded]) => !loaded)
        .map(([name]) => name);
}

/** What each module that volumes and caches need gives, as Features says it. */
const gives: Readonly<Record<string, string>> = {
    rapiddisk: "volumes",
    rapiddisk_cache: "cache-write-through",
    dm_writecache: "cache-writeback",
};

/** Modules for volumes and caches that cannot be loaded either: what needs them does not work. Others are loaded when needed. */
export function lackingModules(manager: Manager | null): string[] {
    const features = manager?.Features ?? [];
    return missingModules(manager).filter((name) => {
        const feature = gives[name];
        return feature !== undefined && !features.includes(feature);
    });
}
