// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { RamDisk } from "../kernel/port.js";
import { MAX_RAM_DISK_NUMBER } from "../kernel/names.js";
import { lockId, type ModelContext } from "./context.js";
import { ModelError, toModelError } from "./errors.js";
import { otherIsThere } from "./forget.js";
import { identify, refuseOther } from "./identity.js";
import { usersNow } from "./inuse.js";
import { matchKey } from "./matching.js";
import { runPlan, type Step } from "./plan.js";
import { busy, retryWhileBusy } from "./retrybusy.js";
import { isSavedVolume, otherVolumeWords, savedOnDevice } from "./savedas.js";
import { volumeStatistics } from "./statistics.js";
import type { Notes } from "./notes.js";
import { volumeEntry, type Intent, type VolumeEntry } from "./storage.js";
import type { Authorize, Operation, Permission, Volume } from "./types.js";
import { tellHosts } from "./tellhosts.js";
import { checkNumber, checkSize, formatBytes, volumeName } from "./values.js";
import { givenBack, type VolumeChange } from "./volumechange.js";

/** How a RAM disk is made. */
interface NewVolume {
    size: number;
    /** All of its memory is allocated at once. */
    populated: boolean;
    persist: boolean;
}

/** What may be done with RAM disks. Each method: check, ask permission, check again under lock, act, read back. */
export class Volumes {
    /** Numbers promised to creations under way, so that two do not ask permission for the same name. */
    private readonly promised = new Set<number>();

    constructor(private readonly context: ModelContext) {}

    /** Finds a volume by its name. @throws ModelError NotFound */
    get(name: string): Volume {
        const volume = this.context.tree.volumes.get(name);
        if (volume === undefined) {
            throw new ModelError("NotFound", `There is no volume ${name}.`);
        }
        return volume;
    }

    /**
     * Creates a RAM disk.
     * @param size bytes, a multiple of 512, at least 4096
     * @param options number: the N of rdN, default the lowest free one; populate: allocate all of its memory at once;
     * persist: make it again at each boot
     * @returns its name
     * @throws ModelError InvalidArgument, AlreadyExists, NoMemory, NotSupported (module not loaded), LimitsExceeded
     */
    async create(
        size: number,
        options: { number?: number; populate?: boolean; persist?: boolean },
        authorize: Authorize,
    ): Promise<string> {
        checkSize(size);
        if (options.number !== undefined) {
            checkNumber(options.number);
        }
        this.needModule();
        let number = options.number ?? this.freeNumber();
        this.refuseTaken(volumeName(number));
        this.promised.add(number);
        const lost = new Set<number>();
        try {
            const [populated, persist] = [options.populate === true, options.persist === true];
            await authorize([permission("volume-create", volumeName(number), { size, populate: populated, persist })]);
            for (;;) {
                try {
                    return await this.attachLocked(number, { size, populated, persist }, authorize.cookie);
                } catch (error) {
                    const taken = error instanceof ModelError && error.kind === "AlreadyExists";
                    if (!taken || options.number !== undefined) {
                        throw error;
                    }
                    // Others took the number meanwhile: who asked for no certain one gets the next.
                    await this.context.refresher.refreshVolumes();
                    lost.add(number);
                    this.promised.delete(number);
                    number = this.freeNumber(lost);
                    this.promised.add(number);
                }
            }
        } finally {
            this.promised.delete(number);
        }
    }

    private async attachLocked(number: number, wanted: NewVolume, cookie?: string): Promise<string> {
        const name = volumeName(number);
        await this.context.locks.run(`volume-create of ${name}`, [lockId.device(name)], () =>
            this.attach(number, wanted, { cookie }),
        );
        return name;
    }

    /**
     * Changes the size. Growing works while in use.
     * @param size bytes, a multiple of 512, at least 4096
     * @throws ModelError InvalidArgument, NotFound, NoMemory, Busy (shrinking below data or while in use)
     */
    async resize(name: string, size: number, authorize: Authorize): Promise<void> {
        checkSize(size);
        const before = this.get(name).size;
        const asked = permission("volume-resize", name, { size, "old-size": before });
        await this.change("volume-resize", name, asked, authorize, async (disk) => {
            const { kernel } = this.context;
            if (size < disk.size) {
                await this.refuseInUse(name);
                this.refuseDataBeyond(name, disk, size);
            } else if (size === disk.size) {
                return undefined;
            }
            return {
                ...(size > disk.size ? { grows: size, atOnce: disk.populated } : {}),
                step: {
                    name: "resize",
                    run: async () => {
                        await retryWhileBusy(this.context, name, name, () => kernel.resizeRamDisk(disk.number, size));
                        await tellHosts(this.context, name);
                    },
                    undo: () =>
                        retryWhileBusy(this.context, name, name, () => kernel.resizeRamDisk(disk.number, disk.size)),
                },
                entry: (old) => ({ ...old, size }),
            };
        });
    }

