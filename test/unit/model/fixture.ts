// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** A model over a simulated kernel and stores in memory, for unit tests. */
import { createSimKernel, type SimKernel } from "../../../service/src/kernel/index.js";
import type { MemorySettings } from "../../../service/src/model/admission.js";
import { Model, type ModelOptions } from "../../../service/src/model/model.js";
import type { Problem } from "../../../service/src/model/problems.js";
import {
    noKeys,
    type Intent,
    type IntentLog,
    type IntentRecord,
    type KeyStore,
    type OwnedObjects,
    type OwnershipStore,
    type PendingIntent,
    type SavedState,
    type StateStore,
} from "../../../service/src/model/storage.js";
import type { Authorize, Permission } from "../../../service/src/model/types.js";

export const MIB = 2 ** 20;
export const GIB = 2 ** 30;

/** A state store whose next save can be made to fail. */
export class MemoryStore implements StateStore {
    state: SavedState = { volumes: [], caches: [] };
    damage: string | undefined;
    rejected: Problem[] = [];
    failNext: string | undefined;

    async load(): Promise<{ state: SavedState; rejected: Problem[] }> {
        if (this.damage !== undefined) {
            throw new Error(this.damage);
        }
        return { state: structuredClone(this.state), rejected: this.rejected };
    }

    async save(state: SavedState): Promise<void> {
        const code = this.failNext;
        this.failNext = undefined;
        if (code !== undefined) {
            throw Object.assign(new Error("save failed"), { code });
        }
        this.state = structuredClone(state);
    }
}

/** An intent log in memory. */
export class MemoryIntents implements IntentLog {
    readonly open = new Map<string, PendingIntent>();
    private next = 1;

    async begin(intent: Intent): Promise<IntentRecord> {
        const id = String(this.next++);
        this.open.set(id, { ...structuredClone(intent), id, step: "" });
        return {
            id,
            step: async (name) => {
                this.open.get(id)!.step = name;
            },
            replace: async (other, step) => {
                this.open.set(id, { ...structuredClone(other), id, step });
            },
            end: async () => {
                this.open.delete(id);
            },
        };
    }

    async pending(): Promise<{ notes: PendingIntent[]; unreadable: Problem[] }> {
        return { notes: structuredClone([...this.open.values()]), unreadable: [] };
    }

    async forget(id: string): Promise<void> {
        this.open.delete(id);
    }
}

/** Allows everything and remembers what it was asked. */
export class RecordingAuthorizer {
    readonly asked: Permission[] = [];
    readonly authorize: Authorize = async (permissions) => {
        this.asked.push(...permissions);
    };
}

export const allow: Authorize = async () => undefined;

/** What is ours, in memory. */
export class MemoryOwnership implements OwnershipStore {
    owned: OwnedObjects = { volumes: [], ports: [], exports: [], hosts: [], devices: [], made: {} };

    async load(): Promise<OwnedObjects> {
        return this.owned;
    }

    async save(owned: OwnedObjects): Promise<void> {
        this.owned = owned;
    }
}

export interface ModelFixture {
    kernel: SimKernel;
    store: MemoryStore;
    intents: MemoryIntents;
    ownership: MemoryOwnership;
    keys: KeyStore;
    model: Model;
    lines: string[];
    /** A second model over the same kernel and stores: the service after a restart. */
    restart(): Promise<Model>;
}

/**
 * A loaded model.
 * @param prepare sets the simulated kernel up before the model first reads it
 * @param limits how long things wait
 */
export async function modelFixture(
    prepare: (kernel: SimKernel) => void = () => undefined,
    memory?: MemorySettings,
    limits: Pick<ModelOptions, "waitLimit" | "readBackLimit" | "measureLimit" | "lookEvery" | "readEvery"> = {},
): Promise<ModelFixture> {
    const kernel = createSimKernel({ crash: () => undefined });
    prepare(kernel);
    const store = new MemoryStore();
    const intents = new MemoryIntents();
    const ownership = new MemoryOwnership();
    const keys = noKeys();
    const lines: string[] = [];
    const open = async (): Promise<Model> => {
        const model = new Model({
            kernel,
            store,
            intents,
            ownership,
            keys,
            lookEvery: 100,
            readEvery: 100,
            log: (line) => lines.push(line),
            ...limits,
            ...(memory === undefined ? {} : { memory }),
        });
        await model.load();
        return model;
    };
    return { kernel, store, intents, ownership, keys, model: await open(), lines, restart: open };
}

/**
 * Everything that must be the same when an operation failed: kernel, saved state, and what the model shows. What had to be made
 * again is another object to the kernel.
 */
export async function wholeState(one: ModelFixture): Promise<string> {
    await one.model.refresh();
    const { ramDisks, mappings, nvmet } = await one.kernel.snapshot();
    const { volumes, caches, ports, exports, host } = one.model.state;
    return JSON.stringify(
        {
            ramDisks,
            mappings: mappings.map(({ name, uuid, targets }) => ({ name, uuid, targets })),
            nvmet,
            keys: nvmet.hosts.map(({ nqn }) => one.kernel.sim.nvmetKeys(nqn)),
            owned: one.ownership.owned,
            saved: one.store.state,
            volumes: [...volumes],
            caches: [...caches],
            ports: [...ports],
            exports: [...exports],
            problems: host.problems,
            intents: one.intents.open.size,
        },
        (key, value: unknown) => (key === "inode" || key === "made" ? undefined : value),
        1,
    );
}

/** The error that a promise ends with. @throws Error when it does not fail */
export async function failure(work: Promise<unknown>): Promise<Error & { kind?: string }> {
    try {
        await work;
    } catch (error) {
        return error as Error;
    }
    throw new Error("it did not fail");
}
