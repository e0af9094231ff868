// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { ListedCache as Cache, ListedVolume as Volume, ListedResource } from "../client/index.js";
import { nameOfPath } from "../client/index.js";
import type { UpstreamCache, UpstreamPort, UpstreamResource, UpstreamTarget, UpstreamVolume } from "./json.js";

/** Kinds of block devices that are no inventory: parts of others, and our own. */
const NOT_LISTED: readonly string[] = ["partition", "ram"];

/** Describes volumes as the old list shows them: newest first, which is what reading the directories of sysfs gave. */
export function listedVolumes(volumes: readonly Volume[]): UpstreamVolume[] {
    return volumes
        .map((volume): UpstreamVolume => ({
            device: volume.Name,
            size: volume.Size,
            usage: volume.Used,
            status: volume.ReadOnly ? "locked" : "unlocked",
        }))
        .reverse();
}

/** Whether {@link listedCaches} needs the block devices: only device-mapper origins have another path than /dev/NAME. */
export function needsResources(caches: readonly Cache[]): boolean {
    return caches.some((cache) => !/^\/dev\/[^/]+$/.test(cache.Source));
}

/** Mappings as the old list shows them, with the kernel names of their devices; newest first. */
export function listedCaches(caches: readonly Cache[], resources: readonly ListedResource[]): UpstreamCache[] {
    return caches
        .map((cache): UpstreamCache => ({
            device: cache.Name,
            cache: cache.Volume === "/" ? "" : nameOfPath(cache.Volume),
            source: kernelName(cache.Source, resources),
            mode: cache.Mode,
        }))
        .reverse();
}

/** Describes block devices as the old inventory shows them. */
export function listedResources(resources: readonly ListedResource[]): UpstreamResource[] {
    return resources
        .filter((device) => !NOT_LISTED.includes(device.type))
        .map((device): UpstreamResource => ({
            device: device.name,
            size: device.size,
            vendor: device.vendor || "UNAVAILABLE",
            model: device.model || "UNAVAILABLE",
        }));
}

/** Takes the whole numbers out of the statistics of a cache. */
export function wholeStatistics(statistics: ReadonlyMap<string, { value: unknown }>): Map<string, bigint> {
    return new Map([...statistics].map(([key, { value }]) => [key, typeof value === "bigint" ? value : 0n]));
}

function kernelName(path: string, resources: readonly ListedResource[]): string {
    return resources.find((device) => device.path === path)?.name ?? path.slice(path.lastIndexOf("/") + 1);
}

/** What is shown of a port and an export, by the names of their D-Bus properties. */
export interface PortFacts {
    path: string;
    Id: number;
    Address: string;
    Transport: string;
}
export interface ExportFacts {
    Nqn: string;
    NamespaceId: number;
    Device: string;
    Enabled: boolean;
    AllowedHosts: readonly string[];
    Ports: readonly string[];
}

/** Describes ports as the old list shows them: an address or transport that is not set reads UNDEFINED. */
export function listedPorts(ports: readonly PortFacts[]): UpstreamPort[] {
    return ports.map(({ Id, Address, Transport }) => ({
        port: BigInt(Id),
        address: Address || "UNDEFINED",
        protocol: Transport || "UNDEFINED",
    }));
}

/** Exports as the old list shows them, each with its ports. */
export function listedTargets(exports: readonly ExportFacts[], ports: readonly PortFacts[]): UpstreamTarget[] {
    return exports.map((one) => ({
        nqn: one.Nqn,
        namespace: BigInt(one.NamespaceId),
        device: one.Device,
        enabled: one.Enabled,
        hosts: one.AllowedHosts,
        ports: listedPorts(ports.filter(({ path }) => one.Ports.includes(path))),
    }));
}
