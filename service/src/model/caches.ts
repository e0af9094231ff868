// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { isSwitchMode, TARGET_MODES } from "../facts/modes.js";
import { defined } from "../system/defined.js";
import { isDeepStrictEqual } from "node:util";
import { otherIsThere } from "./forget.js";
import { CACHE_BLOCK, cacheTable, cacheUuid } from "./tables.js";
import { chooseBlockSize } from "./blocksize.js";
import { planCache, resolveOrigin, type CachePlan } from "./cacheplan.js";
import { dropCopies } from "./cacheremains.js";
import { checkCacheResize, planCacheResize, resizeSteps } from "./cacheresize.js";
import { lockId, type ModelContext } from "./context.js";
import { ModelError, toModelError } from "./errors.js";
import { flushCache } from "./flush.js";
import { revealUnsaved } from "./hiddenorigins.js";
import { FlushOnSuspend } from "./flushonsuspend.js";
import { changedMeanwhile, identify, refuseOther, type DeviceIdentity } from "./identity.js";
import { LateMappings } from "./latemappings.js";
import type { Keep } from "./lock.js";
import { runPlan, type Step } from "./plan.js";
import { savedOnDevice } from "./savedas.js";
import { readStatistics } from "./originwatch.js";
import { busy, retryWhileBusy } from "./retrybusy.js";
import type { StatisticsByName } from "./statistics.js";
import { volumeEntry, type CacheEntry, type Intent, type OriginIdentity } from "./storage.js";
import type { Cache, CacheMode, Authorize, JobView, NewMode, Operation, Permission, Volume } from "./types.js";
import { flushBeforeRemoval, losing } from "./unwritten.js";
import { parseMode } from "./values.js";

/** Scopes of a change: what nobody else may work on meanwhile. */
const NAME = "name";
const DEVICES = "devices";

/** What may be done with caches. Each method: check, ask permission, check again under lock, act, read back. */
export class Caches {
    private readonly flushing: FlushOnSuspend;
    private readonly late: LateMappings;

    constructor(private readonly context: ModelContext) {
        this.flushing = new FlushOnSuspend(context);
        this.late = new LateMappings(context);
    }

    /** Sees to it that writeback caches flush when they are suspended which were seen and not told so yet. */
    catchUp(): Promise<void> {
        return this.flushing.catchUp();
    }

    /** Finds a cache by its name. @throws ModelError NotFound */
    get(name: string): Cache {
        const cache = this.context.tree.caches.get(name);
        if (cache === undefined) {
            throw new ModelError("NotFound", `There is no cache ${name}.`);
        }
        return cache;
    }

    /**
     * Puts a volume as a cache in front of a block device.
     * @param volumeName rdN; its contents are lost
     * @param source path of the origin
     * @param word write-through, write-around or writeback
     * @param options name of the mapping; persist: make it, and its volume, again at each boot
     * @returns the name of the mapping
     * @throws ModelError InvalidArgument, NotFound, AlreadyExists, Busy, NotSupported
     */
    async create(
        volumeName: string,
        source: string,
        word: string,
        options: { name?: string; persist?: boolean },
        authorize: Authorize,
    ): Promise<string> {
        const mode = parseMode(word);
        const originName = await resolveOrigin(this.context, source);
        const request = { volumeName, originName, source, mode, name: options.name };
        // What is refused is refused by the kernel as it is now.
        const { refresher } = this.context;
        const plan = await this.plan(request, await refresher.fresh(1000)).catch(async () =>
            this.plan(request, await refresher.recheck()),
        );
        const volume = await identify(this.context, plan.volume.name, `volume ${plan.volume.name}`);
        const origin = await identify(this.context, originName, source, plan.origin);
        const details = {
            "cache.name": plan.name,
            "cache.source": plan.origin.path,
            "cache.mode": mode,
            "cache.persist": String(options.persist === true),
            "volume.name": plan.volume.name,
            "volume.size": String(plan.volume.size),
        };
        await authorize([
            { action: "cache-create", details },
            ...(mode === "writeback" ? [{ action: "cache-writeback", details } satisfies Permission] : []),
        ]);
        const locks = [volume.key, origin.key, lockId.cache(plan.name)];
        await this.context.locks.run(`cache-create of ${plan.name}`, locks, async () => {
            try {
                await refuseOther(this.context, volume);
                await this.refuseOtherOrigin(origin, source);
                const { persist = false } = options;
                await this.build(await this.plan(request), source, { persist, cookie: authorize.cookie });
            } catch (error) {
                throw toModelError(error, plan.name);
            } finally {
                await refresher.readBack(() => refresher.refresh());
            }
        });
        return plan.name;
    }

