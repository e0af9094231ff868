// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { isDeepStrictEqual } from "node:util";
import { MODULES, type KernelPort, type ModuleName } from "../kernel/port.js";
import { DEFAULT_MEMORY, memoryFree, type MemorySettings } from "./admission.js";
import { AllStatistics } from "./allstatistics.js";
import { Caches } from "./caches.js";
import { connectionsOf, exportStatistics, type Connections } from "./connections.js";
import type { ModelContext } from "./context.js";
import { retrySweep } from "./targetsteps.js";
import { resources } from "./derive.js";
import { ModelError, toModelError } from "./errors.js";
import { Jobs } from "./jobs.js";
import { Exports } from "./exports.js";
import { missingEntry } from "./forget.js";
import type { DeviceGraph } from "./graph.js";
import { revealUnmade, revealUnsaved } from "./hiddenorigins.js";
import { changedMeanwhile } from "./identity.js";
import { KeyedLock } from "./lock.js";
import { Notes } from "./notes.js";
import { numberOf } from "./objectnumber.js";
import { watchOrigins } from "./originwatch.js";
import { Ownership } from "./ownership.js";
import { Ports } from "./ports.js";
import { problemSentence } from "./problems.js";
import { recover, reconcileNotes } from "./recover.js";
import { Refresher } from "./refresher.js";
import { Reservations } from "./reservations.js";
import { restore, restoreExports, type RestorePart, type RestoreReport } from "./restore.js";
import { Saved } from "./saved.js";
import type { IntentLog, KeyStore, OwnershipStore, StateStore } from "./storage.js";
import { noKeys, nothingOwn } from "./storage.js";
import { StateTree } from "./tree.js";
import type { Authorize, Resource, StateListener } from "./types.js";
import { quote } from "./values.js";
import { Volumes } from "./volumes.js";

/** Modules that volumes and caches need: without one of them they do not work. */
const STORAGE_MODULES: readonly ModuleName[] = ["rapiddisk", "rapiddisk_cache", "dm_writecache"];
/** Modules that exports need, where they are installed. The kernel loads that of RDMA itself, for a port that needs it. */
const EXPORT_MODULES: readonly ModuleName[] = ["nvmet", "nvmet_tcp", "nvme_loop"];

/** How long to wait before exports that could not be made are tried again, in ms: addresses appear one by one at boot. */
const RESTORE_AGAIN = 1000;

export interface ModelOptions {
    kernel: KernelPort;
    store: StateStore;
    intents: IntentLog;
    /** What is ours in the NVMe target; kept in memory alone when not given. */
    ownership?: OwnershipStore;
    /** Keys of hosts of saved exports; kept in memory alone when not given. */
    keys?: KeyStore;
    memory?: MemorySettings;
    log?: (line: string) => void;
    /** How often to try again what is to be tried again, in ms. */
    lookEvery?: number;
    /** How often to read the kernel when no event tells of a change, in ms. */
    readEvery?: number;
    /** How long work waits for other work on the same object before it is refused as Busy, in ms. */
    waitLimit?: number;
    /** How long a change that is done waits for a reading of what it came to, in ms. */
    readBackLimit?: number;
    /** How long one cache is waited for when the statistics of all are asked for, in ms. */
    measureLimit?: number;
}

/** The heart of the service: what there is, and what may be done with it. Front ends ask it and decide nothing themselves. */
export class Model {
    readonly volumes: Volumes;
    readonly caches: Caches;
    readonly ports: Ports;
    readonly exports: Exports;
    /** The statistics of everything at once. */
    readonly statistics: AllStatistics;
    private readonly context: ModelContext;
    /** Made once for each reading of the kernel, however many ask. */
    private inventory: { graph: DeviceGraph; list: readonly Resource[] } | undefined;

    constructor(options: ModelOptions) {
        const { kernel, store, intents } = options;
        const log = options.log ?? ((): void => undefined);
        const tree = new StateTree();
        const saved = new Saved(store);
        const ownership = new Ownership(options.ownership ?? nothingOwn());
        const notes = new Notes(intents, (object) => numberOf(kernel, object));
        const locks = new KeyedLock(options.waitLimit);
        const memory = options.memory ?? DEFAULT_MEMORY;
        const refresher = new Refresher(kernel, saved, ownership, notes, tree, log, options);
        this.context = {
            kernel,
            tree,
            saved,
            intents: notes,
            ownership,
            keys: options.keys ?? noKeys(),
            log,
            refresher,
            locks,
            jobs: new Jobs(tree.tell),
            memory,
            reservations: new Reservations(kernel, locks, memory, () => refresher.last?.snapshot.ramDisks),
        };
        this.volumes = new Volumes(this.context);
        this.caches = new Caches(this.context);
        this.ports = new Ports(this.context);
        this.exports = new Exports(this.context);
        this.statistics = new AllStatistics(this.context, options.measureLimit);
        this.context.refresher.onLook(() => this.reconcileNotes());
        // A mapping that does not answer must keep nothing else waiting.
        this.context.refresher.onLook(() => {
            void watchOrigins(this.context);
            return Promise.resolve();
        });
        // While something else works on the target it is tried on the next look.
        this.context.refresher.onLook(() => retrySweep(this.context).catch(() => undefined));
    }

