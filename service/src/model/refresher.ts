// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { isDeepStrictEqual } from "node:util";
import type {
    KernelPort,
    KernelSnapshot,
    ModuleName,
    NvmetFeatures,
    NvmetPart,
    NvmetTree,
    RamDisk,
} from "../kernel/port.js";
import { inTime } from "../system/intime.js";
import { KeyedQueue } from "../system/keyedqueue.js";
import {
    alignRamDisk,
    alignRamDisks,
    isSameButUsage,
    type ReadAlone,
    withRamDisk,
    withThoseReadAlone,
    withVolume,
} from "./align.js";
import { BlockCounts } from "./blockcounts.js";
import { originsOf, resolveSources } from "./cachesources.js";
import { committed, derive, deriveVolumes, faults, type Derived, type DeriveInputs } from "./derive.js";
import { EventReadings } from "./eventreadings.js";
import { Looks } from "./looks.js";
import { isKnownDisk } from "./knowndisk.js";
import { matchedNow, savedDevices } from "./matching.js";
import type { Notes } from "./notes.js";
import { OriginFailures } from "./originfailures.js";
import { exportedMappings, followRenamed } from "./exportbacking.js";
import type { Ownership } from "./ownership.js";
import type { Problem } from "./problems.js";
import { Rechecks } from "./rechecks.js";
import type { Saved } from "./saved.js";
import type { StateTree } from "./tree.js";
import type { Volume } from "./types.js";
import type { User } from "./users.js";
import { volumeName } from "./values.js";

/** How often to try again what is to be tried again, in ms. */
const LOOK_EVERY = 1500;
/** How often to read everything although nothing told of a change, in ms: for what no kernel tells of, and for lost notices. */
const READ_EVERY = 60_000;
/** A whole reading may cost at most this part of the time. */
const SHARE = 1 / 200;
/** The longest that a change which is done waits for a reading of what it came to, in ms. */
const READ_BACK = 5000;
/** The longest that somebody who only asks waits for a reading when there is an earlier one, in ms. */
const ANSWER = 500;

/** Times in ms, each with a default that fits a real host. */
export interface RefresherOptions {
    /** How often to try again what is to be tried again. */
    lookEvery?: number;
    /** How often to read everything although nothing told of a change. */
    readEvery?: number;
    /** The longest that a change which is done waits for a reading of what it came to. */
    readBackLimit?: number;
}

/** What the tree is made of, each read on its own or with everything. */
type Part = "ramDisks" | "nvmet";

/**
 * Keeps the state tree in step with the kernel. Readings of one kind run one at a time, and what a reading says that began
 * before another one is dropped for what that said, so that a younger one never loses to an older, nor waits for one that
 * hangs. A RAM disk that was made is read alone, and put into a reading of all that began before. Events have what they
 * are about read at once; without any, everything is read once a minute, or less often where that would cost more than half a percent of the time.
 */
export class Refresher {
    /** What the last whole reading said. */
    last: { snapshot: KernelSnapshot; derived: Derived; at: number } | undefined;
    /** The NVMe target as last read; its exports have the paths that their devices had in the same reading. */
    target: NvmetTree | undefined;
    /** Modules that are loaded or could be, as of the last whole reading. */
    available: readonly ModuleName[] = [];
    /** What the NVMe target has, as of the last whole reading. */
    features: NvmetFeatures = { auth: false, tls: false, tlshd: false };
    private readonly readings = new KeyedQueue<Part | "all">();
    /** When the reading began that each part of the tree is from. */
    private readonly began: Record<Part, number> = { ramDisks: -1, nvmet: -1 };
    /** RAM disks that were read alone since, by their numbers, each with when that reading began; undefined: it was not there. */
    private readonly alone = new Map<number, ReadAlone>();
    private waiting: Promise<void> | undefined;
    private cost = 1;
    private lastFull = 0;
    private lastUsage = 0;
    /** Readings of the usage of one volume, by its number, or of all. */
    private readonly usageUnderWay = new Map<number | undefined, Promise<void>>();
    private readonly rechecks = new Rechecks(() => this.cost);
    private watcher: { close(): void } | undefined;
    private readonly events = new EventReadings({
        readAll: () => this.guarded(() => this.refresh()),
        readTarget: () => this.guarded(() => this.followTarget()),
        readDisks: (numbers) => this.refreshDisks(numbers),
        cost: () => this.cost,
    });
    /** What the paths of saved caches that are there mean, as of the last whole reading. */
    private sources: ReadonlyMap<string, string> = new Map();
    /** The kernel's numbers of the devices of our and of saved objects, as of the last whole reading. */
    private sequences: ReadonlyMap<string, number> = new Map();
    private readonly looks: Looks;
    private readonly readEvery: number;
    private readonly readBackLimit: number;
    private readonly counts: BlockCounts;
    /** What is known of I/O that failed in caches. */
    readonly failures: OriginFailures;
    /** How many blocks writeback caches have, by the kernel names of their mappings, as of the last whole reading. */
    private blocks: ReadonlyMap<string, number> = new Map();
    /** Paths of the origins of caches when they were last there, by the kernel names of their mappings. */
    private origins: ReadonlyMap<string, string> = new Map();

