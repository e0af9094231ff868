// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { resolveOrigin } from "./cacheplan.js";
import type { Caches } from "./caches.js";
import type { Ports } from "./ports.js";
import { lockId, type Context } from "./context.js";
import { volumeName } from "./derive.js";
import { cacheWords, exportWords } from "./derivesaved.js";
import { describeExport } from "./exportplan.js";
import { ModelError, toModelError } from "./errors.js";
import { KernelError } from "../kernel/port.js";
import { deviceKey } from "./identity.js";
import { isSavedPort, portDifference } from "./portplan.js";
import type { SavedExports } from "./savedexports.js";
import { isSavedExport, isSavedVolume } from "./savedas.js";
import type { CacheEntry, ExportEntry, VolumeEntry } from "./storage.js";
import type { Volumes } from "./volumes.js";

/** What a restore did: names that were made, and a sentence for each that could not be. */
export interface RestoreReport {
    made: string[];
    failed: string[];
}

/** What is made again: exports need a network, which comes long after volumes and caches are wanted. */
export type RestorePart = "storage" | "exports";

/** Makes saved ports and exports that are not there: ports first. One that fails does not stop the rest. */
export async function restoreExports(context: Context, ports: Ports, exports: SavedExports): Promise<RestoreReport> {
    const report: RestoreReport = { made: [], failed: [] };
    const { target } = context.saved;
    const { kernel } = context;
    if (target.ports.length + target.exports.length > 0 && !(await kernel.readNvmet()).present) {
        // What fails for want of it says so.
        await kernel.loadModule("nvmet").catch((error: unknown) => context.log((error as Error).message));
        await context.refresher.refresh();
    }
    // Others may have been at it until now.
    await context.refresher.refreshTarget();
    for (const entry of target.ports) {
        await attempt(report, `port ${entry.id}`, () =>
            context.locks.run(`restore of port ${entry.id}`, [lockId.target], async () => {
                const there = (await context.kernel.readNvmet()).ports.find((one) => one.id === entry.id);
                if (there !== undefined && !isSavedPort(there, entry)) {
                    throw new ModelError("AlreadyExists", `${portDifference(there, entry)}.`);
                }
                await (there === undefined ? ports.rebuild(entry) : undefined);
                return there === undefined;
            }),
        );
    }
    for (const entry of target.exports) {
        await restoreExport(context, exports, entry, report);
    }
    await context.refresher.refreshTarget();
    return report;
}

/** Makes a saved export on the ports that there are, and puts one that is there on those that it lacks. */
async function restoreExport(
    context: Context,
    exports: SavedExports,
    entry: ExportEntry,
    report: RestoreReport,
): Promise<void> {
    const { nqn } = entry;
    const what = `restore of ${nqn}`;
    const whole = await attempt(report, nqn, async () =>
        context.locks.run(what, await exports.locksOf(entry), async () => {
            const tree = await context.kernel.readNvmet();
            const there = tree.subsystems.some((one) => one.nqn === nqn) ? describeExport(tree, nqn) : undefined;
            if (there !== undefined && !isSavedExport(there, entry)) {
                throw new ModelError("AlreadyExists", `${exportWords(there, entry)}.`);
            }
            await (there === undefined ? exports.rebuild(entry) : undefined);
            return there === undefined;
        }),
    );
    if (!whole) {
        return;
    }
    const { ports } = await context.kernel.readNvmet();
    const on = new Set(ports.filter((port) => port.subsystems.includes(nqn)).map((port) => port.id));
    for (const id of entry.ports.filter((one) => !on.has(one))) {
        await attempt(report, `${nqn} on port ${id}`, () =>
            context.locks.run(what, [lockId.target], () => exports.putOnSavedPort(nqn, id)),
        );
    }
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
            if (!(await attempt(round, entry.name, () => restoreCache(context, caches, entry)))) {
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

/**
 * Makes one object; whatever keeps it from being made does not keep others from it.
 * @param work @returns whether it had to be made
 * @returns whether it is there now
 */
async function attempt(report: RestoreReport, name: string, work: () => Promise<boolean>): Promise<boolean> {
    try {
        if (await work()) {
            report.made.push(name);
        }
        return true;
    } catch (error) {
        const known = error instanceof KernelError ? toModelError(error, name) : (error as Error);
        report.failed.push(`${name} was not restored: ${known.message}`);
        return false;
    }
}

async function restoreVolume(context: Context, volumes: Volumes, entry: VolumeEntry): Promise<boolean> {
    const { number, size, readOnly } = entry;
    const name = volumeName(number);
    return await context.locks.run(`restore of ${name}`, [lockId.device(name)], async () => {
        const there = (await context.kernel.readRamDisks()).find((disk) => disk.number === number);
        if (there === undefined) {
            await volumes.attach(number, size, false, { readOnly });
            return true;
        }
        if (!isSavedVolume(there, entry)) {
            throw new ModelError("AlreadyExists", `it is there with ${there.size} bytes, saved are ${size}.`);
        }
        if (readOnly && !there.readOnly) {
            await volumes.refuseInUse(name);
            await context.kernel.setReadOnly(name, true);
        }
        return false;
    });
}

async function restoreCache(context: Context, caches: Caches, entry: CacheEntry): Promise<boolean> {
    const { tree, refresher } = context;
    const there = async (): Promise<boolean> => {
        await refresher.fresh(0);
        const cache = tree.caches.get(entry.name);
        if (cache !== undefined && !cache.persistent) {
            throw new ModelError("AlreadyExists", `${cacheWords(cache, entry)}.`);
        }
        return cache !== undefined;
    };
    if (await there()) {
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
    return await context.locks.run(`restore of ${entry.name}`, [...devices, lockId.cache(entry.name)], async () => {
        // Another restore may have been at it until now.
        if (await there()) {
            return false;
        }
        refuseOtherVolume(context, entry);
        await caches.build(await caches.plan(request), entry.source, false);
        await refresher.refresh();
        return true;
    });
}

/** What a cache is made of loses its contents: those of a volume that others made under the number are not to be lost. */
function refuseOtherVolume({ saved, tree }: Context, { volume: number }: CacheEntry): void {
    const name = volumeName(number);
    const there = tree.volumes.get(name);
    const meant = saved.volume(number);
    if (there !== undefined && meant !== undefined && !isSavedVolume(there, meant)) {
        throw new ModelError(
            "AlreadyExists",
            `${name} is another volume: it is there with ${there.size} bytes, saved are ${meant.size}.`,
        );
    }
}
