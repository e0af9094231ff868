// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { INTERFACE } from "../../facts/busnames.js";
import type { ListedCache, ListedVolume } from "../../client/index.js";
import { options, request } from "../../client/index.js";
import {
    listObject,
    portsObject,
    render,
    resourcesObject,
    statisticsObject,
    targetsObject,
} from "../../upstream/json.js";
import type { ExportFacts, PortFacts } from "../../upstream/listing.js";
import {
    listedCaches,
    listedPorts,
    listedResources,
    listedTargets,
    listedVolumes,
    needsResources,
    wholeStatistics,
} from "../../upstream/listing.js";
import type { UpstreamState } from "../../upstream/state.js";
import { findCache } from "../../upstream/state.js";
import type { BridgeContext } from "../context.js";
import { refusal } from "../errors.js";
import type { Ready } from "../fastpath.js";
import type { HttpCaller } from "../perform.js";

function rowsOf<T>(context: BridgeContext, kind: "volumes" | "caches" | "ports" | "exports"): (T & { path: string })[] {
    return [...context.objects.all(kind)].map(([path, properties]) => ({ ...(properties as T), path }));
}

/** An answer that is made again only when something of it changed. */
export interface CachedText {
    /** The answer when nothing has to be waited for. */
    ready: () => Ready | undefined;
    make: () => Promise<Ready>;
}

/** Makes the list of volumes and mappings. */
export function volumeList(context: BridgeContext): CachedText {
    const { objects, polled } = context;
    let made = { objects: -1, polled: -1, answer: { text: Buffer.alloc(0) } };
    const isMade = (): boolean => made.objects === objects.revision && made.polled === polled.volumes.revision;
    const make = async (): Promise<Ready> => {
        await objects.whenPresent();
        const read = await polled.volumes.get();
        const { revision } = polled.volumes; // What is read again while the devices are waited for is not in this answer.
        const mapped = needsResources(rowsOf<ListedCache>(context, "caches"));
        const resources = mapped ? await polled.resources.get() : [];
        const volumes = rowsOf<ListedVolume>(context, "volumes").map((volume) => ({
            ...volume,
            Used: read.get(volume.Name)?.Used ?? volume.Used,
        }));
        const caches = listedCaches(rowsOf<ListedCache>(context, "caches"), resources);
        const answer = { text: Buffer.from(render(listObject(listedVolumes(volumes), caches))) };
        made = { objects: objects.revision, polled: revision, answer };
        return answer;
    };
    const ready = (): Ready | undefined =>
        objects.present && !(polled.volumes.get() instanceof Promise) && isMade() ? made.answer : undefined;
    return { ready, make: async () => ready() ?? (await make()) };
}

/** Makes the status. */
export function serviceStatus({ objects }: BridgeContext): CachedText {
    let made = { version: undefined as unknown, answer: { text: Buffer.alloc(0) } };
    const ready = (): Ready | undefined => {
        const { Version: version } = objects.root;
        if (version !== made.version) {
            made = { version, answer: { text: Buffer.from(render({ status: "OK", version: String(version) })) } };
        }
        return objects.present ? made.answer : undefined;
    };
    return {
        ready,
        async make() {
            await objects.whenPresent();
            return ready()!;
        },
    };
}

/** Writes the text of memory and block devices. */
export async function inventory({ objects, polled }: BridgeContext): Promise<string> {
    await objects.whenPresent();
    const [root, resources] = await Promise.all([polled.root.get(), polled.resources.get()]);
    return render(resourcesObject(root.MemoryTotal, root.MemoryAvailable, listedResources(resources)));
}

/** Writes the text of the statistics of a mapping. @throws ActionError when there is none of that name */
export async function statistics(context: BridgeContext, name: string, caller: HttpCaller): Promise<string> {
    await context.objects.whenPresent();
    const cache = findCache(stateOf(context, caller), name);
    const call = request(INTERFACE.cache, cache.path, "GetStatistics", options());
    const statistics = wholeStatistics(await context.performer.send(call, caller));
    return render(statisticsObject(cache.Name, cache.Mode, statistics));
}

/** Writes the text of the NVMe ports or exports. */
export async function nvme(context: BridgeContext, what: "ports" | "targets"): Promise<string> {
    const { objects } = context;
    await objects.whenPresent();
    const modules = objects.root.Modules as ReadonlyMap<string, boolean>;
    if (modules.get("nvmet") !== true) {
        throw refusal("NotSupported", "The NVMe target of the kernel is not there: its module nvmet is not loaded.");
    }
    const ports = rowsOf<PortFacts>(context, "ports");
    return render(
        what === "ports"
            ? portsObject(listedPorts(ports))
            : targetsObject(listedTargets(rowsOf<ExportFacts>(context, "exports"), ports)),
    );
}

/** Gives the actions of rapiddisk 9 their state from the object cache; what they send is noted with the client that asked. */
export function stateOf(context: BridgeContext, caller: HttpCaller): UpstreamState {
    return {
        manager: { send: (call) => context.performer.send(call, caller) },
        volumes: rowsOf<ListedVolume>(context, "volumes"),
        caches: rowsOf<ListedCache>(context, "caches"),
        memory: { total: 0n, available: 0n },
    };
}
