// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { EventEmitter } from "node:events";
import { INTERFACE, INTERFACE_OF, type ObjectKind, ROOT } from "../../facts/busnames.js";
import { OBJECT_MANAGER, PROPERTIES, STANDARD_ERROR } from "../../facts/dbus.js";
import { inTime } from "../../system/intime.js";
import type { ManagerClient, Variant } from "../../client/index.js";
import { BusError, getManagedObjects, getProperties, objectPath, record } from "../../client/index.js";

/** Properties of an object, by their D-Bus names. */
export type ObjectProperties = Readonly<Record<string, unknown>>;

/** Something that happened to an object. */
export interface ObjectChange {
    what: "added" | "changed" | "removed";
    path: string;
    kind: ObjectKind;
}

type Signal = { interface: string; member: string; path: string; args: unknown[] };

/** The error for "the service is not there", as a bus would give it. */
export const GONE = `${STANDARD_ERROR}.ServiceUnknown`;
/** The same, in the words of some buses. */
const NO_OWNER = `${STANDARD_ERROR}.NameHasNoOwner`;

/** How long a request waits for a service that is just starting, in ms. */
const PATIENCE = 10_000;
/** A service that could not be started is not asked again for this long, in ms. */
const RETRY = 2_000;

/**
 * The service's objects as it last told them. Emits "change" with a {@link ObjectChange}, "root" when a property of the root
 * object changed, "present" and "gone".
 */
export class ObjectCache extends EventEmitter {
    /** Grows with everything that changes. */
    revision = 0;
    /** Properties of the root object that are signalled. */
    root: ObjectProperties = {};
    /** Revision of the tokens, as the service counts it. */
    tokens: unknown = 0n;

    private objects = new Map<ObjectKind, Map<string, ObjectProperties>>();
    private loading: Promise<void> | undefined;
    private early: Signal[] | undefined;
    private loaded = false;
    /** True after the service has left by itself: it is then for the administrator to start it. */
    private stopped = false;
    private failedAt = -Infinity;
    private cause = "The RapidDisk service is not there.";

    constructor(private readonly manager: ManagerClient) {
        super();
        this.setMaxListeners(0);
    }

    /** Begins to listen and reads everything once. Does not have the bus start the service: it may have been stopped on purpose. */
    async start(): Promise<void> {
        await this.manager.listen(ROOT, (signal) => {
            if (this.early === undefined) {
                this.apply(signal);
            } else {
                this.early.push(signal);
            }
        });
        await this.manager.watch((present) => (present ? void this.load() : this.lose()));
        await this.load();
    }

    /** Whether the service is there and everything was read. */
    get present(): boolean {
        return this.loaded;
    }

    /**
     * Resolves once everything was read.
     * @throws BusError {@link GONE} when the service is not there
     */
    async whenPresent(): Promise<void> {
        if (this.loaded) {
            return;
        }
        if (this.loading === undefined && performance.now() - this.failedAt > RETRY && !this.stopped) {
            void this.load();
        }
        if (this.loading !== undefined) {
            await inTime(this.loading, PATIENCE);
        }
        if (!this.loaded) {
            throw new BusError(GONE, `${this.cause} Start it with: systemctl start rapiddiskd.service`);
        }
    }

    /** Objects of a kind, in the order in which they came; by object path. */
    all(kind: ObjectKind): ReadonlyMap<string, ObjectProperties> {
        return this.objects.get(kind) ?? new Map();
    }

    /** Finds an object by its name in the URL or on the bus. */
    byName(kind: ObjectKind, name: string): { path: string; properties: ObjectProperties } | undefined {
        const path = objectPath(kind, name);
        const properties = this.all(kind).get(path);
        return properties === undefined ? undefined : { path, properties };
    }

    private load(): Promise<void> {
        this.stopped = false;
        this.early = [];
        const reading: Promise<void> = this.read().then(
            () => this.settle(reading, undefined),
            (error: unknown) => this.settle(reading, error),
        );
        this.loading = reading;
        return reading;
    }

    private async read(): Promise<void> {
        const [tree, root, tokens] = await Promise.all([
            this.manager.send(getManagedObjects()),
            this.manager.send(getProperties(INTERFACE.manager, ROOT)),
            this.manager.send(getProperties(INTERFACE.tokens, ROOT)),
        ]);
        this.objects = new Map();
        for (const [path, interfaces] of tree) {
            this.put(path, interfaces);
        }
        this.root = { ...root };
        this.tokens = tokens.Revision;
    }

