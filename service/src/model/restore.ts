// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { resolveOrigin } from "./cacheplan.js";
import type { Caches } from "./caches.js";
import type { Exports } from "./exports.js";
import type { Ports } from "./ports.js";
import { lockId, type Context } from "./context.js";
import { volumeName } from "./derive.js";
import { ModelError, toModelError } from "./errors.js";
import { deviceKey } from "./identity.js";
import { isSavedPort, portDifference } from "./portplan.js";
import type { CacheEntry, VolumeEntry } from "./storage.js";
import type { Volumes } from "./volumes.js";

/** What a restore did: names that were made, and a sentence for each that could not be. */
export interface RestoreReport {
    made: string[];
    failed: string[];
}

/** What is made again: exports need a network, which comes long after volumes and caches are wanted. */
export type RestorePart = "storage" | "exports";

/** Makes saved ports and exports that are not there: ports first. One that fails does not stop the rest. */
export async function restoreExports(context: Context, ports: Ports, exports: Exports): Promise<RestoreReport> {
    const report: RestoreReport = { made: [], failed: [] };
    const { target } = context.saved;
    const { kernel } = context;
    if (target.ports.length + target.exports.length > 0 && !(await kernel.readNvmet()).present) {
        // What fails for want of it says so.
        await kernel.loadModule("nvmet").catch((error: unknown) => context.log((error as Error).message));
        await context.refresher.refresh();
    }
    for (const entry of target.ports) {
        const there = context.tree.ports.get(String(entry.id));
        await attempt(report, `port ${entry.id}`, async () => {
            if (there !== undefined && !isSavedPort(there, entry)) {
                throw new ModelError("AlreadyExists", `${portDifference(there, entry)}.`);
            }
            await (there === undefined
                ? context.locks.run(`restore of port ${entry.id}`, [lockId.target], () => ports.rebuild(entry))
                : undefined);
            return there === undefined;
        });
    }
    for (const entry of target.exports) {
        const there = context.tree.exports.get(entry.nqn);
        await attempt(report, entry.nqn, async () => {
            if (there !== undefined && there.device !== entry.device) {
                const device = there.device === "" ? "no device" : there.device;
                throw new ModelError("AlreadyExists", `it is there for ${device}, but saved is ${entry.device}.`);
            }
            if (there === undefined) {
                const locks = await exports.locksOf(entry);
                await context.locks.run(`restore of ${entry.nqn}`, locks, () => exports.rebuild(entry));
            }
            return there === undefined;
        });
    }
    await context.refresher.refreshTarget();
    return report;
}

/**
 * Makes what is saved and not there: volumes first, then caches, one that lies on another after it. One that fails does
 * not stop the rest.
 */
export async function restore(context: Context, volumes: Volumes, caches: Caches): Promise<RestoreReport> {
    const report: RestoreReport = { made: [], failed: [] };
    for (const entry of context.saved.current.volumes) {
        await attempt(report, volumeName(entry.number), () => restoreVolume(context, volumes, entry));
    }
    let waiting = [...context.saved.current.caches];
    for (let again = true; again && waiting.length > 0;) {
        const left: CacheEntry[] = [];
        const round: RestoreReport = { made: [], failed: [] };
        for (const entry of waiting) {
            const failures = round.failed.length;
            await attempt(round, entry.name, () => restoreCache(context, caches, entry));
            if (round.failed.length > failures) {
                left.push(entry);
            }
        }
        report.made.push(...round.made);
        again = round.made.length > 0;
        waiting = left;
        if (!again || left.length === 0) {
            report.failed.push(...round.failed);
        }
    }
    await context.refresher.refresh();
    return report;
}

async function attempt(report: RestoreReport, name: string, work: () => Promise<boolean>): Promise<void> {
    try {
        if (await work()) {
            report.made.push(name);
        }
    } catch (error) {
        report.failed.push(`${name} was not restored: ${toModelError(error, name).message}`);
    }
}

async function restoreVolume(context: Context, volumes: Volumes, entry: VolumeEntry): Promise<boolean> {
    const name = volumeName(entry.number);
    const there = context.tree.volumes.get(name);
    if (there !== undefined) {
        if (there.size !== entry.size) {
            throw new ModelError("AlreadyExists", `it is there with ${there.size} bytes, saved are ${entry.size}.`);
        }
        return false;
    }
    await context.locks.run(`restore of ${name}`, [lockId.device(name)], () =>
        volumes.attach(entry.number, entry.size, false, entry.readOnly),
    );
    return true;
}

async function restoreCache(context: Context, caches: Caches, entry: CacheEntry): Promise<boolean> {
    if (context.tree.caches.has(entry.name)) {
        return false;
    }
    const originName = await resolveOrigin(context, entry.source);
    const request = {
        volumeName: volumeName(entry.volume),
        originName,
        source: entry.source,
        mode: entry.mode,
        name: entry.name,
    };
    const devices = [lockId.device(request.volumeName), await deviceKey(context, originName)];
    await context.locks.run(`restore of ${entry.name}`, [...devices, lockId.cache(entry.name)], async () => {
        await caches.build(await caches.plan(request), entry.source, false);
    });
    await context.refresher.refresh();
    return true;
}
