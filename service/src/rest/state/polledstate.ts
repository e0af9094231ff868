// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { INTERFACE, ROOT } from "../../facts/busnames.js";
import type { ListedVolume, ManagerClient, BusRequest, ListedResource, Variant } from "../../client/index.js";
import { getProperties, listResources, listVolumes, options, record, request } from "../../client/index.js";
import type { ManagerProperties } from "../../generated/types.js";
import type { ObjectCache } from "./objectcache.js";
import { Shared } from "./shared.js";

/** Statistics that are not signalled are at most this old, in ms: as old as anything that the service shows of others. */
const MAX_AGE = 2_000;
/** The same for what costs more: the statistics of everything, and a call for each export. */
const STATISTICS_AGE = 5_000;
/** Calls for connections under way at once. */
const AT_ONCE = 16;

/** What to ask an object, and its path. */
type StateQuery<T> = readonly [path: string, call: BusRequest<T>];

/** Statistics by name, as GetStatistics tells them. */
export type Statistics = ReadonlyMap<string, number>;

/** The hosts that are connected to an export through one port, as GetConnections tells it. */
export interface Connections {
    port: number;
    transport: string;
    known: boolean;
    exclusive: boolean;
    hosts: string[];
}

/** What the service tells when asked. */
export class PolledState {
    /** Volumes by name, with Used and Errors. */
    readonly volumes: Shared<ReadonlyMap<string, ListedVolume>>;
    /** The root object's properties, with the memory that is available and used. */
    readonly root: Shared<ManagerProperties>;
    /** Block devices of the host. */
    readonly resources: Shared<ListedResource[]>;
    /** Statistics of every volume, cache and export, by object path. */
    readonly statistics: Shared<ReadonlyMap<string, Statistics>>;
    /** The hosts that are connected to each export, by object path. */
    readonly connections: Shared<ReadonlyMap<string, readonly Connections[]>>;

    constructor(
        private readonly manager: Pick<ManagerClient, "send">,
        private readonly objects: ObjectCache,
    ) {
        const volumes = async (): Promise<ReadonlyMap<string, ListedVolume>> =>
            new Map((await manager.send(listVolumes())).map((volume) => [volume.Name, volume]));
        this.volumes = new Shared(volumes, MAX_AGE, undefined, sameVolumes);
        this.root = new Shared(() => manager.send(getProperties(INTERFACE.manager, ROOT)), MAX_AGE);
        this.resources = new Shared(() => manager.send(listResources()), MAX_AGE);
        this.statistics = new Shared(() => this.readStatistics(), STATISTICS_AGE);
        this.connections = new Shared(() => this.readConnections(), STATISTICS_AGE);
        objects.on("gone", () => this.invalidate());
    }

    /** Drops statistics after a change of ours, so that nobody is shown those from before it. */
    invalidate(): void {
        for (const shared of [this.volumes, this.root, this.resources, this.statistics, this.connections]) {
            shared.invalidate();
        }
    }

    private async readStatistics(): Promise<ReadonlyMap<string, Statistics>> {
        const found = await this.manager.send(request(INTERFACE.manager, ROOT, "GetAllStatistics", options()));
        const statistics = new Map<string, Statistics>();
        for (const [path, values] of found) {
            const numbers = new Map<string, number>();
            values.forEach(({ value }, name) => numbers.set(name, Number(value)));
            statistics.set(path, numbers);
        }
        return statistics;
    }

    private async readConnections(): Promise<ReadonlyMap<string, readonly Connections[]>> {
        const found = await this.readAll(
            [...this.objects.all("exports").keys()].map((path): StateQuery<ReadonlyMap<string, Variant>[]> => [
                path,
                request(INTERFACE.export, path, "GetConnections", options()),
            ]),
        );
        return new Map([...found].map(([path, rows]) => [path, rows.map((row) => record<Connections>(row))]));
    }

    /** Answers by object path; what has gone meanwhile or cannot be read is left out. */
    private async readAll<T>(readings: readonly StateQuery<T>[]): Promise<ReadonlyMap<string, T>> {
        const found = new Map<string, T>();
        let next = 0;
        const worker = async (): Promise<void> => {
            while (next < readings.length) {
                const [path, call] = readings[next++]!;
                try {
                    found.set(path, await this.manager.send(call));
                } catch {
                    // What is not known is not shown.
                }
            }
        };
        await Promise.all(Array.from({ length: AT_ONCE }, worker));
        return found;
    }
}

function sameVolumes(one: ReadonlyMap<string, ListedVolume>, other: ReadonlyMap<string, ListedVolume>): boolean {
    if (one.size !== other.size) {
        return false;
    }
    for (const [name, { Used, Errors }] of other) {
        const known = one.get(name);
        if (known === undefined || known.Used !== Used || known.Errors !== Errors) {
            return false;
        }
    }
    return true;
}