    /** Applies the signals that arrived while everything was read: in their order they end at the newest state. */
    private settle(reading: Promise<void>, error: unknown): void {
        if (this.loading !== reading) {
            return;
        }
        const early = this.early ?? [];
        this.loading = undefined;
        this.early = undefined;
        if (error !== undefined) {
            this.failedAt = performance.now();
            this.cause = causeOf(error);
            return;
        }
        this.loaded = true;
        this.revision += 1;
        early.forEach((signal) => this.apply(signal));
        this.emit("present");
    }

    private lose(): void {
        this.loaded = false;
        this.loading = undefined;
        this.early = undefined;
        this.stopped = true;
        this.objects = new Map();
        this.revision += 1;
        this.cause = "The RapidDisk service has ended.";
        this.emit("gone");
    }

    private apply({ interface: iface, member, path, args }: Signal): void {
        if (!this.loaded) {
            return;
        }
        if (iface === OBJECT_MANAGER && path === ROOT) {
            const [object, what] = args as [string, unknown];
            if (member === "InterfacesAdded") {
                this.tell(this.put(object, what as Map<string, Map<string, Variant>>), object, "added");
            } else if (member === "InterfacesRemoved") {
                this.tell(this.take(object, what as string[]), object, "removed");
            }
        } else if (iface === PROPERTIES && member === "PropertiesChanged") {
            const [name, values] = args as [string, Map<string, Variant>];
            this.change(path, name, record<ObjectProperties>(values));
        }
    }

    private change(path: string, name: string, values: ObjectProperties): void {
        if (path === ROOT) {
            if (name === INTERFACE.tokens) {
                this.tokens = values.Revision;
            } else if (name === INTERFACE.manager) {
                this.root = { ...this.root, ...values };
            }
            this.revision += 1;
            this.emit("root", name);
            return;
        }
        const kind = kindOfPath(path);
        const old = kind === undefined ? undefined : this.objects.get(kind)?.get(path);
        if (kind !== undefined && old !== undefined && INTERFACE_OF[kind] === name) {
            this.objects.get(kind)?.set(path, { ...old, ...values });
            this.tell(kind, path, "changed");
        }
    }

    private put(path: string, interfaces: Map<string, Map<string, Variant>>): ObjectKind | undefined {
        const kind = kindOfPath(path);
        const values = kind === undefined ? undefined : interfaces.get(INTERFACE_OF[kind]);
        if (kind === undefined || values === undefined) {
            return undefined;
        }
        let objects = this.objects.get(kind);
        if (objects === undefined) {
            objects = new Map();
            this.objects.set(kind, objects);
        }
        objects.set(path, record<ObjectProperties>(values));
        return kind;
    }

    private take(path: string, interfaces: readonly string[]): ObjectKind | undefined {
        const kind = kindOfPath(path);
        const gone = kind !== undefined && interfaces.includes(INTERFACE_OF[kind]);
        return gone && this.objects.get(kind)?.delete(path) === true ? kind : undefined;
    }

    private tell(kind: ObjectKind | undefined, path: string, what: ObjectChange["what"]): void {
        if (kind !== undefined) {
            this.revision += 1;
            this.emit("change", { what, path, kind } satisfies ObjectChange);
        }
    }
}

/** Says in words why the service could not be read: a bus speaks of a name that nobody has. */
function causeOf(error: unknown): string {
    if (!(error instanceof BusError)) {
        return "The RapidDisk service cannot be reached.";
    }
    return [GONE, NO_OWNER].includes(error.errorName) ? "The RapidDisk service does not run." : error.message;
}

/** Finds the kind of the object at a path of the service. */
export function kindOfPath(path: string): ObjectKind | undefined {
    const [folder, label, ...rest] = path.startsWith(`${ROOT}/`) ? path.slice(ROOT.length + 1).split("/") : [];
    const known = folder !== undefined && Object.hasOwn(INTERFACE_OF, folder);
    return known && label !== undefined && rest.length === 0 ? (folder as ObjectKind) : undefined;
}