    constructor(
        private readonly kernel: KernelPort,
        private readonly saved: Saved,
        private readonly ownership: Ownership,
        private readonly notes: Notes,
        private readonly tree: StateTree,
        private readonly log: (line: string) => void,
        { lookEvery = LOOK_EVERY, readEvery = READ_EVERY, readBackLimit = READ_BACK }: RefresherOptions,
    ) {
        this.looks = new Looks(lookEvery);
        // A reading that hangs must not stop what is tried again.
        this.looks.add(() => this.hasEnded(() => this.look()));
        this.readEvery = readEvery;
        this.readBackLimit = readBackLimit;
        this.counts = new BlockCounts(kernel);
        this.failures = new OriginFailures(kernel);
    }

    /** Has something tried again on each look at the kernel. @param chore does nothing while there is nothing to do */
    onLook(chore: () => Promise<void>): void {
        this.looks.add(() => this.guarded(chore));
    }

    /** Begins to follow the kernel. */
    start(): void {
        this.watcher = this.kernel.watch((event) => this.events.take(event));
        this.looks.start();
    }

    stop(): void {
        this.watcher?.close();
        this.events.stop();
        this.looks.stop();
    }

    /** Reads everything; resolves once a reading that began after this call is in the tree. */
    refresh(): Promise<void> {
        this.waiting ??= this.readings.run("all", async () => {
            this.waiting = undefined;
            await this.readAll();
        });
        return this.waiting;
    }

    /**
     * Reads what a change came to. The change is done: that the kernel cannot be read, or does not answer, is told in the
     * journal and neither fails the change nor keeps its caller waiting.
     */
    async readBack(reading: () => Promise<unknown>): Promise<void> {
        if (!(await this.hasEnded(reading))) {
            this.log("What a change came to could not be read in time; it is shown once the kernel answers.");
        }
    }

    /** @returns whether a reading ended in time, well or not */
    private async hasEnded(reading: () => Promise<unknown>, limit = this.readBackLimit): Promise<boolean> {
        return (await inTime(this.guarded(reading), limit)) !== undefined;
    }

    /** Reads everything unless that was done in the last `maxAge` ms. */
    async fresh(maxAge: number): Promise<Derived & { snapshot: KernelSnapshot }> {
        if (this.last === undefined || performance.now() - this.last.at > maxAge) {
            await this.refresh();
        }
        if (this.last === undefined) {
            throw new Error("the kernel was never read");
        }
        return { ...this.last.derived, snapshot: this.last.snapshot };
    }

    /**
     * What {@link fresh} gives; or, when that takes longer than half a second, as it does while hundreds of devices come and
     * go, what the last reading said. It is never waited for longer, whatever the kernel does.
     */
    async lately(maxAge: number): Promise<Derived & { snapshot: KernelSnapshot }> {
        const reading = this.fresh(maxAge);
        if (this.last !== undefined && !(await this.hasEnded(() => reading, Math.min(ANSWER, this.readBackLimit)))) {
            return { ...this.last.derived, snapshot: this.last.snapshot };
        }
        return await reading;
    }

    /** Reads everything for somebody who has not been authorized, at the pace that {@link Rechecks} allows. */
    recheck(): Promise<Derived & { snapshot: KernelSnapshot }> {
        return this.rechecks.run(() => this.fresh(0));
    }

