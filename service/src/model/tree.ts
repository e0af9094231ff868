// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { RamDisk } from "../kernel/port.js";
import type { Derived } from "./derive.js";
import type { Cache, Export, Host, ObjectKinds, Port, StateListener, Volume, VolumeUsage } from "./types.js";

/** Kinds of objects that the state keeps in maps, by id; of the host there is only one. */
type Folder = "volume" | "cache" | "port" | "export";

const NO_USAGE: Readonly<VolumeUsage> = { used: 0, errors: 0, highestWritten: 0 };

const NO_HOST: Host = {
    memoryTotal: 0,
    memoryCommitted: 0,
    modules: {},
    features: [],
    problems: [],
    problemDetails: [],
    missing: [],
};

/** The state that front ends show: objects by name, and listeners that hear of every difference. */
export class StateTree {
    volumes: ReadonlyMap<string, Volume> = new Map();
    caches: ReadonlyMap<string, Cache> = new Map();
    ports: ReadonlyMap<string, Port> = new Map();
    exports: ReadonlyMap<string, Export> = new Map();
    host: Host = NO_HOST;
    /** Goes up whenever the usage of any volume changed. */
    usageRevision = 0;
    private usage = new Map<string, VolumeUsage>();
    private readonly listeners = new Set<StateListener>();
    /** Passes on to every listener; also for other keepers of objects (jobs). */
    readonly tell: StateListener = {
        added: (kind, id, object) => this.listeners.forEach((one) => one.added(kind, id, object)),
        changed: (kind, id, object, keys) => this.listeners.forEach((one) => one.changed(kind, id, object, keys)),
        removed: (kind, id) => this.listeners.forEach((one) => one.removed(kind, id)),
    };

    listen(listener: StateListener): void {
        this.listeners.add(listener);
    }

    /** Usage of a volume as last read, the same object until it changes; zeros for one that is not there. */
    usageOf(name: string): Readonly<VolumeUsage> {
        return this.usage.get(name) ?? NO_USAGE;
    }

    /** Bytes of RAM that volumes hold, as last read. */
    get memoryUsed(): number {
        let sum = 0;
        for (const { used } of this.usage.values()) {
            sum += used;
        }
        return sum;
    }

    setUsage(disks: readonly RamDisk[]): void {
        const before = this.usage;
        let changed = disks.length !== before.size;
        const usage = new Map<string, VolumeUsage>();
        for (const { number, used, errors, highestWritten } of disks) {
            const name = `rd${number}`;
            const known = before.get(name);
            if (known?.used === used && known.errors === errors && known.highestWritten === highestWritten) {
                usage.set(name, known);
            } else {
                usage.set(name, { used, errors, highestWritten });
                changed = true;
            }
        }
        if (changed) {
            this.usage = usage;
            this.usageRevision += 1;
        }
    }

    /** @param disk undefined: there is no such volume any more */
    setUsageOf(name: string, disk: VolumeUsage | undefined): void {
        const known = this.usage.get(name);
        if (disk === undefined) {
            this.usage.delete(name);
        } else {
            const { used, errors, highestWritten } = disk;
            if (known?.used === used && known.errors === errors && known.highestWritten === highestWritten) {
                return;
            }
            this.usage.set(name, { used, errors, highestWritten });
        }
        this.usageRevision += 1;
    }

    /**
     * Replaces the whole state; what refers to a volume goes before it and comes after it. A volume, cache, port or export
     * that did not change stays the same object, also in what is given, so that what was made of it can be kept with it.
     */
    apply(derived: Pick<Derived, "volumes" | "caches" | "ports" | "exports" | "host">): void {
        const { volumes, caches, ports, exports, host } = this;
        this.volumes = derived.volumes;
        this.caches = derived.caches;
        this.ports = derived.ports;
        this.exports = derived.exports;
        this.host = derived.host;
        this.tellRemoved("export", exports, derived.exports);
        this.tellRemoved("port", ports, derived.ports);
        this.tellRemoved("cache", caches, derived.caches);
        this.tellRemoved("volume", volumes, derived.volumes);
        this.tellRest("volume", volumes, derived.volumes);
        this.tellRest("cache", caches, derived.caches);
        this.tellRest("port", ports, derived.ports);
        this.tellRest("export", exports, derived.exports);
        this.tellChanged("host", "", host, derived.host);
    }

    private tellRemoved(kind: Folder, before: ReadonlyMap<string, unknown>, after: ReadonlyMap<string, unknown>): void {
        if (before === after) {
            return;
        }
        for (const id of before.keys()) {
            if (!after.has(id)) {
                this.tell.removed(kind, id);
            }
        }
    }

    private tellRest<K extends Folder>(
        kind: K,
        before: ReadonlyMap<string, ObjectKinds[K]>,
        after: Map<string, ObjectKinds[K]>,
    ): void {
        if (before === after) {
            return;
        }
        for (const [id, object] of after) {
            const old = before.get(id);
            if (old === undefined) {
                this.tell.added(kind, id, object);
            } else if (!this.tellChanged(kind, id, old, object)) {
                after.set(id, old);
            }
        }
    }

    /** @returns whether they differ */
    private tellChanged<K extends keyof ObjectKinds>(
        kind: K,
        id: string,
        before: ObjectKinds[K],
        after: ObjectKinds[K],
    ): boolean {
        const keys = before === after ? [] : differences(before, after);
        if (keys.length > 0) {
            this.tell.changed(kind, id, after, keys);
        }
        return keys.length > 0;
    }
}

/** Keys whose values differ; arrays and plain objects are compared by what they hold. */
function differences<T extends object>(before: T, after: T): string[] {
    const keys: string[] = [];
    for (const key in after) {
        if (!same(before[key], after[key])) {
            keys.push(key);
        }
    }
    return keys;
}

function same(a: unknown, b: unknown): boolean {
    if (a === b || typeof a !== "object" || typeof b !== "object" || a === null || b === null) {
        return a === b;
    }
    if (Array.isArray(a) && Array.isArray(b)) {
        return a.length === b.length && a.every((value, index) => same(value, b[index]));
    }
    const [one, other] = [a, b] as Record<string, unknown>[];
    const keys = Object.keys(one!);
    return keys.length === Object.keys(other!).length && keys.every((key) => same(one![key], other![key]));
}
