// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Where what is saved and what is there differ, a sentence each: the same that a restore would say. */
import type { RamDisk } from "../kernel/port.js";
import { type Derived, type Known } from "./derive.js";
import { isSavedPort, portDifference } from "./portplan.js";
import { deviceObstacle, isSavedExport, otherVolume, volumeObstacle } from "./savedas.js";
import type { CacheEntry, ExportEntry, OwnObjects, SavedState, VolumeEntry } from "./storage.js";
import { volumeName } from "./values.js";

/** What is there, as far as saved objects are concerned. */
export type There = Pick<Derived, "volumes" | "caches" | "ports" | "exports"> & { ramDisks: readonly RamDisk[] };

/** Saved objects that are not there, each with what keeps it from being made again. */
export function missingObjects(
    saved: SavedState,
    there: There,
    { unrestored = {} }: OwnObjects,
): { name: string; words: string }[] {
    const { ports: savedPorts = [], exports: savedExports = [] } = saved.target ?? {};
    const used = new Map(there.ramDisks.map((disk) => [disk.number, disk.used]));
    const gone = (
        name: string,
        obstacles: Obstacles,
        { what, restored } = { what: name, restored: name },
    ): { name: string; words: string } => ({
        name,
        words: `${what} is saved but not there${outlook(name, obstacles, unrestored[restored])}`,
    });
    return [
        ...saved.volumes
            .map((entry) => volumeName(entry.number))
            .filter((name) => !there.volumes.has(name))
            .map((name) => gone(name, {})),
        ...saved.caches
            .filter((entry) => !there.caches.has(entry.name))
            .map((entry) => {
                const name = volumeName(entry.volume);
                const obstacle = volumeObstacle(saved, entry, there.volumes.get(name), used.get(entry.volume) ?? 0);
                return gone(entry.name, { lacks: lacking(name, saved, there), obstacle });
            }),
        ...savedPorts
            .filter((entry) => !there.ports.has(String(entry.id)))
            .map((entry) => gone(String(entry.id), {}, { what: `Port ${entry.id}`, restored: `port ${entry.id}` })),
        ...savedExports
            .filter((entry) => !there.exports.has(entry.nqn))
            .map((entry) => {
                const obstacle = deviceObstacle(saved, there, entry.device);
                return gone(entry.nqn, { lacks: lackingFor(entry, saved, there), obstacle });
            }),
    ];
}

/** What keeps a saved object from being made again, in words. */
interface Obstacles {
    /** What it needs and is neither there nor saved. */
    lacks?: string | undefined;
    /** What a restore refuses for. */
    obstacle?: string | undefined;
}

/**
 * What becomes of a missing object, to end a sentence.
 * @param obstacle what a restore would refuse for now
 * @param failed what the last restore said
 */
function outlook(name: string, { lacks, obstacle }: Obstacles, failed: string | undefined): string {
    if (lacks !== undefined) {
        return `, and ${lacks}, which it needs, is neither there nor saved; create that, or forget ${name}.`;
    }
    if (obstacle !== undefined) {
        return `, and a restore refuses to make it: ${withoutStop(obstacle)}. Put that right and restore, or forget ${name}.`;
    }
    return failed === undefined
        ? "; restoring makes it again, forgetting it drops what is saved."
        : `, and the last restore could not make it: ${withoutStop(failed)}. Restoring tries it again, ` +
              "forgetting it drops what is saved.";
}

const withoutStop = (sentence: string): string => sentence.replace(/\.$/, "");

/** A volume or cache of that name, when it is neither there nor saved. */
function lacking(name: string, saved: SavedState, there: There): string | undefined {
    const known =
        there.volumes.has(name) ||
        there.caches.has(name) ||
        saved.volumes.some((entry) => volumeName(entry.number) === name) ||
        saved.caches.some((entry) => entry.name === name);
    return known ? undefined : name;
}