    /** Reads the RAM disks alone; cheap, whatever their number. Users of a volume stay as last known. */
    refreshVolumes(): Promise<RamDisk[]> {
        return this.readings.run("ramDisks", () => this.readVolumes());
    }

    /** Reads one RAM disk alone, which work was done on just now; the others stay as last known. */
    refreshVolume(number: number): Promise<void> {
        return this.readings.run("ramDisks", async () => {
            const at = performance.now();
            const [disk] = await this.kernel.readRamDisks([number]);
            this.putVolume(number, disk, at);
        });
    }

    /** Reads RAM disks of which events told. @returns false when what there is does not fit what is known: nothing is put in place */
    private refreshDisks(numbers: readonly number[]): Promise<boolean> {
        return this.readings.run("ramDisks", async () => {
            const at = performance.now();
            const sequences = await this.kernel.sequences(numbers.map(volumeName));
            const disks = new Map((await this.kernel.readRamDisks(numbers)).map((disk) => [disk.number, disk]));
            const { ownership, saved, tree, last } = this;
            const isKnown = (number: number): boolean =>
                isKnownDisk(
                    { number, isThere: disks.has(number), sequence: sequences.get(volumeName(number)) },
                    { ownership, saved: saved.current, tree, sequences: this.sequences, snapshot: last?.snapshot },
                );
            if (!numbers.every(isKnown)) {
                return false;
            }
            for (const number of numbers) {
                // Mostly an event tells of our own change, which was read back already.
                const known = last?.snapshot.ramDisks.find((disk) => disk.number === number);
                if (isDeepStrictEqual(known, disks.get(number))) {
                    this.alone.set(number, { at, disk: known });
                } else {
                    this.putVolume(number, disks.get(number), at);
                }
            }
            return true;
        });
    }

    /**
     * Reads the NVMe target alone, and works out what follows from it for ports, exports and users of devices.
     * @param nqn the one export that was changed; others are then as last known
     */
    refreshTarget(nqn?: string): Promise<NvmetTree> {
        return this.readings.run("nvmet", async () => {
            const at = performance.now();
            const nvmet = await this.kernel.readNvmet(this.partOf(nqn));
            if (this.last !== undefined && at >= this.began.nvmet) {
                this.began.nvmet = at;
                this.put({ ...this.last.snapshot, nvmet }, this.last.at);
            }
            return nvmet;
        });
    }

    /** Reads the target of which an event told, and what it has, and forgets what is gone from it. */
    private async followTarget(): Promise<void> {
        const { quiescent, current } = this.ownership;
        const [nvmet, features] = await Promise.all([this.kernel.readNvmet(), this.kernel.nvmetFeatures()]);
        await this.ownership.reconcileTarget(quiescent, nvmet).catch((error: Error) => this.log(error.message));
        const isKnown = this.ownership.current === current && isDeepStrictEqual(features, this.features);
        this.features = features;
        // Mostly an event tells of our own change, which was read back already.
        if (!isKnown || !isDeepStrictEqual(nvmet, this.last?.snapshot.nvmet)) {
            await this.refreshTarget();
        }
    }

    /** What is to be read again of the target when one export alone matters; undefined: all of it. */
    partOf(nqn: string | undefined): NvmetPart | undefined {
        const since = this.last?.snapshot.nvmet;
        return nqn === undefined || since?.present !== true ? undefined : { nqn, since };
    }

    /**
     * Has the usage of volumes at most `maxAge` ms old when this resolves; undefined when it is now.
     * @param number of the one volume that matters, which alone is read then
     */
    freshUsage(maxAge: number, number?: number): Promise<void> | undefined {
        const alone = number === undefined ? undefined : this.alone.get(number)?.at;
        if (performance.now() - Math.max(this.lastUsage, alone ?? this.lastUsage) <= maxAge) {
            return undefined;
        }
        const known = this.usageUnderWay.get(number) ?? this.usageUnderWay.get(undefined);
        if (known !== undefined) {
            return known;
        }
        const reading = (number === undefined ? this.refreshVolumes() : this.refreshUsage(number))
            .then(() => undefined)
            .finally(() => this.usageUnderWay.delete(number));
        this.usageUnderWay.set(number, reading);
        return reading;
    }

