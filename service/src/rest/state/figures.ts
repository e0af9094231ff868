// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { ListedVolume, Manager, Request, Resource } from "../../client/index.js";
import { getProperties, INTERFACE, listResources, listVolumes, options, request, ROOT } from "../../client/index.js";
import type { ManagerProperties } from "../../generated/types.js";
import type { Mirror } from "./mirror.js";
import { Shared } from "./shared.js";

/** Figures that are not signalled are at most this old, in ms: as old as anything that the service shows of others. */
const MAX_AGE = 2_000;
/** The same for statistics of every volume and cache, which cost a call each. */
const STATISTICS_AGE = 5_000;
/** Calls for statistics under way at once. */
const AT_ONCE = 16;

/** Figures by name, as GetStatistics tells them. */
export type Statistics = ReadonlyMap<string, number>;

/** What the service tells when asked. */
export class Figures {
    /** Volumes by name, with Used and Errors. */
    readonly volumes: Shared<ReadonlyMap<string, ListedVolume>>;
    /** The root object's properties, with the memory that is available and used. */
    readonly root: Shared<ManagerProperties>;
    /** Block devices of the host. */
    readonly resources: Shared<Resource[]>;
    /** Statistics of every volume and cache, by object path. */
    readonly statistics: Shared<ReadonlyMap<string, Statistics>>;

    constructor(
        private readonly manager: Pick<Manager, "send">,
        private readonly mirror: Mirror,
    ) {
        this.volumes = new Shared(async () => {
            const volumes = await manager.send(listVolumes());
            return new Map(volumes.map((volume) => [volume.Name, volume]));
        }, MAX_AGE);
        this.root = new Shared(() => manager.send(getProperties(INTERFACE.manager, ROOT)), MAX_AGE);
        this.resources = new Shared(() => manager.send(listResources()), MAX_AGE);
        this.statistics = new Shared(() => this.readStatistics(), STATISTICS_AGE);
        mirror.on("gone", () => this.invalidate());
    }

    /** After a change of ours nobody is shown figures from before it. */
    invalidate(): void {
        for (const shared of [this.volumes, this.root, this.resources, this.statistics]) {
            shared.invalidate();
        }
    }

    private async readStatistics(): Promise<ReadonlyMap<string, Statistics>> {
        const requests: [string, Request<ReadonlyMap<string, { value: unknown }>>][] = [
            ...[...this.mirror.all("volumes").keys()].map(
                (path) => [path, request(INTERFACE.volume, path, "GetStatistics", options())] as const,
            ),
            ...[...this.mirror.all("caches").keys()].map(
                (path) => [path, request(INTERFACE.cache, path, "GetStatistics", options())] as const,
            ),
        ].map(([path, call]) => [path, call]);
        const found = new Map<string, Statistics>();
        let next = 0;
        const worker = async (): Promise<void> => {
            while (next < requests.length) {
                const [path, call] = requests[next++]!;
                try {
                    const values = [...(await this.manager.send(call))].map(([key, { value }]) => [key, Number(value)]);
                    found.set(path, new Map(values as [string, number][]));
                } catch {
                    // It has gone meanwhile, or its figures cannot be read: what is not known is not shown.
                }
            }
        };
        await Promise.all(Array.from({ length: AT_ONCE }, worker));
        return found;
    }
}