    /** Locks or unlocks. Locking is refused while in use: a writer would lose what is not written yet. */
    async setReadOnly(name: string, readOnly: boolean, authorize: Authorize): Promise<void> {
        const asked = permission("volume-lock", name, { "read-only": readOnly });
        await this.change("volume-lock", name, asked, authorize, async (disk) => {
            if (disk.readOnly === readOnly) {
                return { entry: (old) => ({ ...old, readOnly }) };
            }
            if (readOnly) {
                await this.refuseInUse(name);
            }
            const { kernel } = this.context;
            return {
                step: {
                    name: "set-read-only",
                    run: () => retryWhileBusy(this.context, name, name, () => kernel.setReadOnly(name, readOnly)),
                    undo: () => kernel.setReadOnly(name, disk.readOnly),
                },
                entry: (old) => ({ ...old, readOnly }),
            };
        });
    }

    /** Drops the contents and gives their memory back, unless the volume is populated. @throws ModelError NotFound, Busy, Failed (locked), NotSupported */
    async erase(name: string, authorize: Authorize): Promise<void> {
        await this.change("volume-erase", name, permission("volume-erase", name, {}), authorize, async (disk) => {
            await this.refuseInUse(name);
            if (disk.readOnly) {
                throw new ModelError("Failed", `${name} is locked (EROFS); unlock it before erasing.`);
            }
            const { kernel } = this.context;
            return {
                step: {
                    name: "erase",
                    run: () => retryWhileBusy(this.context, name, name, () => kernel.eraseRamDisk(disk.number)),
                },
                newContents: true,
                givesBack: true,
            };
        });
    }

    /** Removes the volume with its contents, and its entry in the saved state. @throws ModelError NotFound, Busy */
    async remove(name: string, authorize: Authorize): Promise<void> {
        await this.change(
            "volume-remove",
            name,
            permission("volume-remove", name, {}),
            authorize,
            async (disk, sequence) => {
                await this.refuseInUse(name);
                this.refuseNeeded(disk, sequence);
                const { kernel, ownership } = this.context;
                return {
                    step: {
                        name: "detach",
                        run: async () => {
                            await retryWhileBusy(this.context, name, name, () => kernel.detachRamDisk(disk.number));
                            // What stays noted of it is found out by the next reading.
                            await ownership.dropVolume(name).catch(() => undefined);
                            if (this.context.saved.volume(disk.number) === undefined) {
                                await ownership.match(matchKey("volume", disk.number)).catch(() => undefined);
                            }
                        },
                    },
                    entry: () => null,
                    saveFirst: true,
                    newContents: true,
                };
            },
        );
    }

    /** Has a volume restored at each boot, or no more. @throws ModelError Busy when saved objects need it, Failed */
    async setPersistent(name: string, persistent: boolean, authorize: Authorize): Promise<void> {
        const asked = permission("configuration", name, { persist: persistent });
        await this.change("volume-persist", name, asked, authorize, async (disk, sequence) => {
            const { saved } = this.context;
            saved.refuseDamaged();
            if (!persistent && saved.volume(disk.number) !== undefined && this.savedAs(disk, sequence) === null) {
                throw otherIsThere(name);
            }
            if (persistent) this.refuseExported(disk, sequence);
            else this.refuseNeeded(disk, sequence);
            const entry = volumeEntry(disk);
            return { entry: () => (persistent ? entry : null), always: true };
        });
        // Whether caches and exports that are saved can be restored depends on it.
        await this.context.refresher.rederive();
    }

    /** Reads the I/O statistics by name, and used, errors and highest_written; all in bytes, counts or ms as the names say. */
    async statistics(name: string): Promise<Record<string, number>> {
        const { kernel, refresher, tree } = this.context;
        this.get(name);
        try {
            const io = await kernel.readIoCounters(name);
            await refresher.freshUsage(0);
            return volumeStatistics(tree.usageOf(name), io);
        } catch (error) {
            throw toModelError(error, name);
        }
    }

    /**
     * Refuses work on a volume that anything uses now, by a fresh look at it and all that is stacked on it.
     * @throws ModelError Busy
     */
    async refuseInUse(name: string): Promise<void> {
        const users = await usersNow(this.context, name);
        if (users.length > 0) {
            throw busy(name, users);
        }
    }

    /** Refuses for a volume without which saved objects could not be made again. @throws ModelError Busy naming them */
    private refuseNeeded(disk: RamDisk, sequence: number): void {
        const name = volumeName(disk.number);
        const needed = savedOnDevice(this.context.saved.current, `/dev/${name}`);
        if (needed.length > 0 && this.savedAs(disk, sequence) !== null) {
            throw busy(name, needed);
        }
    }