    /**
     * Reads the saved state and the kernel, and puts in order what an interrupted predecessor left. Only one process may have
     * done so at a time.
     */
    async load(): Promise<void> {
        await this.context.saved.load();
        await this.context.ownership.load();
        await this.context.saved.renew(this.context.ownership);
        await this.context.refresher.refresh();
        await recover(this.context);
        // Of a cache that stopped being saved while nobody could see to it, as when the state was moved away.
        await revealUnsaved(this.context);
    }

    /** Tries again to put in order what failed and could not be undone. */
    async reconcileNotes(): Promise<void> {
        if (this.context.intents.left.length > 0) {
            await reconcileNotes(this.context);
        }
    }

    /** Begins to follow the kernel's own changes. */
    follow(): void {
        this.context.refresher.start();
        // A mapping that does not answer must not keep the service from starting.
        void this.caches.catchUp();
    }

    /** Stops timers and watchers. The kernel port stays open: it is the maker's. */
    close(): void {
        this.context.refresher.stop();
        this.context.jobs.close();
    }

    listen(listener: StateListener): void {
        this.context.tree.listen(listener);
    }

    get state(): StateTree {
        return this.context.tree;
    }

    /** Counts the saved objects. */
    get savedCount(): number {
        const { volumes, caches } = this.context.saved.current;
        return volumes.length + caches.length + this.context.saved.trouble.length;
    }

    /** Counts the saved ports and exports. */
    get savedExports(): number {
        const { target, trouble } = this.context.saved;
        return target.ports.length + target.exports.length + trouble.length;
    }

    /** Reads which hosts are connected to an export, as far as this kernel tells. @throws ModelError NotFound */
    connections(nqn: string): Promise<Connections[]> {
        return connectionsOf(this.context, this.exports.get(nqn));
    }

    /** Reads the I/O statistics of an export's device. @throws ModelError NotFound */
    exportStatistics(nqn: string): Promise<Record<string, number>> {
        return exportStatistics(this.context, this.exports.get(nqn));
    }

    get jobs(): Jobs {
        return this.context.jobs;
    }

    /** Reads the kernel again and tells the listeners what differs. */
    refresh(): Promise<void> {
        return this.context.refresher.refresh();
    }

    /** Has the usage of volumes read again unless it is younger than `maxAge` ms: then the answer is undefined. */
    freshUsage(maxAge: number, number?: number): Promise<void> | undefined {
        return this.context.refresher.freshUsage(maxAge, number);
    }

    /** Reads the RAM available on the host now, in bytes. */
    async memoryAvailable(): Promise<number> {
        const { kernel, refresher } = this.context;
        const { total, available } = await kernel.readMemory();
        // Memory that was plugged in, or a balloon that grew: nothing else tells of it.
        if (total !== this.state.host.memoryTotal) {
            await refresher.readBack(() => refresher.refresh());
        }
        return available;
    }

    /** Gives the bytes by which volumes may grow altogether now, by the memory limit and reserve. */
    async memoryFree(): Promise<number> {
        const { kernel, memory, reservations } = this.context;
        await this.freshUsage(50);
        const disks = [...this.state.volumes.values()].map(({ name, number, size, readOnly, populated }) => ({
            ...this.state.usageOf(name),
            ...{ number, size, readOnly, populated },
        }));
        return memoryFree(reservations.expected(disks), await kernel.readMemory(), memory);
    }

    /** Lists the block devices of the host, by a reading that is at most a second old, or by the last one where that takes long. */
    async resources(): Promise<readonly Resource[]> {
        const { snapshot, graph } = await this.context.refresher.lately(1000);
        if (this.inventory?.graph !== graph) {
            this.inventory = { graph, list: resources([...snapshot.blockDevices], graph) };
        }
        return this.inventory.list;
    }

