// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { resolveOrigin } from "./cacheplan.js";
import { originIdentity, type Caches } from "./caches.js";
import type { Ports } from "./ports.js";
import { lockId, type ModelContext } from "./context.js";
import { cacheDiffers, exportDiffers } from "./derivesaved.js";
import { describeExport } from "./exportplan.js";
import { ModelError, toModelError } from "./errors.js";
import { readTarget } from "./exportbacking.js";
import { KernelError } from "../kernel/port.js";
import { deviceKey } from "./identity.js";
import { isSavedPort, portDifference } from "./portplan.js";
import { cacheDifferenceWords, exportDifferenceWords, obstacleWords, portDifferenceWords } from "./problems.js";
import type { SavedExports } from "./savedexports.js";
import { contentBytes, isSavedExport, originDifference, otherVolumeWords, volumeObstacle } from "./savedas.js";
import type { CacheEntry, ExportEntry, VolumeEntry } from "./storage.js";
import type { Volumes } from "./volumes.js";
import { volumeName } from "./values.js";

/** What a restore did: names that were made, and a sentence for each that could not be. */
export interface RestoreReport {
    made: string[];
    failed: string[];
}

/** What a restore did so far, and what is known of each object that it tried. */
interface Attempts extends RestoreReport {
    tried: string[];
    /** Why an object could not be made, by its name. */
    whys: Record<string, string>;
}

const noAttempts = (): Attempts => ({ made: [], failed: [], tried: [], whys: {} });

/** Notes what could not be made and why, which is shown until the next restore. */
async function finish(
    { ownership, log }: ModelContext,
    { made, failed, tried, whys }: Attempts,
): Promise<RestoreReport> {
    await ownership.setUnrestored(tried, whys).catch((error: unknown) => log((error as Error).message));
    return { made, failed };
}

/** What is made again: exports need a network, which comes long after volumes and caches are wanted. */
export type RestorePart = "storage" | "exports";

/** Makes saved ports and exports that are not there: ports first. One that fails does not stop the rest. */
export async function restoreExports(
    context: ModelContext,
    ports: Ports,
    exports: SavedExports,
): Promise<RestoreReport> {
    const report = noAttempts();
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
                    throw new ModelError("AlreadyExists", `${portDifferenceWords(portDifference(there, entry))}.`);
                }
                await (there === undefined ? ports.rebuild(entry) : undefined);
                return there === undefined;
            }),
        );
    }
    for (const entry of target.exports) {
        await restoreExport(context, exports, entry, report);
    }
    const done = await finish(context, report);
    await context.refresher.refreshTarget();
    return done;
}