    /**
     * Refuses to save a volume in the place of another one that saved exports give to hosts: they would get its contents under
     * the identity of those they know. @throws ModelError Busy naming the exports
     */
    private refuseExported(disk: RamDisk, sequence: number): void {
        const { saved } = this.context;
        const [name, entry] = [volumeName(disk.number), saved.volume(disk.number)];
        const exports = saved.target.exports.filter((one) => one.device === `/dev/${name}`).map((one) => one.nqn);
        if (entry !== undefined && exports.length > 0 && this.savedAs(disk, sequence) === null) {
            throw new ModelError(
                "Busy",
                `${otherVolumeWords(name, disk.size, entry.size)}, and that is exported: ${exports.join(", ")}. ` +
                    "Forget the export first, or its hosts would get other contents under the identity that they know.",
            );
        }
    }

    /**
     * Finds what is saved of a disk; undefined: nothing under its number; null: what is saved there is another one.
     * @param now the kernel's number of the disk
     */
    private savedAs(disk: RamDisk, now: number): VolumeEntry | null | undefined {
        const { ownership, saved } = this.context;
        const entry = saved.volume(disk.number);
        const matched = ownership.current.matched?.[matchKey("volume", disk.number)];
        return entry === undefined || isSavedVolume(disk, entry, { matched, now }) ? entry : null;
    }

    /** Tells whether the disk that is there now under a saved number is the saved one. */
    async isSaved(disk: RamDisk): Promise<boolean> {
        const name = volumeName(disk.number);
        const now = (await this.context.kernel.sequences([name])).get(name);
        return now !== undefined && Boolean(this.savedAs(disk, now));
    }

    /**
     * Makes a RAM disk, under lock.
     * @param options restoring: it is the saved one of its number; else, unless it is to be saved, it is another one
     */
    async attach(
        number: number,
        { size, populated, persist }: NewVolume,
        {
            readOnly = false,
            restoring = false,
            cookie,
        }: { readOnly?: boolean; restoring?: boolean; cookie?: string | undefined } = {},
    ): Promise<void> {
        const { kernel, saved, ownership, intents, jobs, refresher, reservations } = this.context;
        const name = volumeName(number);
        const entry = volumeEntry({ number, size, readOnly, populated });
        try {
            const refuseTaken = (disks: readonly RamDisk[]): void => {
                if (disks.some((disk) => disk.number === number)) {
                    throw taken(name);
                }
            };
            const steps = [
                {
                    name: "attach",
                    run: async () => {
                        await ownership.match(matchKey("volume", number), meant ? undefined : 0);
                        await ownership.makeVolume(
                            name,
                            () => kernel.attachRamDisk(number, size, { populate: populated }),
                            async () => (await kernel.sequences([name])).get(name),
                        );
                    },
                    undo: () => retryWhileBusy(this.context, name, name, () => kernel.detachRamDisk(number)),
                },
                ...(readOnly
                    ? [
                          {
                              name: "lock",
                              run: () => retryWhileBusy(this.context, name, name, () => kernel.setReadOnly(name, true)),
                          },
                      ]
                    : []),
                ...(persist ? saved.volumeStep(number, entry) : []),
            ];
            const before = saved.volume(number) ?? null;
            const meant = persist || restoring || before === null;
            const intent: Intent = {
                operation: "volume-create",
                object: { kind: "volume", number },
                ...(meant ? saved.noted(before, persist ? entry : before) : {}),
            };
            const run = (): Promise<void> =>
                jobs.watch(
                    "volume-create",
                    [{ kind: "volume", id: name }],
                    () =>
                        runVolumePlan(steps, intents, intent).catch((error: unknown) => {
                            throw toModelError(error, name);
                        }),
                    undefined,
                    cookie,
                );
            await reservations.during({ what: name, number, size, atOnce: populated }, run, refuseTaken);
            const made = ownership.current.volumes.find((volume) => volume.name === name)?.sequence;
            if (saved.volume(number) !== undefined && meant && made !== undefined) {
                await ownership.match(matchKey("volume", number), made).catch(() => undefined);
            }
        } catch (error) {
            throw toModelError(error, name);
        } finally {
            await refresher.readBack(() => refresher.refreshVolume(number));
        }
    }

