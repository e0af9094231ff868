// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Where what is saved and what is there differ, a sentence each: the same that Restore would say. */
import { volumeName, type Derived, type Known } from "./derive.js";
import { isSavedPort, portDifference } from "./portplan.js";
import { isSavedExport } from "./savedas.js";
import type { CacheEntry, ExportEntry, OwnObjects, SavedState, VolumeEntry } from "./storage.js";

type There = Pick<Derived, "volumes" | "caches" | "ports" | "exports">;

/** Saved objects that are not there, each with what it lacks to be made again. */
export function missingObjects(saved: SavedState, there: There): { name: string; words: string }[] {
    const { ports: savedPorts = [], exports: savedExports = [] } = saved.target ?? {};
    const gone = (name: string, lacks: string | undefined, what = name): { name: string; words: string } => ({
        name,
        words:
            lacks === undefined
                ? `${what} is saved but not there; Restore makes it again, Forget drops it.`
                : `${what} is saved but not there, and ${lacks}, which it needs, is neither there nor saved; ` +
                  `create that, or Forget ${name}.`,
    });
    return [
        ...saved.volumes
            .map((entry) => volumeName(entry.number))
            .filter((name) => !there.volumes.has(name))
            .map((name) => gone(name, undefined)),
        ...saved.caches
            .filter((entry) => !there.caches.has(entry.name))
            .map((entry) => gone(entry.name, lacking(volumeName(entry.volume), saved, there))),
        ...savedPorts
            .filter((entry) => !there.ports.has(String(entry.id)))
            .map((entry) => gone(String(entry.id), undefined, `Port ${entry.id}`)),
        ...savedExports
            .filter((entry) => !there.exports.has(entry.nqn))
            .map((entry) => gone(entry.nqn, lackingFor(entry, saved, there))),
    ];
}

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
    return lacking(entry.device.replace(/^\/dev\/(mapper\/)?/, ""), saved, there) ?? ports;
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
                : [`${portDifference(port, entry)}; remove it and Restore, or save it as it is.`];
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
            `${name} is there with ${volume.size} bytes, but saved are ${entry.size}; ` +
                "remove it and Restore, or save it as it is.",
        ];
    }
    return entry.readOnly && !volume.readOnly
        ? [`${name} is saved as locked, but can be written; Restore locks it, unlocking it saves that.`]
        : [];
}

function cacheDifference(entry: CacheEntry, { caches }: There): string[] {
    const cache = caches.get(entry.name);
    return cache === undefined || cache.persistent
        ? []
        : [`${cacheWords(cache, entry, entry.name)}; remove it and Restore, or save it as it is.`];
}

/** Where two caches of one name differ. @param subject how the sentence begins */
export function cacheWords(cache: { volume: string; source: string }, entry: CacheEntry, subject = "it"): string {
    return (
        `${subject} is there on ${cache.volume || "another device"} for ${cache.source}, ` +
        `but saved is ${volumeName(entry.volume)} for ${entry.source}`
    );
}

function exportDifference(entry: ExportEntry, { exports }: There, { unlinked = [] }: OwnObjects): string[] {
    const one = exports.get(entry.nqn);
    if (one === undefined) {
        return [];
    }
    if (!isSavedExport(one, entry)) {
        return [`${exportWords(one, entry, entry.nqn)}; remove it and Restore, or save it as it is.`];
    }
    // Those onto which it is put back in a moment are told as that.
    const soon = new Set(unlinked.filter(({ nqn }) => nqn === entry.nqn).map(({ port }) => port));
    const waiting = entry.ports.filter((id) => !one.ports.includes(id) && !soon.has(id));
    return waiting.length === 0
        ? []
        : [`${entry.nqn} is not on port ${waiting.join(", ")}, where it is saved; Restore puts it there.`];
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
