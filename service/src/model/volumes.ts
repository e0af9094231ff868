// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { KernelPort, RamDisk } from "../kernel/port.js";
import { MAX_RAM_DISK_NUMBER } from "../kernel/names.js";
import { admit } from "./admission.js";
import { lockId, type Context } from "./context.js";
import { volumeName } from "./derive.js";
import { ModelError, toModelError } from "./errors.js";
import { usersNow } from "./inuse.js";
import type { Done } from "./jobs.js";
import { runPlan, type Step } from "./plan.js";
import { busy, whenSettled } from "./settle.js";
import { ioFigures } from "./statistics.js";
import type { Intent, IntentLog, VolumeEntry } from "./storage.js";
import type { Gate, Permission, Volume } from "./types.js";
import { checkNumber, checkSize, formatBytes } from "./values.js";

/** What may be done with RAM disks. Each method: check, ask permission, check again under lock, act, read back. */
export class Volumes {
    /** Numbers promised to creations under way, so that two do not ask permission for the same name. */
    private readonly promised = new Set<number>();

    constructor(private readonly context: Context) {}

    /** @throws ModelError NotFound */
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
     * @param options number: the N of rdN, default the lowest free one; persist: make it again at each boot
     * @returns its name
     * @throws ModelError InvalidArgument, AlreadyExists, NoMemory, NotSupported (module not loaded), LimitsExceeded
     */
    async create(size: number, options: { number?: number; persist?: boolean }, gate: Gate): Promise<string> {
        checkSize(size);
        if (options.number !== undefined) {
            checkNumber(options.number);
        }
        this.needModule();
        const number = options.number ?? this.freeNumber();
        const name = volumeName(number);
        this.refuseTaken(name);
        this.promised.add(number);
        try {
            await gate([permission("volume-create", name, { size, persist: options.persist === true })]);
            return await this.context.locks.run([lockId.memory, lockId.volume(name)], async () => {
                await this.attach(number, size, options.persist === true);
                return name;
            });
        } finally {
            this.promised.delete(number);
        }
    }

    /**
     * Changes the size. Growing works while in use.
     * @param size bytes, a multiple of 512, at least 4096
     * @throws ModelError InvalidArgument, NotFound, NoMemory, Busy (shrinking below data or while in use)
     */
    async resize(name: string, size: number, gate: Gate): Promise<void> {
        checkSize(size);
        const before = this.get(name).size;
        await gate([permission("volume-resize", name, { size, "old-size": before })]);
        await this.change("volume-resize", name, [lockId.memory], gate.cookie, async (disk, disks) => {
            const { kernel, memory } = this.context;
            if (size > disk.size) {
                admit(`Growing ${name}`, size - disk.size, disks, await kernel.readMemory(), memory);
            } else if (size < disk.size) {
                await this.refuseInUse(name);
                this.refuseDataBeyond(name, disk, size);
            } else {
                return undefined;
            }
            return {
                step: {
                    name: "resize",
                    run: async () => {
                        await whenSettled(kernel, name, name, () => kernel.resizeRamDisk(disk.number, size));
                        await this.tellHosts(name);
                    },
                    undo: () => whenSettled(kernel, name, name, () => kernel.resizeRamDisk(disk.number, disk.size)),
                },
                entry: (old) => ({ ...old, size }),
            };
        });
    }

    /** Locks or unlocks. Locking is refused while in use: who writes would lose what is not written yet. */
    async setReadOnly(name: string, readOnly: boolean, gate: Gate): Promise<void> {
        this.get(name);
        await gate([permission("volume-lock", name, { "read-only": readOnly })]);
        await this.change("volume-lock", name, [], gate.cookie, async (disk) => {
            if (disk.readOnly === readOnly) {
                return undefined;
            }
            if (readOnly) {
                await this.refuseInUse(name);
            }
            const { kernel } = this.context;
            return {
                step: {
                    name: "set-read-only",
                    run: () => whenSettled(kernel, name, name, () => kernel.setReadOnly(name, readOnly)),
                    undo: () => kernel.setReadOnly(name, disk.readOnly),
                },
                entry: (old) => ({ ...old, readOnly }),
            };
        });
    }

