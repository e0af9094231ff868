// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Where what is saved and what is there differ: the same that a restore would say. */
import type { RamDisk } from "../kernel/port.js";
import type { Derived, DeriveInputs } from "./derive.js";
import { isSavedPort, portDifference } from "./portplan.js";
import type { Obstacle, ObjectType, Problem, ProblemKind, ProblemOf } from "./problems.js";
import { contentBytes, deviceObstacle, isSavedExport, volumeObstacle } from "./savedas.js";
import type { CacheEntry, ExportEntry, OwnedObjects, SavedState, VolumeEntry } from "./storage.js";
import { volumeName } from "./values.js";

/** What is there, as far as saved objects are concerned. */
export type There = Pick<Derived, "volumes" | "caches" | "ports" | "exports"> & { ramDisks: readonly RamDisk[] };

/** Finds saved objects that are not there, each with what keeps it from being made again. */
export function missingObjects(
    saved: SavedState,
    there: There,
    { unrestored = {} }: OwnedObjects,
): ProblemOf<MissingKind>[] {
    const { ports: savedPorts = [], exports: savedExports = [] } = saved.target ?? {};
    const contents = (number: number): number => {
        const disk = there.ramDisks.find((one) => one.number === number);
        return disk === undefined ? 0 : contentBytes(disk);
    };
    const gone = (type: ObjectType, object: string, obstacles: Obstacles = {}): ProblemOf<MissingKind> =>
        outlook({ object, type }, obstacles, unrestored[type === "port" ? `port ${object}` : object]);
    return [
        ...saved.volumes
            .map((entry) => volumeName(entry.number))
            .filter((name) => !there.volumes.has(name))
            .map((name) => gone("volume", name)),
        ...saved.caches
            .filter((entry) => !there.caches.has(entry.name))
            .map((entry) => {
                const name = volumeName(entry.volume);
                const obstacle = volumeObstacle(saved, entry, there.volumes.get(name), contents(entry.volume));
                return gone("cache", entry.name, { lacks: lacking(name, saved, there), obstacle });
            }),
        ...savedPorts
            .filter((entry) => !there.ports.has(String(entry.id)))
            .map((entry) => gone("port", String(entry.id))),
        ...savedExports
            .filter((entry) => !there.exports.has(entry.nqn))
            .map((entry) => {
                const obstacle = deviceObstacle(saved, there, entry.device);
                return gone("export", entry.nqn, { lacks: lackingFor(entry, saved, there), obstacle });
            }),
    ];
}

/** What keeps a saved object from being made again. */
interface Obstacles {
    /** What it needs and is neither there nor saved. */
    lacks?: { needs: string } | { ports: string } | undefined;
    /** What a restore refuses for. */
    obstacle?: Obstacle | undefined;
}

/** Kinds of problems of saved objects that are not there. */
export type MissingKind = Extract<ProblemKind, "missing" | `missing-${string}`>;

/**
 * Says what is wrong with a missing object, by what becomes of it.
 * @param obstacle what a restore would refuse for now
 * @param failed what the last restore said
 */
function outlook(
    named: { object: string; type: ObjectType },
    { lacks, obstacle }: Obstacles,
    failed: string | undefined,
): ProblemOf<MissingKind> {
    if (lacks !== undefined) {
        return "needs" in lacks
            ? { kind: "missing-needs", ...named, ...lacks }
            : { kind: "missing-needs-ports", ...named, ...lacks };
    }
    if (obstacle !== undefined) {
        return { ...obstacle, ...named, kind: `missing-${obstacle.kind}` } as ProblemOf<MissingKind>;
    }
    return failed === undefined ? { kind: "missing", ...named } : { kind: "missing-failed", ...named, reason: failed };
}

/** Names a volume or cache when it is neither there nor saved. */
function lacking(name: string, saved: SavedState, there: There): { needs: string } | undefined {
    const known =
        there.volumes.has(name) ||
        there.caches.has(name) ||
        saved.volumes.some((entry) => volumeName(entry.number) === name) ||
        saved.caches.some((entry) => entry.name === name);
    return known ? undefined : { needs: name };
}

