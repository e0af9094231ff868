// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { ROOT, SERVICE } from "../bus/names.js";
import { plain } from "../bus/plain.js";
import { watch, type Bag, type Interfaces } from "../bus/watch.js";
import type { CacheStatistics } from "./cachestatistics.js";
import { kinds, type Access, type ObjectKind, type Manager, type State } from "./objects.js";

const empty: State = {
    phase: "connecting",
    problem: "",
    access: "unknown",
    manager: null,
    volumes: new Map(),
    caches: new Map(),
    ports: new Map(),
    exports: new Map(),
    jobs: new Map(),
};

const kindOf = new Map<string, ObjectKind>(Object.entries(kinds).map(([kind, iface]) => [iface, kind as ObjectKind]));

/** The page's one source of truth. Listeners are told once for all changes of one turn of the event loop. */
export class Store {
    #state = empty;
    #listeners = new Set<() => void>();
    #told = true;
    #end: (() => void) | null = null;
    /** Kinds whose map is already a copy of this turn, so that 500 signals do not copy it 500 times. */
    #fresh = new Set<ObjectKind>();

    get state(): State {
        return this.#state;
    }

    /** Calls the listener after each change, until the function that it returns is called. */
    subscribe = (listener: () => void): (() => void) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
    };

    /** Connects, or connects again after a failure or a stop. A call by name starts the service when it can be started. */
    connect(): void {
        this.#end?.();
        this.#reset("connecting");
        this.#end = watch({
            all: (objects) => {
                this.#reset("ready");
                for (const [path, interfaces] of Object.entries(objects)) this.#add(path, interfaces);
            },
            added: (path, interfaces) => this.#add(path, interfaces),
            changed: (path, iface, properties) => this.#change(path, iface, properties),
            removed: (path, interfaces) => {
                for (const iface of interfaces) {
                    const kind = kindOf.get(iface);
                    if (kind) this.#map(kind).delete(path);
                }
            },
            gone: () => this.#reset("stopped"),
            failed: (problem, message) =>
                this.#reset(
                    problem === "not-found" ? "missing" : "failed",
                    [problem, message].filter(Boolean).join(": "),
                ),
        });
    }

    /**
     * Takes in what was read because the service does not signal it. Objects that are gone meanwhile stay gone.
     * @param manager properties of the service itself
     * @param volumes what ListVolumes says
     */
    sampled(manager: Bag, volumes: readonly Bag[]): void {
        if (this.#state.phase !== "ready") return;
        this.#refresh(ROOT, SERVICE, pick(manager, ["MemoryTotal", "MemoryAvailable", "MemoryUsed", "MemoryFree"]));
        for (const volume of volumes) {
            const path = volume["path"]?.v;
            if (typeof path === "string") this.#refresh(path, kinds.volumes, pick(volume, ["Used", "Errors"]));
        }
    }

    /** Takes in what was measured of a cache; one that is gone meanwhile stays gone. @param path of the cache */
    measured(path: string, statistics: CacheStatistics): void {
        const known = this.#state.caches.get(path);
        if (known === undefined || isSame(known.statistics, statistics)) return;
        this.#map("caches").set(path, { ...known, statistics });
    }

    /** Says what the session may do. */
    setAccess(access: Access): void {
        this.#set({ access });
    }

    #reset(phase: State["phase"], problem = ""): void {
        this.#fresh.clear();
        this.#set({ ...empty, access: this.#state.access, phase, problem });
    }

    #add(path: string, interfaces: Interfaces): void {
        for (const [iface, properties] of Object.entries(interfaces)) this.#change(path, iface, properties, true);
    }

    /** Like #change, but an object whose statistics are the same stays the same one, and is not drawn again. */
    #refresh(path: string, iface: string, properties: Bag): void {
        const known = (path === ROOT ? this.#state.manager : this.#state.volumes.get(path)) as
            Readonly<Record<string, unknown>> | null | undefined;
        if (!known || Object.entries(properties).every(([name, { v }]) => known[name] === v)) return;
        this.#change(path, iface, properties);
    }

    #change(path: string, iface: string, properties: Bag, create = false): void {
        const values = Object.fromEntries(
            Object.entries(properties).map(([name, variant]) => [name, plain(variant.v)]),
        );
        if (path === ROOT && iface === SERVICE) {
            this.#set({ manager: { ...this.#state.manager, ...values } as Manager });
            return;
        }
        const kind = kindOf.get(iface);
        if (!kind) return;
        const before = this.#state[kind].get(path);
        if (!before && !create) return;
        this.#map(kind).set(path, { ...before, ...values, path });
    }

    /** The map of a kind, to be written to in this turn. */
    #map(kind: ObjectKind): Map<string, unknown> {
        if (!this.#fresh.has(kind)) {
            this.#set({ [kind]: new Map<string, unknown>(this.#state[kind]) });
            this.#fresh.add(kind);
        }
        return this.#state[kind] as unknown as Map<string, unknown>;
    }

    #set(change: Partial<State> | Record<string, unknown>): void {
        this.#state = { ...this.#state, ...change };
        if (!this.#told) return;
        this.#told = false;
        setTimeout(() => {
            this.#told = true;
            this.#fresh.clear();
            for (const listener of this.#listeners) listener();
        });
    }
}

const isSame = (before: CacheStatistics | undefined, now: CacheStatistics): boolean =>
    before !== undefined &&
    Object.entries(now).every(([name, value]) => before[name as keyof CacheStatistics] === value);

const pick = (bag: Bag, names: readonly string[]): Bag =>
    Object.fromEntries(Object.entries(bag).filter(([name]) => names.includes(name)));

/** The store of this page. */
export const store = new Store();