    /** Reads the usage of one volume; all RAM disks when something else of it changed. */
    private async refreshUsage(number: number): Promise<void> {
        const isSame = await this.readings.run("ramDisks", async () => {
            const at = performance.now();
            const [disk] = await this.kernel.readRamDisks([number]);
            const { last } = this;
            const known = last?.snapshot.ramDisks.find((one) => one.number === number);
            if (last === undefined || disk === undefined || at < this.began.ramDisks || !isSameButUsage(known, disk)) {
                return false;
            }
            this.alone.set(number, { at, disk });
            this.tree.setUsageOf(volumeName(number), disk);
            last.snapshot = { ...last.snapshot, ramDisks: withRamDisk(last.snapshot.ramDisks, number, disk) };
            return true;
        });
        await (isSame ? undefined : this.refreshVolumes());
    }

    /** The saved state changed: works the tree out again from what is known of the kernel. */
    async rederive(): Promise<void> {
        if (this.last !== undefined) {
            this.put(this.last.snapshot, this.last.at);
        }
    }

    private async readAll(): Promise<void> {
        const at = performance.now();
        const before = process.cpuUsage();
        const quiescent = this.ownership.quiescent;
        const [read, available, features] = await Promise.all([
            this.kernel.snapshot(),
            this.kernel.availableModules(),
            this.kernel.nvmetFeatures(),
        ]);
        this.available = available;
        this.features = features;
        await this.readSequences(read);
        this.sources = await resolveSources(this.kernel, this.saved.current, read);
        this.blocks = await this.counts.read(read);
        await this.failures.prune(read);
        // A note that cannot be written says less than is known until it can.
        await this.ownership.reconcileTarget(quiescent, read.nvmet).catch((error: Error) => this.log(error.message));
        this.put(this.newest(read, at), at);
        await this.matchSaved().catch((error: Error) => this.log(error.message));
        const used = process.cpuUsage(before);
        this.cost = (used.user + used.system) / 1000;
        this.lastFull = performance.now();
    }

    /** What is wrong with the saved state itself, and unfinished work. */
    private get trouble(): Problem[] {
        return [...this.saved.trouble, ...this.notes.problems, ...this.ownership.problems];
    }

    private get known(): DeriveInputs {
        return {
            features: this.features,
            owned: this.ownership.current,
            sources: this.sources,
            sequences: this.sequences,
            blocks: this.blocks,
            origins: this.origins,
            failures: this.failures.failures,
            changing: (kind, id) => this.notes.isChanging(kind, id),
        };
    }

    /** A whole reading with those parts that were read again since it began. */
    private newest(read: KernelSnapshot, at: number): KernelSnapshot {
        const known = this.last?.snapshot;
        const younger = (part: Part): boolean => known !== undefined && this.began[part] > at;
        const nvmet = younger("nvmet") ? known!.nvmet : read.nvmet;
        const ramDisks = younger("ramDisks") ? known!.ramDisks : withThoseReadAlone(read.ramDisks, this.alone, at);
        for (const part of ["ramDisks", "nvmet"] as const) {
            this.began[part] = Math.max(this.began[part], at);
        }
        return { ...read, nvmet, ramDisks, blockDevices: alignRamDisks(read.blockDevices, read.ramDisks, ramDisks) };
    }

    /**
     * Reads the numbers that tell our volumes, saved volumes and caches and exported mappings from others of their names. A volume that
     * others made under the name of one of ours is not ours.
     */
    private async readSequences(read: KernelSnapshot): Promise<void> {
        const asked = this.ownership.settledVolumes;
        const devices = new Set([
            ...asked.map(({ name }) => name),
            ...savedDevices(this.saved.current, read),
            ...exportedMappings(this.ownership.current),
        ]);
        this.sequences = devices.size === 0 ? new Map() : await this.kernel.sequences([...devices]);
        if (asked.length > 0) {
            // A note that cannot be written says less than is known until it can.
            await this.ownership
                .reconcileVolumes(asked, this.sequences)
                .catch((error: Error) => this.log(error.message));
        }
    }