/** Makes a saved export on the ports that there are, and puts one that is there on those that it lacks. */
async function restoreExport(
    context: ModelContext,
    exports: SavedExports,
    entry: ExportEntry,
    report: Attempts,
): Promise<void> {
    const { nqn } = entry;
    const what = `restore of ${nqn}`;
    const whole = await attempt(
        report,
        nqn,
        async () =>
            context.locks.run(what, await exports.locksOf(entry), async () => {
                const tree = await readTarget(context);
                const there = tree.subsystems.some((one) => one.nqn === nqn) ? describeExport(tree, nqn) : undefined;
                if (there !== undefined && !isSavedExport(there, entry)) {
                    throw new ModelError(
                        "AlreadyExists",
                        `${exportDifferenceWords(exportDiffers(there, entry), "it")}.`,
                    );
                }
                await (there === undefined ? exports.rebuild(entry) : undefined);
                return there === undefined;
            }),
        () => unmade(context, [entry.device]),
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
export async function restore(context: ModelContext, volumes: Volumes, caches: Caches): Promise<RestoreReport> {
    const report = noAttempts();
    for (const entry of context.saved.current.volumes) {
        await attempt(report, volumeName(entry.number), () => restoreVolume(context, volumes, entry));
    }
    let waiting = [...context.saved.current.caches];
    for (let again = true; again && waiting.length > 0;) {
        const left: CacheEntry[] = [];
        const round = noAttempts();
        for (const entry of waiting) {
            const needed = [`/dev/${volumeName(entry.volume)}`, entry.source];
            const work = (): Promise<boolean> => restoreCache(context, caches, entry);
            if (!(await attempt(round, entry.name, work, () => unmade(context, needed)))) {
                left.push(entry);
            }
        }
        report.made.push(...round.made);
        report.tried.push(...round.tried);
        again = round.made.length > 0;
        waiting = left;
        if (!again || left.length === 0) {
            report.failed.push(...round.failed);
            Object.assign(report.whys, round.whys);
        }
    }
    const done = await finish(context, report);
    await context.refresher.refresh();
    return done;
}

/** Finds the first of the devices that is to be made of what is saved and is not there, in words; undefined: there is none. */
function unmade({ saved, tree }: ModelContext, devices: readonly string[]): string | undefined {
    const made = [
        ...saved.current.volumes.map(({ number }) => ({
            name: volumeName(number),
            path: `/dev/${volumeName(number)}`,
        })),
        ...saved.current.caches.map(({ name }) => ({ name, path: `/dev/mapper/${name}` })),
    ].filter(({ name }) => !tree.volumes.has(name) && !tree.caches.has(name));
    const lacked = made.find(({ path }) => devices.includes(path));
    return lacked === undefined ? undefined : `it needs ${lacked.name}, which could not be made`;
}

/**
 * Makes one object; whatever keeps it from being made does not keep others from it.
 * @param work @returns whether it had to be made
 * @param lacks what it needs and is not there, in words, which then is why it failed
 * @returns whether it is there now
 */
async function attempt(
    report: Attempts,
    name: string,
    work: () => Promise<boolean>,
    lacks: () => string | undefined = () => undefined,
): Promise<boolean> {
    report.tried.push(name);
    try {
        if (await work()) {
            report.made.push(name);
        }
        return true;
    } catch (error) {
        const known = error instanceof KernelError ? toModelError(error, name) : (error as Error);
        const lacked = lacks();
        // A sentence may begin with the name as well, which is said once.
        const why = lacked === undefined ? known.message.replace(`${name}: `, "") : `${lacked}.`;
        report.failed.push(`${name} was not restored: ${why}`);
        report.whys[name] = why;
        return false;
    }
}

async function restoreVolume(context: ModelContext, volumes: Volumes, entry: VolumeEntry): Promise<boolean> {
    const { number, size, readOnly, populated } = entry;
    const name = volumeName(number);
    return await context.locks.run(`restore of ${name}`, [lockId.device(name)], async () => {
        const there = (await context.kernel.readRamDisks()).find((disk) => disk.number === number);
        if (there === undefined) {
            await volumes.attach(
                number,
                { size, populated: populated === true, persist: false },
                { readOnly, restoring: true },
            );
            return true;
        }
        if (!(await volumes.isSaved(there))) {
            throw new ModelError("AlreadyExists", `${otherVolumeWords(name, there.size, size)}.`);
        }
        if (readOnly && !there.readOnly) {
            await volumes.refuseInUse(name);
            await context.kernel.setReadOnly(name, true);
        }
        return false;
    });
}

async function restoreCache(context: ModelContext, caches: Caches, entry: CacheEntry): Promise<boolean> {
    const { tree, refresher } = context;
    const there = async (): Promise<boolean> => {
        await refresher.fresh(0);
        const cache = tree.caches.get(entry.name);
        if (cache !== undefined && !cache.persistent) {
            throw new ModelError("AlreadyExists", `${cacheDifferenceWords(cacheDiffers(cache, entry), "it")}.`);
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
        refuseContents(context, entry);
        const other = originDifference(entry.source, await originIdentity(context, originName), entry.origin);
        if (other !== undefined) {
            throw new ModelError("AlreadyExists", `${other}.`);
        }
        await caches.build(await caches.plan(request), entry.source, { saved: entry });
        await refresher.refresh();
        return true;
    });
}

/** What a cache is made of loses its contents: those of a volume that others use under its name are not to be lost. */
function refuseContents({ saved, tree }: ModelContext, entry: CacheEntry): void {
    const name = volumeName(entry.volume);
    const there = tree.volumes.get(name);
    const held = contentBytes({ ...tree.usageOf(name), populated: there?.populated === true });
    const obstacle = volumeObstacle(saved.current, entry, there, held);
    if (obstacle !== undefined) {
        throw new ModelError("AlreadyExists", `${obstacleWords(obstacle)}.`);
    }
}