    /**
     * Makes a change to one volume in the order of all of them: asks for permission, and acts on the very disk that was asked
     * about.
     * @param prepare checks again, under lock, on the disk as it is now
     */
    private async change(
        operation: Operation,
        name: string,
        asked: Permission,
        authorize: Authorize,
        prepare: (disk: RamDisk, sequence: number) => Promise<VolumeChange | undefined>,
    ): Promise<void> {
        const { kernel, saved, ownership, intents, refresher, reservations, jobs } = this.context;
        const { number } = this.get(name);
        const identity = await identify(this.context, name, `volume ${name}`);
        await authorize([asked]);
        await this.context.locks.run(`${operation} of ${name}`, [lockId.device(name)], async () => {
            try {
                const [disk] = await kernel.readRamDisks([number]);
                if (disk === undefined) {
                    throw new ModelError("NotFound", `There is no volume ${name}; it was removed meanwhile (ENODEV).`);
                }
                await refuseOther(this.context, identity);
                const sequence = Number(identity.mark);
                const change = await prepare(disk, sequence);
                if (change === undefined) {
                    return;
                }
                const known = saved.volume(disk.number) ?? null;
                // What is saved of another one of this number stays until this one is saved in its place.
                const before = this.savedAs(disk, sequence) ?? null;
                const base = before ?? (change.always ? volumeEntry({ ...disk, readOnly: false }) : null);
                const after = change.entry !== undefined && base !== null ? change.entry(base) : before;
                const shadowed = known !== null && before === null && after === null;
                if (before === null && after !== null) {
                    await ownership.match(matchKey("volume", disk.number), sequence);
                }
                const save = shadowed ? [] : saved.volumeStep(disk.number, after);
                const act = [
                    ...(change.newContents === true && ownership.current.devices.includes(name)
                        ? [saved.newContentsStep(name, ownership)]
                        : []),
                    ...(change.step === undefined ? [] : [change.step]),
                ];
                const steps = change.saveFirst ? [...save, ...act] : [...act, ...save];
                const object = { kind: "volume" as const, number: disk.number };
                const intent = { operation, object, ...(shadowed ? {} : saved.noted(known, after)) };
                // Giving back the memory of a large volume takes its time.
                const perform = (): Promise<void> =>
                    jobs.watch(
                        operation,
                        [{ kind: "volume", id: name }],
                        () =>
                            runVolumePlan(steps, intents, intent).catch((error: unknown) => {
                                throw toModelError(error, name);
                            }),
                        change.givesBack ? () => givenBack(kernel, disk) : undefined,
                        authorize.cookie,
                    );
                await (change.grows === undefined
                    ? perform()
                    : reservations.during(
                          {
                              what: `Growing ${name}`,
                              number: disk.number,
                              size: change.grows,
                              atOnce: change.atOnce === true,
                          },
                          perform,
                      ));
            } catch (error) {
                throw toModelError(error, name);
            } finally {
                await refresher.readBack(() => refresher.refreshVolume(number));
            }
        });
    }

    private needModule(): void {
        if (this.context.tree.host.modules.rapiddisk !== true) {
            throw new ModelError(
                "NotSupported",
                "The kernel module rapiddisk is not loaded (ENOENT): load the missing modules first.",
            );
        }
    }

    /**
     * Finds a number that no volume has, nor a saved one that may be made again.
     * @param lost numbers that turned out to be taken
     */
    private freeNumber(lost: ReadonlySet<number> = new Set()): number {
        const { saved, tree } = this.context;
        const numbers = new Set(saved.current.volumes.map((entry) => entry.number));
        tree.volumes.forEach((volume) => numbers.add(volume.number));
        for (let number = 0; number <= MAX_RAM_DISK_NUMBER; number++) {
            if (!numbers.has(number) && !this.promised.has(number) && !lost.has(number)) {
                return number;
            }
        }
        throw new ModelError("LimitsExceeded", "Every volume number is taken.");
    }

    private refuseTaken(name: string): void {
        if (this.context.tree.volumes.has(name)) {
            throw taken(name, this.freeNumber());
        }
    }

    private refuseDataBeyond(name: string, disk: RamDisk, size: number): void {
        if (size < disk.highestWritten) {
            throw new ModelError(
                "Busy",
                `${name} holds data up to byte ${disk.highestWritten}, beyond ${size} (EBUSY); ` +
                    `shrink it to at least ${formatBytes(Math.ceil(disk.highestWritten / 512) * 512)} or erase it first.`,
            );
        }
    }
}

/** Runs a plan. One step on a RAM disk happens whole or not at all, so only several need a note of what is going on. */
function runVolumePlan(steps: Step[], intents: Notes, intent: Intent): Promise<void> {
    return runPlan(steps, intents, intent, steps.length > 1);
}

function taken(name: string, free?: number): ModelError {
    const hint = free === undefined ? "" : `; the lowest free number is ${free}`;
    return new ModelError("AlreadyExists", `${name} exists already (EEXIST)${hint}.`);
}

function permission(action: Permission["action"], name: string, more: Record<string, number | boolean>): Permission {
    const details: [string, string][] = Object.entries(more).map(([key, value]) => [`volume.${key}`, String(value)]);
    return { action, details: Object.fromEntries([["volume.name", name], ...details]) };
}