    /**
     * Checks that the origin is the one that was looked up before.
     * @throws ModelError Failed unless the path still means the device that it meant, and that is still the same
     */
    private async refuseOtherOrigin(before: DeviceIdentity, source: string): Promise<void> {
        const now = await resolveOrigin(this.context, source).catch(() => undefined);
        if (now !== before.name) {
            throw changedMeanwhile(source);
        }
        await refuseOther(this.context, before, source);
    }

    /**
     * Reads the statistics by name, and hit_ratio. What they say of failed I/O is in the state tree afterwards.
     * @throws ModelError NotFound
     */
    statistics(name: string): Promise<StatisticsByName> {
        return readStatistics(this.context, this.get(name));
    }

    /** Sets the statistics to zero. @throws ModelError NotFound, NotSupported (an old module has no such message) */
    async resetStatistics(name: string, authorize: Authorize): Promise<void> {
        const cache = this.get(name);
        const permissions = [permission("configuration", cache)];
        await this.locked("cache-statistics-reset", name, permissions, authorize, NAME, async () => {
            const message = cache.mode === "writeback" ? "clear_stats" : "stats_reset";
            await this.message(name, message, "resetting its statistics");
            await readStatistics(this.context, this.get(name)).catch(() => undefined);
        });
    }

    /** Writes to the origin what only a writeback cache holds; the other modes have nothing to write. */
    async flush(name: string, authorize: Authorize): Promise<void> {
        const permissions = [permission("cache-remove", this.get(name))];
        await this.locked("cache-flush", name, permissions, authorize, NAME, async (cache, keep) => {
            if (cache.mode === "writeback") {
                await flushCache(this.context, cache, keep, authorize.cookie);
            }
        });
    }

    /** Switches between write-through, write-around and pass-through while in use. @throws ModelError NotSupported */
    async setMode(name: string, word: string, authorize: Authorize): Promise<void> {
        const mode: CacheMode = word === "pass-through" ? word : parseMode(word, "pass-through");
        const cache = this.get(name);
        if (!isSwitchMode(mode) || cache.mode === "writeback") {
            throw new ModelError(
                "NotSupported",
                `${name} cannot change from ${cache.mode} to ${mode}; remove it and create it again.`,
            );
        }
        const permissions = [permission("cache-create", cache, { "cache.mode": mode })];
        await this.locked("cache-mode", name, permissions, authorize, NAME, async (now, _keep, device) => {
            const { saved, intents } = this.context;
            const before = (now.persistent ? saved.cache(name) : undefined) ?? null;
            // A cache that is switched off comes back switched on.
            const after = before === null || mode === "pass-through" ? before : { ...before, mode };
            const { message } = TARGET_MODES[mode];
            const undo = isSwitchMode(now.mode) ? TARGET_MODES[now.mode].message : undefined;
            const step: Step = {
                name: "mode",
                run: () => this.message(name, message, "changing its mode"),
                ...(undo === undefined ? {} : { undo: () => this.message(name, undo, "changing its mode back") }),
            };
            await runPlan([step, ...(now.persistent ? saved.cacheStep(name, after) : [])], intents, {
                operation: "cache-mode",
                object: { kind: "cache", name, uuid: "" },
                ...(await this.numberOf(device)),
                ...(now.persistent ? saved.noted(before, after) : {}),
            });
        });
    }

