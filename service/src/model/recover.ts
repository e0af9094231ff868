// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { isDeepStrictEqual } from "node:util";
import { dropCopies, isHalfMade } from "./cacheremains.js";
import { lockId, type ModelContext } from "./context.js";
import { dropSpareKeys } from "./exportchange.js";
import { usersNow } from "./inuse.js";
import { objectWords, savedWithout } from "./notes.js";
import { isAnother, numberOf } from "./objectnumber.js";
import { reconcileExport, reconcilePort } from "./recovertarget.js";
import {
    volumeEntry,
    type CacheEntry,
    type SavedEntry,
    type Intent,
    type IntentObject,
    type PendingIntent,
    type VolumeEntry,
} from "./storage.js";
import { sweepHosts } from "./targetsteps.js";
import { volumeName } from "./values.js";

/**
 * Puts in order what unfinished work left, oldest first: that of a predecessor that died, and that of a failed operation
 * which could not be undone. The kernel's state is the truth: a live volume or mapping is never taken down. Only a mapping
 * of ours that never got a table is removed, and the saved state is made to say what is there: an object that was being made
 * is kept when it is whole, one that was being removed and is still there keeps its entry. What a restore was making is
 * saved whatever became of it.
 * @returns whether nothing is left to put in order
 */
export async function reconcileNotes(context: ModelContext): Promise<boolean> {
    const { intents, ownership, locks, refresher } = context;
    const before = intents.problems;
    for (const note of [...intents.left]) {
        await locks.run(`settling ${objectWords(note.object)}`, locksOf(note.object), async () => {
            if (!intents.left.includes(note)) {
                return;
            }
            try {
                const outcome = await ownership.during(() => reconcile(context, note));
                await intents.drop(note);
                context.log(`${note.operation} of ${objectWords(note.object)} ${how(note)}: ${outcome}.`);
            } catch (error) {
                const { message } = error as Error;
                if (note.trouble !== message) {
                    context.log(`The interrupted ${note.operation} could not be put in order: ${message}`);
                }
                intents.keep(note, message);
            }
        });
    }
    if (!isDeepStrictEqual(before, intents.problems)) {
        await refresher.rederive();
    }
    return intents.left.length === 0;
}

/** Puts in order what a sudden death of the service left; see {@link reconcileNotes}. */
export async function recover(context: ModelContext): Promise<void> {
    await context.intents.load();
    await reconcileNotes(context);
    if (context.ownership.current.hosts.length > 0) {
        await sweepHosts(context, await context.kernel.readNvmet());
        await context.refresher.refreshTarget();
    }
    // A service that was killed between taking a saved export apart and this step left its keys.
    await dropSpareKeys(context);
    await context.refresher.rederive();
}

/** Lists the lock keys of everything that settling a note touches. */
function locksOf(object: IntentObject): string[] {
    switch (object.kind) {
        case "volume":
            return [lockId.device(volumeName(object.number))];
        case "cache":
            return [lockId.cache(object.name)];
        case "port":
        case "export":
            return [lockId.target];
    }
}

function how({ step, failed }: PendingIntent): string {
    if (failed !== undefined) {
        return "failed and was put in order";
    }
    return `was interrupted ${step === "" ? "before its first step" : `in step ${step}`}`;
}

async function reconcile(context: ModelContext, note: PendingIntent): Promise<string> {
    const { object } = note;
    if (isAnother(note, await numberOf(context.kernel, object))) {
        return "another one is there by now, which was left alone";
    }
    switch (object.kind) {
        case "port":
            return reconcilePort(context, note, object.id, object.want);
        case "export":
            return reconcileExport(context, note, object);
        case "volume":
            return reconcileVolume(context, note, object.number);
        case "cache":
            return reconcileCache(context, note, object.name, object.uuid);
    }
}

/** Says what is to be saved of an object that is there; undefined: what is saved stays as it is. */
function wanted({ before, after, failed }: Intent): SavedEntry | null | undefined {
    return failed === undefined ? (after ?? before) : before;
}

async function reconcileVolume(context: ModelContext, note: Intent, number: number): Promise<string> {
    const { kernel, tree, saved, refresher } = context;
    await refresher.refreshVolumes();
    const name = volumeName(number);
    const volume = tree.volumes.get(name);
    const making = note.operation === "volume-create";
    if (making && note.number === undefined && volume?.managed === false) {
        return "another one is there by now, which was left alone";
    }
    const want = (volume === undefined ? savedWithout(note) : wanted(note)) as VolumeEntry | null | undefined;
    let entry = want;
    if (volume !== undefined && want !== null && want !== undefined) {
        entry = { ...want, ...volumeEntry(volume), ...(making ? { readOnly: want.readOnly } : {}) };
        if (entry.readOnly && !volume.readOnly && (await usersNow(context, name)).length === 0) {
            await kernel.setReadOnly(name, true);
            await refresher.refreshVolumes();
        }
    }
    if (entry !== undefined && !isDeepStrictEqual(saved.volume(number) ?? null, entry)) {
        await saved.putVolume(number, entry);
        await refresher.rederive();
    }
    return volume === undefined ? "it is not there" : `it is there with ${volume.size} bytes`;
}

async function reconcileCache(context: ModelContext, note: Intent, name: string, uuid: string): Promise<string> {
    const { kernel, tree, saved, refresher } = context;
    const { snapshot } = await refresher.fresh(0);
    const mapping = snapshot.mappings.find((one) => one.name === name);
    if (mapping !== undefined && mapping.uuid === uuid && isHalfMade(mapping)) {
        await kernel.removeMapping(name);
        const entry = (note.after ?? note.before) as CacheEntry | null | undefined;
        if (entry !== null && entry !== undefined) {
            await dropCopies(context, { name, mode: entry.mode, volume: volumeName(entry.volume) });
        }
        await refresher.refresh();
    }
    const cache = tree.caches.get(name);
    const want = (cache === undefined ? savedWithout(note) : wanted(note)) as CacheEntry | null | undefined;
    const entry =
        want === null || want === undefined || cache === undefined || cache.mode === "pass-through"
            ? want
            : { ...want, mode: cache.mode };
    if (entry !== undefined && !isDeepStrictEqual(saved.cache(name) ?? null, entry)) {
        const volume = cache === undefined ? undefined : tree.volumes.get(cache.volume);
        await saved.putCache(name, entry, entry === null || volume === undefined ? undefined : volumeEntry(volume));
        await refresher.refresh();
    }
    return cache === undefined ? "it is not there" : "it is there";
}