    /** Notes which living objects the saved ones are, so that others of their names are told from them later. */
    private async matchSaved(): Promise<void> {
        const { saved, ownership, notes, last, sequences } = this;
        if (saved.known && last !== undefined) {
            const isChanging = (number: number): boolean => notes.isChanging("volume", number);
            const reading = { ...last, sequences };
            await ownership.setMatched((known) => matchedNow(saved.current, known, reading, isChanging));
            // Why a restore failed once says nothing of what was saved in the place of that.
            const { volumes, caches, exports } = last.derived;
            const isSaved = (name: string): boolean =>
                (volumes.get(name) ?? caches.get(name) ?? exports.get(name))?.persistent === true;
            await ownership.setUnrestored(Object.keys(ownership.current.unrestored ?? {}).filter(isSaved), {});
        }
    }

    private put(snapshot: KernelSnapshot, at: number): void {
        const nvmet = followRenamed(snapshot.nvmet, this.ownership.current.backing, (mapping, mark) =>
            `${this.sequences.get(mapping)}` === mark
                ? snapshot.blockDevices.find(({ name }) => name === mapping)?.path
                : undefined,
        );
        const derived = derive({ ...snapshot, nvmet }, this.saved.current, this.available, this.trouble, this.known);
        this.target = nvmet;
        this.last = { snapshot, derived, at };
        this.origins = originsOf(derived, snapshot);
        this.lastUsage = Math.max(this.lastUsage, at);
        this.tree.setUsage(snapshot.ramDisks);
        this.tree.apply(derived);
    }

    private async readVolumes(): Promise<RamDisk[]> {
        const at = performance.now();
        const disks = await this.kernel.readRamDisks();
        if (this.last === undefined || at < this.began.ramDisks) {
            return disks;
        }
        this.began.ramDisks = at;
        this.lastUsage = at;
        this.alone.clear();
        this.putVolumes(disks, this.last);
        return disks;
    }

    private putVolumes(disks: RamDisk[], last: NonNullable<Refresher["last"]>): void {
        this.tree.setUsage(disks);
        const known = this.tree.volumes;
        const users = (name: string): User[] => known.get(name)?.users ?? [];
        const { snapshot } = last;
        const blockDevices = alignRamDisks(snapshot.blockDevices, snapshot.ramDisks, disks);
        last.snapshot = { ...snapshot, ramDisks: disks, blockDevices };
        this.applyVolumes(deriveVolumes(disks, this.saved.current, this.known, users), last);
    }

    /** Puts a reading of one RAM disk in place, unless a younger one of all is there. @param disk undefined: it is not there */
    private putVolume(number: number, disk: RamDisk | undefined, at: number): void {
        const { last, tree } = this;
        if (last === undefined || at < this.began.ramDisks) {
            return;
        }
        this.alone.set(number, { at, disk });
        const name = volumeName(number);
        const users = tree.volumes.get(name)?.users ?? [];
        const [volume] = deriveVolumes(disk ? [disk] : [], this.saved.current, this.known, () => users).values();
        tree.setUsageOf(name, disk);
        const { ramDisks, blockDevices } = last.snapshot;
        last.snapshot = {
            ...last.snapshot,
            ramDisks: withRamDisk(ramDisks, number, disk),
            blockDevices: alignRamDisk(blockDevices, number, disk),
        };
        this.applyVolumes(withVolume(tree.volumes, number, volume), last);
    }

    /** Puts volumes in place, and what follows from them and from the RAM disks of the snapshot. */
    private applyVolumes(volumes: Map<string, Volume>, last: NonNullable<Refresher["last"]>): void {
        const { ramDisks, nvmet } = last.snapshot;
        last.derived.volumes = volumes;
        last.derived.host = {
            ...this.tree.host,
            memoryCommitted: committed(ramDisks),
            ...faults(this.saved.current, this.trouble, { ...last.derived, ramDisks, nvmet }, this.known),
        };
        this.tree.apply(last.derived);
    }

    private async look(): Promise<void> {
        const pause = Math.max(this.readEvery, this.cost / SHARE);
        if (performance.now() - this.lastFull >= pause - 50) {
            await this.refresh();
        }
    }

    private async guarded(work: () => Promise<unknown>): Promise<void> {
        try {
            await work();
        } catch (error) {
            this.log(`The kernel could not be read: ${(error as Error).message}`);
        }
    }
}