    /**
     * Loads the modules that volumes and caches need, and those for exports that are installed.
     * @param parts what is needed, default both
     * @returns those that were not loaded before
     */
    async loadModules(authorize: Authorize, parts: readonly RestorePart[] = ["storage", "exports"]): Promise<string[]> {
        const { kernel, refresher } = this.context;
        await refresher.fresh(1000);
        const wanted = [
            ...(parts.includes("storage") ? STORAGE_MODULES : []),
            ...(parts.includes("exports") ? EXPORT_MODULES.filter((name) => refresher.available.includes(name)) : []),
        ];
        await authorize([{ action: "modules-load", details: { modules: wanted.join(" ") } }]);
        const { snapshot } = await refresher.fresh(0);
        const missing = MODULES.filter((name) => wanted.includes(name) && snapshot.modules[name] !== true);
        try {
            for (const name of missing) {
                await kernel.loadModule(name);
            }
        } catch (error) {
            throw toModelError(error, "Loading modules");
        } finally {
            await refresher.refresh();
        }
        return missing;
    }

    /**
     * Finds the object that a person means.
     * @param text name or device path of a volume or mapping, NQN of an export, number of a port
     * @throws ModelError NotFound, InvalidArgument
     */
    async find(text: string): Promise<{ kind: "volume" | "cache" | "port" | "export"; id: string }> {
        const { volumes, caches, ports, exports } = this.state;
        if (exports.has(text)) {
            return { kind: "export", id: text };
        }
        if (ports.has(text)) {
            return { kind: "port", id: text };
        }
        const name = text.replace(/^\/dev\/(mapper\/)?/, "");
        if (volumes.has(name)) {
            return { kind: "volume", id: name };
        }
        if (caches.has(name)) {
            return { kind: "cache", id: name };
        }
        if (text.startsWith("/dev/")) {
            return this.findDevice(text);
        }
        throw new ModelError("NotFound", `There is no volume, cache, port or export ${quote(text)}.`);
    }

    /**
     * Makes what is saved and not there.
     * @param parts default both
     * @param waitSeconds how long exports are tried again whose addresses or devices are not there yet
     */
    async restore(
        authorize: Authorize,
        parts: readonly RestorePart[] = ["storage", "exports"],
        waitSeconds = 0,
    ): Promise<RestoreReport> {
        await authorize([{ action: "configuration", details: {} }]);
        await this.reconcileNotes();
        const { trouble } = this.context.saved;
        const report: RestoreReport = { made: [], failed: trouble.map(problemSentence) };
        const put = (one: RestoreReport): void => {
            report.made.push(...one.made);
            report.failed.push(...one.failed);
        };
        if (parts.includes("storage")) {
            put(await restore(this.context, this.volumes, this.caches));
        }
        if (parts.includes("exports")) {
            const end = performance.now() + waitSeconds * 1000;
            let last = await restoreExports(this.context, this.ports, this.exports.saved);
            while (last.failed.length > 0 && performance.now() < end) {
                await new Promise((resolve) => setTimeout(resolve, RESTORE_AGAIN));
                report.made.push(...last.made);
                last = await restoreExports(this.context, this.ports, this.exports.saved);
            }
            put(last);
        }
        return report;
    }

    /**
     * Drops the saved entry of an object that is not there.
     * @param name exactly as `missing` has it: rdN, a mapping's name, the number of a port, an NQN
     * @throws ModelError NotFound, Busy when it is there
     */
    async forget(name: string, authorize: Authorize): Promise<void> {
        const { context } = this;
        const { locks, refresher } = context;
        const one = missingEntry(context, name, this.exports.saved);
        await authorize([{ action: "configuration", details: { "object.name": name } }]);
        await locks.run(`forgetting ${name}`, one.keys, async () => {
            await refresher.refresh();
            const now = missingEntry(context, name, this.exports.saved);
            if (now.kind !== one.kind || !isDeepStrictEqual(now.entry, one.entry)) {
                throw changedMeanwhile(`What is saved as ${name}`);
            }
            await now.drop();
            await revealUnsaved(context);
            await refresher.rederive();
        });
    }

    /** Has the system use the disks of saved caches that could not be made at boot, but for those of writeback caches. */
    revealUnmade(): Promise<void> {
        return revealUnmade(this.context);
    }

    /** Stops a job. @throws ModelError NotFound, Failed when it has ended */
    async cancelJob(id: string, authorize: Authorize): Promise<void> {
        await authorize([{ action: "job-cancel", details: { "job.id": id } }]);
        this.context.jobs.cancel(id);
    }

    private async findDevice(path: string): Promise<{ kind: "volume" | "cache"; id: string }> {
        const { kernel, refresher } = this.context;
        try {
            const name = await kernel.resolveDevice(path);
            if (this.state.volumes.has(name)) {
                return { kind: "volume", id: name };
            }
            const { snapshot } = await refresher.fresh(1000);
            const mapping = snapshot.mappings.find((one) => one.device === name);
            if (mapping !== undefined && this.state.caches.has(mapping.name)) {
                return { kind: "cache", id: mapping.name };
            }
        } catch (error) {
            throw toModelError(error, path);
        }
        throw new ModelError("NotFound", `${quote(path)} is neither a volume nor a cache.`);
    }
}
