// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { randomUUID } from "node:crypto";
import { GroupCommit } from "../system/groupcommit.js";
import { ModelError } from "./errors.js";
import type { Ownership } from "./ownership.js";
import type { Step } from "./plan.js";
import { identityOf, type NamespaceIdentity } from "./nqn.js";
import { problemOfError, problemSentence, type Problem } from "./problems.js";
import type {
    CacheEntry,
    ExportEntry,
    PortEntry,
    SavedState,
    SavedTarget,
    StateStore,
    VolumeEntry,
} from "./storage.js";

const EMPTY: SavedState = { volumes: [], caches: [] };
const NO_TARGET: SavedTarget = { ports: [], exports: [], installation: "", generations: {} };

/** The saved state in memory, in step with what is stored. Changes are made one after another. */
export class Saved {
    private readonly state: GroupCommit<SavedState>;
    private damage: Problem | undefined;
    private rejected: readonly Problem[] = [];

    constructor(private readonly store: StateStore) {
        this.state = new GroupCommit(EMPTY, (state) => this.write(state));
    }

    /**
     * Reads what is stored. A damaged store is kept as it is: nothing is saved over it until a person has looked. So is an
     * entry that cannot be used, beside those that can.
     */
    async load(): Promise<void> {
        try {
            const { state, rejected } = await this.store.load();
            this.state.replace(state);
            this.rejected = rejected;
            this.damage = undefined;
        } catch (error) {
            this.state.replace(EMPTY);
            this.rejected = [];
            this.damage = problemOfError(error);
        }
    }

    get current(): SavedState {
        return this.state.current;
    }

    /** Says what is wrong with the store itself. */
    get trouble(): Problem[] {
        return this.damage === undefined ? [...this.rejected] : [this.damage];
    }

    /** Tells whether all that is stored is known; until then, nothing that it may need is to be deleted. */
    get known(): boolean {
        return this.trouble.length === 0;
    }

    /**
     * Throws when the stored state is damaged.
     * @throws ModelError Failed while what is stored cannot be understood: nothing can be said of what is saved
     */
    refuseDamaged(): void {
        if (this.damage !== undefined) {
            throw new ModelError("Failed", problemSentence(this.damage));
        }
    }

    /**
     * Makes what a note of unfinished work says of the saved state: nothing while it is damaged, since then it is not known what is
     * saved.
     */
    noted<E>(before: E | null, after: E | null): { before?: E | null; after?: E | null } {
        return this.damage === undefined ? { before, after } : {};
    }

    volume(number: number): VolumeEntry | undefined {
        return this.current.volumes.find((entry) => entry.number === number);
    }

    cache(name: string): CacheEntry | undefined {
        return this.current.caches.find((entry) => entry.name === name);
    }

    /** Puts, replaces or (null) drops the entry of a volume. @throws ModelError Failed when it cannot be stored */
    putVolume(number: number, entry: VolumeEntry | null): Promise<void> {
        return this.change((state) => ({
            ...state,
            volumes: [...state.volumes.filter((other) => other.number !== number), ...(entry ? [entry] : [])],
        }));
    }

    /**
     * Puts, replaces or (null) drops the entry of a cache, all in one: a `volume` that is not saved is saved with it, since
     * no cache is restored without its volume, and volumes that were saved only for the sake of caches go with the last one.
     * @returns the entry of the volume that went
     * @throws ModelError Failed when it cannot be stored
     */
    async putCache(name: string, entry: CacheEntry | null, volume?: VolumeEntry): Promise<VolumeEntry | undefined> {
        let gone: VolumeEntry[] = [];
        await this.change((state) => {
            const caches = [...state.caches.filter((other) => other.name !== name), ...(entry ? [entry] : [])];
            const needed = new Set(caches.map((cache) => cache.volume));
            const add = entry && volume && state.volumes.every(({ number }) => number !== volume.number);
            gone = state.volumes.filter(({ number, withCaches }) => withCaches === true && !needed.has(number));
            const kept = state.volumes.filter((one) => !gone.includes(one));
            return { ...state, caches, volumes: [...kept, ...(add ? [{ ...volume, withCaches: true }] : [])] };
        });
        return gone[0];
    }

    /** Gives what is saved of NVMe exports. */
    get target(): SavedTarget {
        return this.current.target ?? NO_TARGET;
    }

    port(id: number): PortEntry | undefined {
        return this.target.ports.find((entry) => entry.id === id);
    }

    export(nqn: string): ExportEntry | undefined {
        return this.target.exports.find((entry) => entry.nqn === nqn);
    }

    /** Puts, replaces or (null) drops the entry of a port. @throws ModelError Failed when it cannot be stored */
    putPort(id: number, entry: PortEntry | null): Promise<void> {
        return this.changeTarget((target) => ({
            ports: [...target.ports.filter((other) => other.id !== id), ...(entry ? [entry] : [])],
        }));
    }