function lackingFor(entry: ExportEntry, saved: SavedState, there: There): Obstacles["lacks"] {
    const lacked = entry.ports.filter(
        (id) => !there.ports.has(String(id)) && saved.target?.ports.every((port) => port.id !== id) !== false,
    );
    const ports = lacked.length > 0 && lacked.length === entry.ports.length ? { ports: lacked.join(", ") } : undefined;
    // What is no volume and no cache is not made here.
    const name = /^\/dev\/(?:mapper\/(.+)|(rd\d+))$/.exec(entry.device);
    return (name === null ? undefined : lacking(name[1] ?? name[2] ?? "", saved, there)) ?? ports;
}

/** Objects that are there under the name of a saved one and are others, or not all that is saved. */
export function differences(
    saved: SavedState,
    there: There,
    { changing, owned }: Pick<DeriveInputs, "changing" | "owned">,
): Problem[] {
    return [
        ...saved.volumes
            .filter((entry) => !changing("volume", entry.number))
            .flatMap((entry) => volumeDifference(entry, there)),
        ...saved.caches.flatMap((entry) => cacheDifference(entry, there)),
        ...(saved.target?.ports ?? []).flatMap((entry) => {
            const port = there.ports.get(String(entry.id));
            return port === undefined || isSavedPort(port, entry) ? [] : [portDifference(port, entry)];
        }),
        ...(saved.target?.exports ?? [])
            .filter((entry) => !changing("export", entry.nqn))
            .flatMap((entry) => exportDifference(entry, there, owned)),
    ];
}

function volumeDifference(entry: VolumeEntry, { volumes }: There): Problem[] {
    const name = volumeName(entry.number);
    const volume = volumes.get(name);
    if (volume === undefined) {
        return [];
    }
    if (!volume.persistent) {
        const named = { object: name, type: "volume" } as const;
        return volume.size === entry.size
            ? [{ kind: "volume-replaced", ...named }]
            : [{ kind: "volume-differs", ...named, size: volume.size, "saved-size": entry.size }];
    }
    return entry.readOnly && !volume.readOnly ? [{ kind: "volume-unlocked", object: name, type: "volume" }] : [];
}

function cacheDifference(entry: CacheEntry, { caches }: There): Problem[] {
    const cache = caches.get(entry.name);
    return cache === undefined || cache.persistent ? [] : [cacheDiffers(cache, entry)];
}

/** Finds where a cache and the one that is saved under its name differ. */
export function cacheDiffers(
    { volume, source }: { volume: string; source: string },
    entry: CacheEntry,
): ProblemOf<"cache-differs"> {
    return {
        kind: "cache-differs",
        ...{ object: entry.name, type: "cache", volume, origin: source },
        ...{ "saved-volume": volumeName(entry.volume), "saved-origin": entry.source },
    };
}

function exportDifference(
    entry: ExportEntry,
    { exports }: There,
    { unlinked = [], unrestored = {} }: OwnedObjects,
): Problem[] {
    const one = exports.get(entry.nqn);
    if (one === undefined) {
        return [];
    }
    if (!isSavedExport(one, entry)) {
        return [exportDiffers(one, entry)];
    }
    // Those onto which it is put back in a moment are told as that.
    const soon = new Set(unlinked.filter(({ nqn }) => nqn === entry.nqn).map(({ port }) => port));
    const waiting = entry.ports.filter((id) => !one.ports.includes(id) && !soon.has(id));
    return waiting.map((port): Problem => {
        const reason = unrestored[`${entry.nqn} on port ${port}`];
        const named = { object: entry.nqn, type: "export", port } as const;
        return reason === undefined
            ? { kind: "export-off-port", ...named }
            : { kind: "export-off-port-failed", ...named, reason };
    });
}

/** Finds where an export and the one that is saved under its NQN differ. */
export function exportDiffers(
    { device, uuid }: { device: string; uuid: string },
    entry: ExportEntry,
): ProblemOf<"export-differs" | "export-replaced"> {
    const named = { object: entry.nqn, type: "export", device } as const;
    return device === entry.device
        ? { kind: "export-replaced", ...named, uuid, "saved-uuid": entry.uuid }
        : { kind: "export-differs", ...named, "saved-device": entry.device };
}