    /** Drops the contents and gives their memory back. @throws ModelError NotFound, Busy, Failed (locked), NotSupported */
    async erase(name: string, gate: Gate): Promise<void> {
        this.get(name);
        await gate([permission("volume-erase", name, {})]);
        await this.change("volume-erase", name, [], gate.cookie, async (disk) => {
            await this.refuseInUse(name);
            if (disk.readOnly) {
                throw new ModelError("Failed", `${name} is locked (EROFS); unlock it before erasing.`);
            }
            const { kernel } = this.context;
            return {
                step: {
                    name: "erase",
                    run: () => whenSettled(kernel, name, name, () => kernel.eraseRamDisk(disk.number)),
                },
                newContents: true,
                givesBack: true,
            };
        });
    }

    /** Removes the volume with its contents, and its entry in the saved state. @throws ModelError NotFound, Busy */
    async remove(name: string, gate: Gate): Promise<void> {
        this.get(name);
        await gate([permission("volume-remove", name, {})]);
        await this.change("volume-remove", name, [], gate.cookie, async (disk) => {
            await this.refuseInUse(name);
            const { kernel, own } = this.context;
            return {
                step: {
                    name: "detach",
                    run: async () => {
                        await whenSettled(kernel, name, name, () => kernel.detachRamDisk(disk.number));
                        // What stays noted of it is found out by the next reading.
                        await own.dropVolume(name).catch(() => undefined);
                    },
                },
                entry: () => null,
                saveFirst: true,
                newContents: true,
            };
        });
    }

    /** Makes a volume come again at each boot, or no more. */
    async setPersistent(name: string, persistent: boolean, gate: Gate): Promise<void> {
        this.get(name);
        await gate([permission("configuration", name, { persist: persistent })]);
        await this.change("volume-persist", name, [], gate.cookie, async (disk) => {
            const entry = { number: disk.number, size: disk.size, readOnly: disk.readOnly };
            return { entry: () => (persistent ? entry : null), always: true };
        });
        // Whether caches and exports that are saved can come again hangs on it.
        await this.context.refresher.rederive();
    }

    /** I/O figures by name, and used, errors and highest_written; all in bytes, counts or ms as the names say. */
    async statistics(name: string): Promise<Record<string, number>> {
        const { kernel, refresher, tree } = this.context;
        this.get(name);
        try {
            const io = await kernel.readIoCounters(name);
            await refresher.freshFigures(0);
            const figures = tree.figuresOf(name);
            return {
                used: figures.used,
                errors: figures.errors,
                highest_written: figures.highestWritten,
                ...ioFigures(io),
            };
        } catch (error) {
            throw toModelError(error, name);
        }
    }

    /** What uses a volume now, by a fresh look at it and all that is stacked on it. @throws ModelError Busy */
    async refuseInUse(name: string): Promise<void> {
        const users = await usersNow(this.context, name);
        if (users.length > 0) {
            throw busy(name, users);
        }
    }

    /** Makes a RAM disk, under lock. Also used by the restore at boot. */
    async attach(number: number, size: number, persist: boolean, readOnly = false): Promise<void> {
        const { kernel, saved, own, intents, memory, refresher } = this.context;
        const name = volumeName(number);
        const entry: VolumeEntry = { number, size, readOnly };
        try {
            const disks = await kernel.readRamDisks();
            if (disks.some((disk) => disk.number === number)) {
                throw taken(name);
            }
            admit(name, size, disks, await kernel.readMemory(), memory);
            const steps = [
                {
                    name: "attach",
                    run: () =>
                        own.makeVolume(
                            name,
                            () => kernel.attachRamDisk(number, size),
                            async () => (await kernel.sequences([name])).get(name),
                        ),
                    undo: () => whenSettled(kernel, name, name, () => kernel.detachRamDisk(number)),
                },
                ...(readOnly
                    ? [
                          {
                              name: "lock",
                              run: () => whenSettled(kernel, name, name, () => kernel.setReadOnly(name, true)),
                          },
                      ]
                    : []),
                ...(persist ? saved.volumeStep(number, entry) : []),
            ];
            const before = saved.volume(number) ?? null;
            await runVolumePlan(steps, intents, {
                operation: "volume-create",
                object: { kind: "volume", number },
                before,
                after: persist ? entry : before,
            });
        } catch (error) {
            throw toModelError(error, name);
        } finally {
            await refresher.refreshVolumes();
        }
    }