    /**
     * Takes up in use what the origin and the volume have grown by; see cacheresize.ts. What the cache held is dropped.
     * @throws ModelError NotSupported (writeback), Failed (the origin shrank or is gone)
     */
    async resize(name: string, authorize: Authorize): Promise<void> {
        await checkCacheResize(this.context, this.get(name));
        const permissions = [permission("cache-resize", this.get(name))];
        await this.locked("cache-resize", name, permissions, authorize, DEVICES, async (cache, _keep, device) => {
            const plan = planCacheResize(await this.context.refresher.fresh(0), cache);
            if (plan !== undefined) {
                const { steps, noted } = resizeSteps(this.context, cache, plan);
                const intent = {
                    operation: "cache-resize" as const,
                    object: { kind: "cache" as const, name, uuid: "" },
                    ...(await this.numberOf(device)),
                    ...noted,
                };
                await this.runAsJob(objectsOf(cache), steps, intent, authorize.cookie);
                await this.context.refresher.refresh();
                await readStatistics(this.context, this.get(name)).catch(() => undefined);
            }
        });
    }

    /**
     * Removes the mapping and its entry in the saved state, after writing what the origin lacks; see unwritten.ts.
     * @returns bytes that were lost: 0 unless `loseUnwritten` @throws ModelError Busy, Failed (no flush), NotSupported
     */
    async remove(name: string, authorize: Authorize, loseUnwritten = false): Promise<number> {
        const remove = permission("cache-remove", this.get(name));
        const permissions = loseUnwritten ? [remove, await losing(this.context, this.get(name), remove)] : [remove];
        let lost = 0;
        await this.locked("cache-remove", name, permissions, authorize, DEVICES, async (cache, keep, device) => {
            const { kernel, saved } = this.context;
            const shadowed = !cache.persistent && saved.cache(name) !== undefined;
            this.refuseNeeded(cache, cache.users, shadowed);
            const unwritten = await flushBeforeRemoval(this.context, cache, keep, loseUnwritten);
            const steps: Step[] = [
                ...(cache.persistent ? saved.cacheStep(name, null) : []),
                {
                    name: "remove-mapping",
                    run: () => retryWhileBusy(this.context, name, device, () => kernel.removeMapping(name)),
                },
            ];
            const intent = {
                operation: "cache-remove" as const,
                object: { kind: "cache" as const, name, uuid: "" },
                ...(await this.numberOf(device)),
                ...(cache.persistent ? saved.noted(saved.cache(name) ?? null, null) : {}),
            };
            await this.runAsJob(objectsOf(cache), steps, intent, authorize.cookie);
            lost = unwritten;
            await dropCopies(this.context, cache);
            await revealUnsaved(this.context);
        });
        return lost;
    }

    /** Has a cache restored at each boot, with its volume, or no more. @throws ModelError NotSupported when it has no volume of ours */
    async setPersistent(name: string, persistent: boolean, authorize: Authorize): Promise<void> {
        const permissions = [permission("configuration", this.get(name))];
        await this.locked("cache-persist", name, permissions, authorize, DEVICES, async (cache) => {
            const { saved } = this.context;
            saved.refuseDamaged();
            if (!persistent && cache.persistent) {
                this.refuseNeeded(cache);
            }
            if (persistent) {
                await saved.putCache(name, await this.entryOf(cache), volumeEntry(this.volumeOf(cache)));
            } else if (cache.persistent || saved.cache(name) === undefined) {
                await saved.putCache(name, null);
                await revealUnsaved(this.context);
            } else {
                throw otherIsThere(name);
            }
        });
    }

    /**
     * Refuses for a cache that is in use, or without which saved objects could not be made again.
     * @param shadowed it is another one than the saved one of its name, which they need
     * @throws ModelError Busy naming them
     */
    private refuseNeeded({ name, device }: Cache, users: Cache["users"] = [], shadowed = false): void {
        const needed = shadowed ? [] : savedOnDevice(this.context.saved.current, device);
        if (users.length + needed.length > 0) {
            throw busy(name, [...users, ...needed]);
        }
    }

