// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { InterfaceImplementation, Variant } from "../bus/index.js";
import { cacheInterface } from "../generated/specs.js";
import { cacheState } from "../model/originfailures.js";
import type { Cache } from "../model/types.js";
import { readOptions } from "./arguments.js";
import { usersProperties } from "./details.js";
import { changing, reading, type HandlerContext } from "./handlers.js";
import { objectPath } from "./names.js";
import { statisticsRow } from "./statistics.js";
import { toRow } from "./volume.js";

/** Makes the properties of a cache as they go onto the bus. */
export function cacheProperties(cache: Cache): Record<string, unknown> {
    return {
        Name: cache.name,
        Device: cache.device,
        Volume: cache.volume === "" ? "/" : objectPath("volume", cache.volume),
        Source: cache.source,
        State: cacheState(cache),
        Mode: cache.mode,
        Size: BigInt(cache.size),
        CacheSize: BigInt(cache.cacheSize),
        BlockSize: cache.blockSize,
        ...usersProperties(cache.users),
        Persistent: cache.persistent,
        Managed: cache.managed,
    };
}

/** Implements org.rapiddisk.Manager.Cache on one cache. */
export function cacheObject(context: HandlerContext, cache: Cache): InterfaceImplementation {
    const { model } = context;
    const { name } = cache;
    return {
        spec: cacheInterface,
        properties: cacheProperties(cache),
        methods: {
            GetStatistics: reading(async ([options]) => {
                readOptions(options, "Cache.GetStatistics");
                return [statisticsRow(await model.caches.statistics(name))];
            }),
            ResetStatistics: changing(
                context,
                "cache-reset-statistics",
                "Cache.ResetStatistics",
                async (_args, _options, authorize) => {
                    await model.caches.resetStatistics(name, authorize);
                    return { object: name };
                },
            ),
            Flush: changing(context, "cache-flush", "Cache.Flush", async (_args, _options, authorize) => {
                await model.caches.flush(name, authorize);
                return { object: name };
            }),
            SetMode: changing(context, "cache-mode", "Cache.SetMode", async ([mode], _options, authorize) => {
                await model.caches.setMode(name, mode as string, authorize);
                return { object: name };
            }),
            Resize: changing(context, "cache-resize", "Cache.Resize", async (_args, _options, authorize) => {
                await model.caches.resize(name, authorize);
                return { object: name };
            }),
            SetPersistent: changing(
                context,
                "cache-persist",
                "Cache.SetPersistent",
                async ([persistent], _options, authorize) => {
                    await model.caches.setPersistent(name, persistent as boolean, authorize);
                    return { object: name };
                },
            ),
            Remove: changing(context, "cache-remove", "Cache.Remove", async (_args, options, authorize) => {
                const lost = await model.caches.remove(name, authorize, options["lose-unwritten"]);
                return { object: name, ...(lost > 0 ? { result: `done, ${lost} unwritten bytes lost` } : {}) };
            }),
        },
    };
}

/** Makes one row of ListCaches. */
export function cacheRow(cache: Cache): Map<string, Variant> {
    return toRow(objectPath("cache", cache.name), cacheInterface.properties, cacheProperties(cache));
}
