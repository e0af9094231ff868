// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { ramDiskNumber } from "../kernel/names.js";
import type {
    BlockDevice,
    KernelSnapshot,
    Mapping,
    ModuleName,
    NvmetFeatures,
    NvmetTree,
    RamDisk,
} from "../kernel/port.js";
import { deriveExports, derivePorts, withExports } from "./deriveexports.js";
import { DeviceGraph, type Role } from "./graph.js";
import { differences, missingObjects, type There } from "./derivesaved.js";
import { matchKey } from "./matching.js";
import { failingOrigins, type OriginFailure } from "./originfailures.js";
import { isUnlinked } from "./ownership.js";
import { openToNames } from "./opennames.js";
import { isLocal, isLoopbackAddress, lacksAddress, portWords } from "./portplan.js";
import { problemSentence, type Problem } from "./problems.js";
import { isSavedCache, isSavedVolume } from "./savedas.js";
import type { IntentObject, OwnedObjects, SavedState } from "./storage.js";
import { isOurs, parseCacheTable, type CacheTable } from "./tables.js";
import type { Cache, Export, Host, Port, Resource, Volume } from "./types.js";
import { userLines, type User } from "./users.js";
import { volumeName } from "./values.js";

/** Everything that follows from one reading of the kernel and the saved state. */
export interface Derived {
    volumes: Map<string, Volume>;
    caches: Map<string, Cache>;
    ports: Map<string, Port>;
    exports: Map<string, Export>;
    host: Host;
    graph: DeviceGraph;
}

/** What else the state is worked out from. */
export interface DeriveInputs {
    features: NvmetFeatures;
    owned: OwnedObjects;
    /** Kernel names of the devices that the paths of saved caches mean. */
    sources: ReadonlyMap<string, string>;
    /** The kernel's numbers of the devices of saved volumes and caches that are there, by kernel name. */
    sequences: ReadonlyMap<string, number>;
    /** How many blocks writeback caches have, by the kernel names of their mappings. */
    blocks: ReadonlyMap<string, number>;
    /** Paths of the origins of caches when they were last there, by the kernel names of their mappings. */
    origins: ReadonlyMap<string, string>;
    /** What was last read of I/O that failed in caches, by the kernel names of their mappings. */
    failures: ReadonlyMap<string, OriginFailure>;
    /** Whether a change to an object is under way: what is saved of it may be behind it, or ahead, for that time. */
    changing: (kind: IntentObject["kind"], id: string | number) => boolean;
}

interface Found {
    mapping: Mapping;
    table: CacheTable;
    role: Role;
    originGone: boolean;
}

/**
 * Works out volumes, caches and the state of the host.
 * @param available modules that are loaded or could be
 * @param trouble what is wrong with the saved state itself
 * @param known what the NVMe target of this kernel has, what is noted as ours, and what goes on now
 */
export function derive(
    read: KernelSnapshot,
    saved: SavedState,
    available: readonly ModuleName[],
    trouble: readonly Problem[],
    known: DeriveInputs,
): Derived {
    const snapshot = { ...read, blockDevices: withExports(read.blockDevices, read.nvmet) };
    const found = findCaches(snapshot);
    const graph = new DeviceGraph(snapshot.blockDevices, new Map(found.map((one) => [one.mapping.device, one.role])));
    const volumes = deriveVolumes(snapshot.ramDisks, saved, known, (name) => graph.usersOf(name));
    const caches = new Map(found.map((one) => [one.mapping.name, toCache(one, graph, volumes, { saved, known })]));
    const ports = derivePorts(snapshot.nvmet, saved, known.owned);
    const exports = deriveExports(snapshot, saved, known, { volumes, caches });
    const there = { volumes, caches, ports, exports };
    return {
        volumes,
        caches,
        ports,
        exports,
        graph,
        host: {
            memoryTotal: snapshot.memory.total,
            memoryCommitted: committed(snapshot.ramDisks),
            modules: snapshot.modules,
            features: features(available, known.features),
            ...faults(saved, trouble, { ...there, ramDisks: snapshot.ramDisks, nvmet: snapshot.nvmet }, known),
        },
    };
}

/** Finds what is wrong now, and the names of what is missing. @param trouble what is wrong with the saved state itself */
export function faults(
    saved: SavedState,
    trouble: readonly Problem[],
    there: There & { nvmet: NvmetTree },
    known: DeriveInputs,
): Pick<Host, "problems" | "problemDetails" | "missing"> {
    const missing = missingObjects(saved, there, known.owned);
    const problemDetails = [
        ...trouble,
        ...missing,
        ...differences(saved, there, known),
        ...openByDefault(saved, there),
        ...openToNames(there, known.features),
        ...unreachable(there.nvmet, known.owned),
        ...unfinished(there.exports, there),
        ...failingOrigins(there.caches.values()),
    ];
    return {
        problems: problemDetails.map(problemSentence),
        problemDetails,
        missing: missing.map(({ object }) => object),
    };
}

