// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import cockpit, { type CockpitError, type DBusClient, type DBusVariant } from "cockpit";
import { BUS, BUS_PATH, OBJECT_MANAGER, PROPERTIES, ROOT, SERVICE, STANDARD_ERROR } from "./names.js";

const UNKNOWN = `${STANDARD_ERROR}.ServiceUnknown`;

/** Properties of one interface of an object, as they come over the bus. */
export type Bag = Readonly<Record<string, DBusVariant>>;
/** Interfaces of one object. */
export type Interfaces = Readonly<Record<string, Bag>>;

let live: DBusClient | null = null;

/** The connection that the watch has while all is known; null otherwise, so that who only reads never starts the service. */
export function liveConnection(): DBusClient | null {
    return live;
}

/** What the watch tells its owner. */
export interface WatchListener {
    /** Everything that there is; sent once for each start of the service, before any change. */
    all(objects: Readonly<Record<string, Interfaces>>): void;
    added(path: string, interfaces: Interfaces): void;
    changed(path: string, iface: string, properties: Bag): void;
    removed(path: string, interfaces: readonly string[]): void;
    /** The service left the bus. */
    gone(): void;
    /** The connection cannot be made or was refused: the bridge's word for it, and its message. */
    failed(problem: string, message: string): void;
}

/**
 * Asks the bus to start the service. The bridge says "not-found" both when it is not installed and when it could not be started.
 * @returns an empty problem when it runs now
 */
async function start(): Promise<{ problem: string; message: string }> {
    const bus = cockpit.dbus(BUS, { bus: "system" });
    try {
        await bus.call(BUS_PATH, BUS, "StartServiceByName", [SERVICE, 0], { type: "su" });
        return { problem: "", message: "" };
    } catch (error) {
        const { name = "failed", message = "" } = error as CockpitError;
        return { problem: name === UNKNOWN ? "not-found" : name, message };
    } finally {
        bus.close();
    }
}

/**
 * Watches the service from start to stop to start again, without privileges and without asking it again and again. A new
 * owner of the name gets a new connection, because the bridge keeps what it knew of the old one.
 * @returns a function that ends it
 */
export function watch(listener: WatchListener): () => void {
    const made = new ServiceWatch(listener);
    made.open();
    return () => made.end();
}

/** What one call of `watch` keeps: the connection that counts now. What an older one still tells is dropped. */
class ServiceWatch {
    private ended = false;
    private client: DBusClient | null = null;

    constructor(private readonly listener: WatchListener) {}

    open(): void {
        if (this.ended) return;
        const mine = cockpit.dbus(SERVICE, { bus: "system" });
        this.client = mine;
        let owner: string | null | undefined;
        mine.addEventListener("owner", (_event: Event, name: string | null) => {
            const before = owner;
            owner = name;
            if (this.client === mine) this.ownerChanged(mine, before, name);
        });
        mine.addEventListener("close", (_event: Event, details: CockpitError) => {
            if (this.client === mine) this.closed(mine, details);
        });
        void this.load(mine);
    }

    end(): void {
        this.ended = true;
        const last = this.client;
        if (last) this.drop(last);
        last?.close();
    }

    private drop(mine: DBusClient): void {
        this.client = null;
        if (live === mine) live = null;
    }

    /** @param before undefined: not known yet; null: nobody */
    private ownerChanged(mine: DBusClient, before: string | null | undefined, name: string | null): void {
        if (name === null) {
            live = null;
            if (before !== undefined) this.listener.gone();
        } else if (before !== undefined && before !== name) {
            this.drop(mine);
            mine.close();
            this.open();
        }
    }

    private closed(mine: DBusClient, details: CockpitError): void {
        this.drop(mine);
        if (details.problem !== "not-found") {
            this.listener.failed(details.problem ?? "disconnected", details.message ?? "");
            return;
        }
        void start().then(({ problem, message }) => {
            if (this.ended || this.client !== null) return;
            if (problem === "") this.open();
            else this.listener.failed(problem, message);
        });
    }

    /** Subscribes first and reads then, so that nothing between the two is lost. */
    private async load(mine: DBusClient): Promise<void> {
        const { deliver, release } = this.holdBack(mine);
        this.subscribe(mine, deliver);
        try {
            const [objects] = await mine.call(ROOT, OBJECT_MANAGER, "GetManagedObjects", [], { type: "" });
            const [root] = await mine.call(ROOT, PROPERTIES, "GetAll", [SERVICE], { type: "s" });
            if (this.client !== mine) return;
            this.listener.all({
                ...(objects as Readonly<Record<string, Interfaces>>),
                [ROOT]: { [SERVICE]: root as Bag },
            });
            live = mine;
            release();
        } catch (error) {
            if (this.client !== mine) return;
            const { problem, name, message } = error as CockpitError;
            this.listener.failed(problem ?? name ?? "failed", message ?? "");
        }
    }

    /** Keeps what `deliver` is given until `release`, and passes it on at once from then on. */
    private holdBack(mine: DBusClient): { deliver: (event: () => void) => void; release: () => void } {
        const early: (() => void)[] = [];
        let released = false;
        return {
            deliver: (event) => {
                if (this.client !== mine) return;
                if (released) event();
                else early.push(event);
            },
            release: () => {
                released = true;
                for (const event of early) event();
            },
        };
    }

    private subscribe(mine: DBusClient, deliver: (event: () => void) => void): void {
        const { listener } = this;
        mine.subscribe({ path: ROOT, interface: OBJECT_MANAGER }, (_path, _iface, signal, args) => {
            const path = args[0] as string;
            if (signal === "InterfacesAdded") deliver(() => listener.added(path, args[1] as Interfaces));
            else if (signal === "InterfacesRemoved") deliver(() => listener.removed(path, args[1] as string[]));
        });
        mine.subscribe(
            { path_namespace: ROOT, interface: PROPERTIES, member: "PropertiesChanged" },
            (path, _iface, _signal, args) => deliver(() => listener.changed(path, args[0] as string, args[1] as Bag)),
        );
    }
}