    /**
     * Makes the mapping, under lock and checked. Also used by the restore at boot.
     * @param options persist: save it; saved: the entry that is made again; cookie: of who asked for it
     */
    async build(
        plan: CachePlan,
        source: string,
        {
            persist = false,
            saved: again,
            cookie,
        }: { persist?: boolean; saved?: CacheEntry; cookie?: string | undefined },
    ): Promise<void> {
        const { kernel, saved } = this.context;
        const { name, mode, volume, origin } = plan;
        const uuid = cacheUuid(mode, name);
        const before = saved.cache(name) ?? null;
        const known = again && (again.blockSize ?? CACHE_BLOCK);
        const blockSize = mode === "writeback" ? await chooseBlockSize(this.context, origin, known) : CACHE_BLOCK;
        const after: CacheEntry | null = persist
            ? {
                  name,
                  volume: volume.number,
                  ...modeOf({ mode, blockSize }),
                  ...(await this.saving(origin.name, source)),
              }
            : before;
        const table = cacheTable(mode, origin.path, origin.size, volume.device, volume.size, blockSize);
        const steps: Step[] = [
            // dm-writecache would take up the records of an earlier cache from there, and write them to this origin.
            ...(mode === "writeback" && plan.used > 0
                ? [
                      {
                          name: "erase",
                          run: () =>
                              retryWhileBusy(this.context, volume.name, volume.name, () =>
                                  kernel.eraseRamDisk(volume.number),
                              ),
                      },
                  ]
                : []),
            {
                name: "create-mapping",
                run: () => this.late.watch(name, uuid, () => kernel.createMapping(name, uuid, table)),
                undo: async () => {
                    await retryWhileBusy(this.context, name, await this.deviceOf(name), () =>
                        kernel.removeMapping(name),
                    );
                    this.late.settled(name);
                    await dropCopies(this.context, { name, mode, volume: volume.name });
                },
            },
            // Anyone who removes it, or the end of the system does: what it holds is written to the origin first.
            ...(mode === "writeback"
                ? [
                      {
                          name: "flush-on-suspend",
                          run: () => this.flushing.tell(name),
                      },
                  ]
                : []),
            ...saved.cacheStep(name, after, persist ? volumeEntry(volume) : undefined),
        ];
        const object = { kind: "cache" as const, name, uuid };
        const meant = { ...before, name, volume: volume.number, source, mode };
        const noted = persist || before === null || isDeepStrictEqual(before, meant) ? saved.noted(before, after) : {};
        const intent = { operation: "cache-create" as const, object, ...noted };
        await this.runAsJob(objectsOf({ name, volume: volume.name }), steps, intent, cookie);
    }

    /** Runs a plan that may take long, which makes it a job. @param cookie of who asked for it */
    private async runAsJob(
        objects: JobView["objects"],
        steps: readonly Step[],
        intent: Intent & { operation: Operation },
        cookie: string | undefined,
    ): Promise<void> {
        const { jobs, intents } = this.context;
        const work = (): Promise<void> =>
            runPlan(steps, intents, intent).catch((error: unknown) => {
                throw toModelError(error, "name" in intent.object ? intent.object.name : intent.operation);
            });
        await jobs.watch(intent.operation, objects, work, undefined, cookie);
    }

    /**
     * Checks whether the cache could be made, and plans it.
     * @param state the kernel as it was read a moment ago, default as it is now
     */
    async plan(request: Parameters<typeof planCache>[2], state?: Parameters<typeof planCache>[0]): Promise<CachePlan> {
        const { refresher } = this.context;
        const now = state ?? (await refresher.fresh(0));
        return planCache(now, (module) => refresher.available.includes(module), request);
    }

    /**
     * Makes a change to one cache in the order of all of them: asks for permission, and runs `work` under lock on the very
     * cache that was asked about, as it is now; then reads back.
     * @param scope what it must have for itself: the cache alone, or its volume and its device too
     */
    private async locked(
        operation: string,
        name: string,
        permissions: Permission[],
        authorize: Authorize,
        scope: typeof NAME | typeof DEVICES,
        work: (cache: Cache, keep: Keep, device: string) => Promise<void>,
    ): Promise<void> {
        const { locks, refresher } = this.context;
        const { volume, source } = this.get(name);
        const identity = await identify(this.context, await this.deviceOf(name, Infinity), `cache ${name}`);
        await authorize(permissions);
        const devices = scope === NAME ? [] : [identity.key, ...(volume === "" ? [] : [lockId.device(volume)])];
        await locks.run(`${operation} of ${name}`, [lockId.cache(name), ...devices], async (keep) => {
            try {
                const { snapshot } = await refresher.fresh(0);
                const device = snapshot.mappings.find((mapping) => mapping.name === name)?.device ?? "";
                const cache = this.get(name);
                if (device !== identity.name || cache.volume !== volume || cache.source !== source) {
                    throw changedMeanwhile(name);
                }
                await refuseOther(this.context, identity, name);
                await work(cache, keep, device);
            } catch (error) {
                throw toModelError(error, name);
            } finally {
                await refresher.readBack(() => refresher.refresh());
            }
        });
    }

