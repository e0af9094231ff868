// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Readings of caches' statistics, whose failed I/O goes into the state tree. */
import type { ModelContext } from "./context.js";
import { ModelError, toModelError } from "./errors.js";
import type { StatisticsByName } from "./statistics.js";
import type { Cache } from "./types.js";

/** Reads the statistics of a cache by name, and hit_ratio. @throws ModelError NotFound */
export async function readStatistics({ refresher }: ModelContext, cache: Cache): Promise<StatisticsByName> {
    const { name } = cache;
    try {
        const { snapshot } = await refresher.fresh(Infinity);
        const mapping = snapshot.mappings.find((one) => one.name === name);
        if (mapping === undefined) {
            throw new ModelError("NotFound", `There is no mapping ${name} (ENOENT).`);
        }
        const { statistics, changed } = await refresher.failures.read(cache, mapping.device);
        if (changed) {
            await refresher.rederive();
        }
        return statistics;
    } catch (error) {
        throw toModelError(error, name);
    }
}

/** Reads the statistics of a cache that nobody asked about for long, for what they say of failed I/O. */
export async function watchOrigins({ refresher, tree }: ModelContext): Promise<void> {
    const caches = (refresher.last?.snapshot.mappings ?? []).flatMap(({ name, device }): [string, Cache][] => {
        const cache = tree.caches.get(name);
        return cache === undefined ? [] : [[device, cache]];
    });
    if (await refresher.failures.readNext(new Map(caches))) {
        await refresher.rederive();
    }
}