/** Adds up the sizes of all RAM disks, in bytes. */
export const committed = (disks: readonly RamDisk[]): number => disks.reduce((sum, disk) => sum + disk.size, 0);

/** Makes the volumes, by name. @param users who uses a volume, by its name */
export function deriveVolumes(
    disks: readonly RamDisk[],
    saved: SavedState,
    { owned, changing, sequences }: Pick<DeriveInputs, "owned" | "changing" | "sequences">,
    users: (name: string) => User[],
): Map<string, Volume> {
    const entries = new Map(saved.volumes.map((entry) => [entry.number, entry]));
    const ours = new Map(owned.volumes.map((volume) => [volume.name, volume.sequence]));
    const isSaved = (disk: RamDisk): boolean => {
        const entry = entries.get(disk.number);
        const matched = owned.matched?.[matchKey("volume", disk.number)];
        const name = volumeName(disk.number);
        const numbers = { matched, now: ours.get(name) ?? sequences.get(name) };
        return entry !== undefined && (isSavedVolume(disk, entry, numbers) || changing("volume", disk.number));
    };
    return new Map(
        disks.map((disk) => {
            const name = volumeName(disk.number);
            return [
                name,
                {
                    name,
                    number: disk.number,
                    device: `/dev/${name}`,
                    size: disk.size,
                    populated: disk.populated,
                    readOnly: disk.readOnly,
                    users: users(name),
                    managed: ours.has(name),
                    persistent: isSaved(disk),
                },
            ];
        }),
    );
}

/** Finds cache mappings of either kind. A writecache whose cache is no RAM disk is somebody else's business. */
function findCaches(snapshot: KernelSnapshot): Found[] {
    const tables = snapshot.mappings.flatMap((mapping) => {
        const table = parseCacheTable(mapping);
        return table === undefined ? [] : [{ mapping, table }];
    });
    if (tables.length === 0) {
        return [];
    }
    const byKey = new Map<string, BlockDevice>();
    for (const device of snapshot.blockDevices) {
        byKey.set(device.devno, device).set(device.path, device).set(`/dev/${device.name}`, device);
    }
    const byName = new Map(snapshot.blockDevices.map((device) => [device.name, device]));
    return tables.flatMap(({ mapping, table }) => {
        const mapped = byName.get(mapping.device);
        const slaves = mapped?.slaves ?? [];
        const volume = byKey.get(table.cache)?.name ?? slaves.find((name) => ramDiskNumber(name) !== undefined) ?? "";
        if (ramDiskNumber(volume) === undefined && table.mode === "writeback") {
            return [];
        }
        const origin = byKey.get(table.source)?.name ?? slaves.find((name) => name !== volume) ?? "";
        // Devices are read apart from mappings: only a reading that has the mapped device can lack an origin that is gone.
        const originGone = !byName.has(origin) && mapped !== undefined;
        return [{ mapping, table, role: { mapping: mapping.name, volume, origin }, originGone }];
    });
}

function toCache(
    { mapping, table, role, originGone }: Found,
    graph: DeviceGraph,
    volumes: Map<string, Volume>,
    { saved, known }: { saved: SavedState; known: DeriveInputs },
): Cache {
    const entry = saved.caches.find((one) => one.name === mapping.name);
    const volume = volumes.get(role.volume);
    const blocks = known.blocks.get(mapping.device);
    const numbers = {
        matched: known.owned.matched?.[matchKey("cache", mapping.name)],
        now: known.sequences.get(mapping.device),
    };
    const savedSource = numbers.now !== undefined && numbers.now === numbers.matched ? entry?.source : undefined;
    return {
        name: mapping.name,
        device: `/dev/mapper/${mapping.name}`,
        volume: volume?.name ?? "",
        source: graph.get(role.origin)?.path ?? known.origins.get(mapping.device) ?? savedSource ?? table.source,
        originGone,
        originErrors: known.failures.get(mapping.device)?.errors ?? 0,
        stopped: known.failures.get(mapping.device)?.stopped ?? 0,
        mode: table.mode,
        size: mapping.targets.reduce((end, target) => Math.max(end, target.start + target.length), 0) * 512,
        cacheSize: table.cacheSize ?? (blocks === undefined ? volume?.size : blocks * table.blockSize) ?? 0,
        blockSize: table.blockSize,
        users: graph.usersOf(mapping.device),
        managed: isOurs(mapping),
        persistent: entry !== undefined && isSavedCache(role, entry, known.sources.get(entry.source), numbers),
    };
}