    /** Reads the kernel's number of a mapping, for a note. @param device kernel name */
    private async numberOf(device: string): Promise<{ number?: number }> {
        const number = (await this.context.kernel.sequences([device])).get(device);
        return defined({ number });
    }

    private async message(name: string, message: string, what: string): Promise<void> {
        try {
            await this.context.kernel.messageMapping(name, message);
        } catch (error) {
            const told = toModelError(error, name);
            if (told.kind === "Failed" && told.message.includes("EINVAL")) {
                throw new ModelError("NotSupported", `The kernel module behind ${name} refuses ${what} (EINVAL).`);
            }
            throw told;
        }
    }

    /** Finds the kernel name of a mapping, by a reading that is at most so many ms old. @throws ModelError NotFound */
    private async deviceOf(name: string, maxAge = 0): Promise<string> {
        const { snapshot } = await this.context.refresher.fresh(maxAge);
        const mapping = snapshot.mappings.find((one) => one.name === name);
        if (mapping === undefined) {
            throw new ModelError("NotFound", `There is no mapping ${name} (ENOENT).`);
        }
        return mapping.device;
    }

    private volumeOf(cache: Cache): Volume {
        const volume = this.context.tree.volumes.get(cache.volume);
        if (volume === undefined) {
            throw new ModelError("NotSupported", `${cache.name} has no volume of this service, so it cannot be saved.`);
        }
        return volume;
    }

    private async entryOf(cache: Cache): Promise<CacheEntry> {
        const volume = this.volumeOf(cache);
        if (cache.mode === "pass-through") {
            throw new ModelError("NotSupported", `${cache.name} is switched off; set its mode before it is saved.`);
        }
        const origin = await resolveOrigin(this.context, cache.source);
        return {
            name: cache.name,
            volume: volume.number,
            ...modeOf({ mode: cache.mode, blockSize: cache.blockSize }),
            ...(await this.saving(origin, cache.source)),
        };
    }

    /**
     * Says what is saved of an origin: the kernel's best path, which means this device after a reboot whatever is written on it,
     * where it has one, and who it is. What a caller says (by-label, by-uuid) could mean another device by then.
     */
    private async saving(device: string, given: string): Promise<Pick<CacheEntry, "source" | "origin">> {
        const source = (await this.context.kernel.stablePath(device)) ?? given;
        return { source, origin: await originIdentity(this.context, device) };
    }
}

/** Reads the identity of the origin of a cache. @param device kernel name @throws KernelError ENODEV */
export async function originIdentity({ kernel }: ModelContext, device: string): Promise<OriginIdentity> {
    const [id, stack] = await Promise.all([kernel.deviceIdentity(device), kernel.readStack(device)]);
    return { id, size: stack.find(({ name }) => name === device)?.size ?? 0 };
}

/** Says what is saved of a mode. */
function modeOf({ mode, blockSize }: { mode: NewMode; blockSize: number }): Pick<CacheEntry, "mode" | "blockSize"> {
    return mode === "writeback" ? { mode, blockSize } : { mode };
}

/** Lists the objects that a job on a cache works on. */
function objectsOf({ name, volume }: Pick<Cache, "name" | "volume">): JobView["objects"] {
    return [{ kind: "cache", id: name }, ...(volume === "" ? [] : [{ kind: "volume" as const, id: volume }])];
}

function permission(action: Permission["action"], cache: Cache, more: Record<string, string> = {}): Permission {
    return {
        action,
        details: {
            "cache.name": cache.name,
            "cache.source": cache.source,
            "cache.mode": cache.mode,
            "volume.name": cache.volume,
            ...more,
        },
    };
}