function lackingFor(entry: ExportEntry, saved: SavedState, there: There): string | undefined {
    const lacked = entry.ports.filter(
        (id) => !there.ports.has(String(id)) && saved.target?.ports.every((port) => port.id !== id) !== false,
    );
    const ports = lacked.length > 0 && lacked.length === entry.ports.length ? `port ${lacked.join(", ")}` : undefined;
    // What is no volume and no cache is not made here.
    const name = /^\/dev\/(?:mapper\/(.+)|(rd\d+))$/.exec(entry.device);
    return (name === null ? undefined : lacking(name[1] ?? name[2] ?? "", saved, there)) ?? ports;
}

/** Objects that are there under the name of a saved one and are others, or not all that is saved. */
export function differences(
    saved: SavedState,
    there: There,
    { changing, own }: Pick<Known, "changing" | "own">,
): string[] {
    return [
        ...saved.volumes
            .filter((entry) => !changing("volume", entry.number))
            .flatMap((entry) => volumeDifference(entry, there)),
        ...saved.caches.flatMap((entry) => cacheDifference(entry, there)),
        ...(saved.target?.ports ?? []).flatMap((entry) => {
            const port = there.ports.get(String(entry.id));
            return port === undefined || isSavedPort(port, entry)
                ? []
                : [`${portDifference(port, entry)}; remove it and restore, or make it persistent as it is.`];
        }),
        ...(saved.target?.exports ?? [])
            .filter((entry) => !changing("export", entry.nqn))
            .flatMap((entry) => exportDifference(entry, there, own)),
    ];
}

function volumeDifference(entry: VolumeEntry, { volumes }: There): string[] {
    const name = volumeName(entry.number);
    const volume = volumes.get(name);
    if (volume === undefined) {
        return [];
    }
    if (!volume.persistent) {
        return [
            `${otherVolume(name, volume.size, entry.size)}; remove it and restore, or make it persistent as it is.`,
        ];
    }
    return entry.readOnly && !volume.readOnly
        ? [`${name} is saved as locked, but can be written; restoring locks it, unlocking it saves that.`]
        : [];
}

function cacheDifference(entry: CacheEntry, { caches }: There): string[] {
    const cache = caches.get(entry.name);
    return cache === undefined || cache.persistent
        ? []
        : [`${cacheWords(cache, entry, entry.name)}; remove it and restore, or make it persistent as it is.`];
}

/** Where two caches of one name differ. @param subject how the sentence begins */
export function cacheWords(cache: { volume: string; source: string }, entry: CacheEntry, subject = "it"): string {
    return (
        `${subject} is there on ${cache.volume || "another device"} for ${cache.source}, ` +
        `but saved is ${volumeName(entry.volume)} for ${entry.source}`
    );
}

function exportDifference(
    entry: ExportEntry,
    { exports }: There,
    { unlinked = [], unrestored = {} }: OwnObjects,
): string[] {
    const one = exports.get(entry.nqn);
    if (one === undefined) {
        return [];
    }
    if (!isSavedExport(one, entry)) {
        return [`${exportWords(one, entry, entry.nqn)}; remove it and restore, or make it persistent as it is.`];
    }
    // Those onto which it is put back in a moment are told as that.
    const soon = new Set(unlinked.filter(({ nqn }) => nqn === entry.nqn).map(({ port }) => port));
    const waiting = entry.ports.filter((id) => !one.ports.includes(id) && !soon.has(id));
    return waiting.map((id) => {
        const failed = unrestored[`${entry.nqn} on port ${id}`];
        const outlook =
            failed === undefined
                ? "restoring puts it there"
                : `the last restore could not put it there: ${withoutStop(failed)}. Restoring tries it again, ` +
                  "making the export persistent saves it as it is";
        return `${entry.nqn} is not on port ${id}, where it is saved; ${outlook}.`;
    });
}

/** Where two exports of one NQN differ. @param subject how the sentence begins */
export function exportWords(
    { device, uuid }: { device: string; uuid: string },
    entry: ExportEntry,
    subject = "it",
): string {
    const what = device || "no device";
    return device === entry.device
        ? `${subject} is there for ${what} with the UUID ${uuid}, but saved is ${entry.uuid}`
        : `${subject} is there for ${what}, but saved is ${entry.device}`;
}