function features(available: readonly ModuleName[], target: NvmetFeatures): string[] {
    const has = (name: ModuleName): boolean => available.includes(name);
    return [
        ...(has("rapiddisk") ? ["volumes"] : []),
        ...(has("rapiddisk_cache") ? ["cache-write-through", "cache-write-around"] : []),
        ...(has("dm_writecache") ? ["cache-writeback"] : []),
        ...(has("nvmet") && has("nvmet_tcp") ? ["nvme-tcp"] : []),
        ...(has("nvmet") && has("nvmet_rdma") ? ["nvme-rdma"] : []),
        ...(has("nvmet") && has("nvme_loop") ? ["nvme-loop"] : []),
        ...(target.auth ? ["nvme-auth"] : []),
        ...(target.tls && target.tlshd ? ["nvme-tls"] : []),
    ];
}

/** Finds saved exports that let any host in on a network address because an earlier version took that for the default. */
function openByDefault(
    { target }: SavedState,
    { exports, nvmet }: Pick<There, "exports"> & { nvmet: NvmetTree },
): Problem[] {
    return (target?.exports ?? [])
        .filter((entry) => entry.allowAnyHost && entry.anyHostMeant !== true && exports.get(entry.nqn)?.allowAnyHost)
        .flatMap((entry) => {
            const port = nvmet.ports.find((one) => entry.ports.includes(one.id) && !isLocal(one));
            return port === undefined
                ? []
                : [
                      {
                          kind: isLoopbackAddress(port.address) ? "export-open-loopback" : "export-open",
                          ...{ object: entry.nqn, type: "export", port: port.id, address: portWords(port) },
                      },
                  ];
        });
}

/** Finds ports through which no host comes: their address is gone, or an export could not be put back on them. */
function unreachable(tree: NvmetTree, { unlinked = [] }: OwnedObjects): Problem[] {
    const lost = tree.ports.filter(lacksAddress);
    const off = unlinked.filter((one) => isUnlinked(one, tree));
    return [
        ...lost.map((port): Problem => ({
            kind: "port-unreachable",
            ...{ object: String(port.id), type: "port", address: portWords(port) },
        })),
        ...off.map(({ nqn, port, why }): Problem => ({
            kind: "export-unlinked",
            ...{ object: nqn, type: "export", port, reason: why },
        })),
    ];
}

/** Finds what is wrong with caches and exports that are there. */
function unfinished(exports: Derived["exports"], there: Pick<Derived, "volumes" | "caches">): Problem[] {
    const all = [...exports.values()];
    return [
        ...[...there.caches.values()]
            .filter(({ originGone }) => originGone)
            .map(({ name, source, mode }): Problem => ({
                kind: mode === "writeback" ? "origin-gone-unwritten" : "origin-gone",
                ...{ object: name, type: "cache", origin: source },
            })),
        ...[...there.caches.values()]
            .filter((cache) => cache.persistent && there.volumes.get(cache.volume)?.persistent === false)
            .map(({ name, volume }): Problem => ({
                kind: "cache-volume-unsaved",
                ...{ object: name, type: "cache", volume },
            })),
        ...all
            .filter((one) => one.persistent && !comesAgain(one, there))
            .map(({ nqn, backing, device }): Problem => ({
                kind: "export-device-unsaved",
                ...{ object: nqn, type: "export", device: backing?.id ?? device },
            })),
        ...all
            .filter((one) => one.managed && one.namespaceId === 0)
            .map(({ nqn }): Problem => ({ kind: "export-half-made", object: nqn, type: "export" })),
    ];
}

/** Tells whether what an export exports is made again at boot as well. */
function comesAgain({ backing }: Export, { volumes, caches }: Pick<Derived, "volumes" | "caches">): boolean {
    return backing !== undefined && (backing.kind === "volume" ? volumes : caches).get(backing.id)?.persistent === true;
}

/** Says why a device cannot be the origin of a cache now, in words that follow its name; undefined when it can. */
export function originObstacle(device: BlockDevice, graph: DeviceGraph): string | undefined {
    const users = [...userLines(graph.usersOf(device.name)), ...graph.usersBelow(device.name)];
    if (users.length > 0) {
        return `is in use: ${users.join(", ")}`;
    }
    if (device.type === "rom") {
        return "is a read-only medium";
    }
    if (device.readOnly) {
        return "is read-only";
    }
    if (device.size === 0) {
        return "has no medium (its size is 0)";
    }
    return undefined;
}

/** Makes the inventory of block devices, in the order of the kernel's names. Devices without a medium are left out. */
export function resources(devices: readonly BlockDevice[], graph: DeviceGraph): Resource[] {
    return devices
        .filter((device) => device.size > 0)
        .sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }))
        .map((device) => ({
            device,
            users: graph.usersOf(device.name),
            cacheable: device.type !== "ram" && originObstacle(device, graph) === undefined,
        }));
}