    /**
     * Puts, replaces or (null) drops the entry of an export, all in one: `ports` that it is on and that are not saved are
     * saved with it, and those that were saved only for the sake of exports go with the last one that is on them.
     * @returns the entries of ports that went
     * @throws ModelError Failed when it cannot be stored
     */
    async putExport(nqn: string, entry: ExportEntry | null, ports: readonly PortEntry[] = []): Promise<PortEntry[]> {
        let gone: PortEntry[] = [];
        await this.changeTarget((target) => {
            const exports = [...target.exports.filter((other) => other.nqn !== nqn), ...(entry ? [entry] : [])];
            const added = ports.filter(({ id }) => !target.ports.some((other) => other.id === id));
            const needed = new Set(exports.flatMap((one) => one.ports));
            gone = target.ports.filter(({ id, withExports }) => withExports === true && !needed.has(id));
            return { exports, ports: [...target.ports.filter((port) => !gone.includes(port)), ...added] };
        });
        return gone;
    }

    portStep(id: number, entry: PortEntry | null): Step[] {
        return this.step(this.port(id) ?? null, entry, (value) => this.putPort(id, value));
    }

    /** Makes the same for an export; see putExport. */
    exportStep(nqn: string, entry: ExportEntry | null, ports: readonly PortEntry[] = []): Step[] {
        const before = this.export(nqn) ?? null;
        if (ports.length === 0 && JSON.stringify(before) === JSON.stringify(entry)) {
            return [];
        }
        let gone: PortEntry[] = [];
        const run = async (): Promise<void> => {
            gone = await this.putExport(nqn, entry, ports);
        };
        const undo = async (): Promise<void> => {
            await this.putExport(nqn, before, gone);
        };
        return [{ name: "save", run, undo }];
    }

    /**
     * Gives the identity that hosts know a device's contents by; what it is made of is saved before it is used. While the saved
     * state is damaged, it is one that was never used before.
     */
    async identity(device: string): Promise<NamespaceIdentity> {
        if (this.damage !== undefined) {
            return identityOf(randomUUID(), device, 1);
        }
        if (this.target.installation === "") {
            await this.changeTarget((target) => ({ installation: target.installation || randomUUID() }));
        }
        return identityOf(this.target.installation, device, this.target.generations[device] ?? 1);
    }

    /**
     * Makes a step after which a device has another identity: contents that others know are about to be dropped.
     * @param ownership notes it while the saved state is damaged, for the next start with one that is not
     */
    newContentsStep(device: string, ownership: Ownership): Step {
        if (this.damage !== undefined) {
            return { name: "identity", run: () => ownership.addRenewed(device) };
        }
        const put = (value: number): Promise<void> =>
            this.changeTarget((target) => ({ generations: { ...target.generations, [device]: value } }));
        const generation = this.target.generations[device] ?? 1;
        return { name: "identity", run: () => put(generation + 1), undo: () => put(generation) };
    }

    /** Gives other identities to devices whose contents were dropped while the saved state was damaged. */
    async renew(ownership: Ownership): Promise<void> {
        const { renewed = [] } = ownership.current;
        if (this.damage !== undefined || renewed.length === 0) {
            return;
        }
        await this.changeTarget(({ generations }) => ({
            generations: Object.fromEntries([
                ...Object.entries(generations),
                ...renewed.map((device) => [device, (generations[device] ?? 1) + 1] as const),
            ]),
        }));
        await ownership.dropRenewed();
    }

    private changeTarget(edit: (target: SavedTarget) => Partial<SavedTarget>): Promise<void> {
        return this.change((state) => {
            const target = state.target ?? NO_TARGET;
            return { ...state, target: { ...target, ...edit(target) } };
        });
    }

    /** Makes a step that puts the entry of a volume, and whose undo puts the old one back; none when nothing changes. */
    volumeStep(number: number, entry: VolumeEntry | null): Step[] {
        const before = this.volume(number) ?? null;
        return this.step(before, entry, (value) => this.putVolume(number, value));
    }

    /** Makes the same for a cache and the volume that it needs; see putCache. */
    cacheStep(name: string, entry: CacheEntry | null, volume?: VolumeEntry): Step[] {
        const before = this.cache(name) ?? null;
        let needed = volume;
        return this.step(before, entry, async (value) => {
            needed = (await this.putCache(name, value, needed)) ?? needed;
        });
    }

    private step<E>(before: E | null, after: E | null, put: (entry: E | null) => Promise<void>): Step[] {
        if (JSON.stringify(before) === JSON.stringify(after)) {
            return [];
        }
        return [{ name: "save", run: () => put(after), undo: () => put(before) }];
    }

    private change(edit: (state: SavedState) => SavedState): Promise<void> {
        return this.state.change((state) => {
            this.refuseDamaged();
            return edit(state);
        });
    }

    private async write(state: SavedState): Promise<void> {
        try {
            await this.store.save(state);
        } catch (error) {
            throw error instanceof ModelError
                ? error
                : new ModelError("Failed", `The saved state could not be written: ${reason(error)}.`);
        }
    }
}

function reason(error: unknown): string {
    return (error as NodeJS.ErrnoException).code ?? (error as Error).message;
}
