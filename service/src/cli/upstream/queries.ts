// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { INTERFACE } from "../../facts/busnames.js";
import { listResources, options, request } from "../../client/index.js";
import type { Value } from "../../upstream/json.js";
import { listObject, resourcesObject, statisticsObject } from "../../upstream/json.js";
import {
    listedCaches,
    listedResources,
    listedVolumes,
    needsResources,
    wholeStatistics,
} from "../../upstream/listing.js";
import type { UpstreamInvocation } from "./options.js";
import { ActionError, STATUS } from "../../upstream/outcome.js";
import type { UpstreamState } from "../../upstream/state.js";
import { findCache, needVolumes } from "../../upstream/state.js";
import { listText, resourcesText, statisticsText } from "./texts.js";

/** An answer in both forms. */
export interface QueryAnswer {
    json: Value;
    text: string;
}

async function list(state: UpstreamState): Promise<QueryAnswer> {
    needVolumes(state, STATUS.notFound);
    const resources = needsResources(state.caches) ? await state.manager.send(listResources()) : [];
    const shown = [listedVolumes(state.volumes), listedCaches(state.caches, resources)] as const;
    return { json: listObject(...shown), text: listText(...shown) };
}

async function inventory(state: UpstreamState): Promise<QueryAnswer> {
    const devices = listedResources(await state.manager.send(listResources()));
    const { total, available } = state.memory;
    return {
        json: resourcesObject(total, available, devices),
        text: resourcesText(total, available, devices),
    };
}

async function statistics(state: UpstreamState, { name, json }: UpstreamInvocation): Promise<QueryAnswer> {
    if (state.caches.length === 0) {
        throw new ActionError(STATUS.failed, "No RapidDisk-Cache Mappings exist.", "NotFound");
    }
    const cache = findCache(state, name, json ? STATUS.failed : STATUS.notFound);
    const values = wholeStatistics(
        await state.manager.send(request(INTERFACE.cache, cache.path, "GetStatistics", options())),
    );
    return {
        json: statisticsObject(cache.Name, cache.Mode, values),
        text: statisticsText(cache.Mode, values),
    };
}

/** Actions that answer with something of their own shape. */
export const QUERIES: Readonly<
    Record<string, (state: UpstreamState, invocation: UpstreamInvocation) => Promise<QueryAnswer>>
> = {
    l: list,
    q: inventory,
    s: statistics,
};
