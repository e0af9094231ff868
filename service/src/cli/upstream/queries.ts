// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { Resource } from "../../client/index.js";
import { INTERFACE, listResources, nameOfPath, options, request } from "../../client/index.js";
import type { ListedCache, ListedResource, ListedVolume, Value } from "./json.js";
import { listObject, resourcesObject, statisticsObject } from "./json.js";
import type { Invocation } from "./options.js";
import { Refusal, STATUS } from "./outcome.js";
import type { State } from "./state.js";
import { findCache } from "./state.js";
import { listText, resourcesText, statisticsText } from "./texts.js";

/** An answer in both forms. */
export interface Answer {
    json: Value;
    text: string;
}

/** Kinds of block devices that are no inventory: parts of others, and our own. */
const NOT_LISTED: readonly string[] = ["partition", "ram"];

async function list(state: State): Promise<Answer> {
    if (state.volumes.length === 0) {
        throw new Refusal(STATUS.notFound, "There are no RAM disks.");
    }
    const volumes = state.volumes.map((volume): ListedVolume => ({
        device: volume.Name,
        size: volume.Size,
        usage: volume.Used,
        status: volume.ReadOnly ? "locked" : "unlocked",
    }));
    // The old CLI shows origins by kernel name; only device-mapper origins have another path than /dev/NAME.
    const mapped = state.caches.some((cache) => !/^\/dev\/[^/]+$/.test(cache.Source));
    const resources = mapped ? await state.manager.send(listResources()) : [];
    const caches = state.caches.map((cache): ListedCache => ({
        device: cache.Name,
        cache: cache.Volume === "/" ? "" : nameOfPath(cache.Volume),
        source: kernelName(cache.Source, resources),
        mode: cache.Mode,
    }));
    // Newest first, which is what reading the directories of sysfs gave.
    const newestFirst = [volumes.toReversed(), caches.toReversed()] as const;
    return { json: listObject(...newestFirst), text: listText(...newestFirst) };
}

function kernelName(path: string, resources: readonly Resource[]): string {
    return resources.find((device) => device.path === path)?.name ?? path.slice(path.lastIndexOf("/") + 1);
}

async function inventory(state: State): Promise<Answer> {
    const resources = await state.manager.send(listResources());
    const devices = resources
        .filter((device) => !NOT_LISTED.includes(device.type))
        .map((device): ListedResource => ({
            device: device.name,
            size: device.size,
            vendor: device.vendor || "UNAVAILABLE",
            model: device.model || "UNAVAILABLE",
        }));
    const { total, available } = state.memory;
    return {
        json: resourcesObject(total, available, devices),
        text: resourcesText(total, available, devices),
    };
}

async function statistics(state: State, { name }: Invocation): Promise<Answer> {
    const cache = findCache(state, name);
    const figures = await state.manager.send(request(INTERFACE.cache, cache.path, "GetStatistics", options()));
    const values = new Map([...figures].map(([key, { value }]) => [key, typeof value === "bigint" ? value : 0n]));
    return {
        json: statisticsObject(cache.Name, cache.Mode, values),
        text: statisticsText(cache.Mode, values),
    };
}

/** Actions that answer with something of their own shape. */
export const QUERIES: Readonly<Record<string, (state: State, invocation: Invocation) => Promise<Answer>>> = {
    l: list,
    q: inventory,
    s: statistics,
};
