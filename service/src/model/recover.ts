// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { isHalfMade } from "./caches.js";
import type { Context } from "./context.js";
import { volumeName } from "./derive.js";
import { settleExport, settlePort } from "./recovertarget.js";
import { volumeEntry, type CacheEntry, type PendingIntent, type VolumeEntry } from "./storage.js";
import { sweepHosts } from "./targetsteps.js";

/**
 * Puts in order what a sudden death of the service left. The kernel's state is the truth: a live volume or mapping is
 * never taken down. Only a mapping of ours that never got a table is removed, and the saved state is made to say what is
 * there: an object that was being made is kept when it is whole, one that was being removed and is still there keeps its
 * entry.
 */
export async function recover(context: Context): Promise<void> {
    for (const intent of await context.intents.pending()) {
        try {
            await context.own.during(() => settleIntent(context, intent));
            await context.intents.forget(intent.id);
        } catch (error) {
            context.log(`The interrupted ${intent.operation} could not be put in order: ${(error as Error).message}`);
        }
    }
    if (context.own.current.hosts.length > 0) {
        await sweepHosts(context, await context.kernel.readNvmet());
        await context.refresher.refreshTarget();
    }
}

async function settleIntent(context: Context, intent: PendingIntent): Promise<void> {
    const { object } = intent;
    const where = intent.step === "" ? "before its first step" : `in step ${intent.step}`;
    if (object.kind === "port") {
        const outcome = await settlePort(context, intent, object.id, object.want);
        context.log(`${intent.operation} of port ${object.id} was interrupted ${where}: ${outcome}.`);
    } else if (object.kind === "export") {
        const outcome = await settleExport(context, intent, object);
        context.log(`${intent.operation} of ${object.nqn} was interrupted ${where}: ${outcome}.`);
    } else if (object.kind === "volume") {
        const outcome = await settleVolume(context, intent, object.number);
        context.log(`${intent.operation} of ${volumeName(object.number)} was interrupted ${where}: ${outcome}.`);
    } else {
        const outcome = await settleCache(context, intent, object.name, object.uuid);
        context.log(`${intent.operation} of ${object.name} was interrupted ${where}: ${outcome}.`);
    }
}

async function settleVolume(context: Context, intent: PendingIntent, number: number): Promise<string> {
    const { tree, saved, refresher } = context;
    const volume = tree.volumes.get(volumeName(number));
    const wanted = (intent.after ?? intent.before) as VolumeEntry | null;
    const entry = volume === undefined || wanted === null ? null : { ...wanted, ...volumeEntry(volume) };
    // A volume that is not there but was not being removed either was lost with its kernel module: its entry stays.
    if (volume !== undefined || intent.operation === "volume-remove" || intent.operation === "volume-create") {
        await saved.putVolume(number, entry);
        await refresher.rederive();
    }
    return volume === undefined ? "it is not there" : `it is there with ${volume.size} bytes`;
}

async function settleCache(context: Context, intent: PendingIntent, name: string, uuid: string): Promise<string> {
    const { kernel, tree, saved, refresher } = context;
    const { snapshot } = await refresher.fresh(1000);
    const mapping = snapshot.mappings.find((one) => one.name === name);
    if (mapping !== undefined && mapping.uuid === uuid && isHalfMade(mapping)) {
        await kernel.removeMapping(name);
        await refresher.refresh();
    }
    const cache = tree.caches.get(name);
    const wanted = (intent.after ?? intent.before) as CacheEntry | null;
    const entry =
        cache === undefined || wanted === null
            ? null
            : { ...wanted, mode: cache.mode === "pass-through" ? wanted.mode : cache.mode };
    if (cache !== undefined || intent.operation === "cache-remove" || intent.operation === "cache-create") {
        const volume = cache === undefined ? undefined : tree.volumes.get(cache.volume);
        await saved.putCache(name, entry, entry === null || volume === undefined ? undefined : volumeEntry(volume));
        await refresher.rederive();
    }
    return cache === undefined ? "it is not there" : "it is there";
}