    /** The common course of a change to one volume. `prepare` checks again, under lock, on the disk as it is now. */
    private async change(
        operation: string,
        name: string,
        locks: string[],
        cookie: string | undefined,
        prepare: (disk: RamDisk, disks: RamDisk[]) => Promise<Change | undefined>,
    ): Promise<void> {
        const { kernel, saved, own, intents, refresher, jobs } = this.context;
        await this.context.locks.run([...locks, lockId.volume(name)], async () => {
            try {
                const disks = await kernel.readRamDisks();
                const disk = disks.find((one) => volumeName(one.number) === name);
                if (disk === undefined) {
                    throw new ModelError("NotFound", `There is no volume ${name}; it was removed meanwhile (ENODEV).`);
                }
                const change = await prepare(disk, disks);
                if (change === undefined) {
                    return;
                }
                const before = saved.volume(disk.number) ?? null;
                const base =
                    before ?? (change.always ? { number: disk.number, size: disk.size, readOnly: false } : null);
                const after = change.entry !== undefined && base !== null ? change.entry(base) : before;
                const save = saved.volumeStep(disk.number, after);
                const act = [
                    ...(change.newContents === true && own.current.devices.includes(name)
                        ? [saved.newContentsStep(name)]
                        : []),
                    ...(change.step === undefined ? [] : [change.step]),
                ];
                const steps = change.saveFirst ? [...save, ...act] : [...act, ...save];
                const intent = { operation, object: { kind: "volume" as const, number: disk.number }, before, after };
                // Giving back the memory of a large volume takes its time.
                await jobs.watch(
                    operation,
                    [{ kind: "volume", id: name }],
                    () =>
                        runVolumePlan(steps, intents, intent).catch((error: unknown) => {
                            throw toModelError(error, name);
                        }),
                    change.givesBack ? () => givenBack(kernel, disk) : undefined,
                    cookie,
                );
            } catch (error) {
                throw toModelError(error, name);
            } finally {
                await refresher.refreshVolumes();
            }
        });
    }

    /** Hosts that have the volume see its new size at once. A refusal leaves them with the old one, which is safe. */
    private async tellHosts(name: string): Promise<void> {
        const { kernel, log } = this.context;
        for (const { nqn, namespaces } of (await kernel.readNvmet()).subsystems) {
            for (const { id } of namespaces.filter((one) => one.enabled && one.devicePath === `/dev/${name}`)) {
                await kernel
                    .nvmetWrite({ kind: "namespace", nqn, id }, "revalidate_size", "1")
                    .catch((error: unknown) => {
                        log(
                            `The hosts of ${nqn} could not be told of the new size of ${name}: ${(error as Error).message}`,
                        );
                    });
            }
        }
    }

    private needModule(): void {
        if (this.context.tree.host.modules.rapiddisk !== true) {
            throw new ModelError(
                "NotSupported",
                "The kernel module rapiddisk is not loaded; LoadModules loads it (ENOENT).",
            );
        }
    }

    private freeNumber(): number {
        for (let number = 0; number <= MAX_RAM_DISK_NUMBER; number++) {
            if (!this.promised.has(number) && !this.context.tree.volumes.has(volumeName(number))) {
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

interface Change {
    step?: Step;
    /** The entry in the saved state after the change; called only when there is one before, or with `always`. */
    entry?(old: VolumeEntry): VolumeEntry | null;
    always?: boolean;
    /** What the volume holds is dropped: hosts that knew it must not take what comes after for the same. */
    newContents?: boolean;
    /** The entry is changed before the kernel: for removals, whose step cannot be undone. */
    saveFirst?: boolean;
    /** All memory is given back while the volume stays: how much of it already is can be told. */
    givesBack?: boolean;
}

/** How much of the memory that a RAM disk held has been given back. */
async function givenBack(kernel: KernelPort, { number, used }: RamDisk): Promise<Done | undefined> {
    const now = (await kernel.readRamDisks()).find((disk) => disk.number === number)?.used;
    return now === undefined || used === 0 ? undefined : { progress: 1 - now / used, bytes: used };
}

/** One step on a RAM disk happens whole or not at all, so only several need a note of what is going on. */
function runVolumePlan(steps: Step[], intents: IntentLog, intent: Intent): Promise<void> {
    return runPlan(steps, intents, steps.length > 1 ? intent : undefined);
}

function taken(name: string, free?: number): ModelError {
    const hint = free === undefined ? "" : `; the lowest free number is ${free}`;
    return new ModelError("AlreadyExists", `${name} exists already (EEXIST)${hint}.`);
}

function permission(action: Permission["action"], name: string, more: Record<string, number | boolean>): Permission {
    const details: [string, string][] = Object.entries(more).map(([key, value]) => [`volume.${key}`, String(value)]);
    return { action, details: Object.fromEntries([["volume.name", name], ...details]) };
}
