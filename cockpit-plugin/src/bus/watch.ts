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
    let ended = false;
    let client: DBusClient | null = null;

    function drop(mine: DBusClient): void {
        client = null;
        if (live === mine) live = null;
    }

    function open(): void {
        if (ended) return;
        const mine = cockpit.dbus(SERVICE, { bus: "system" });
        client = mine;
        let owner: string | null | undefined;
        mine.addEventListener("owner", (_event: Event, name: string | null) => {
            const before = owner;
            owner = name;
            if (client !== mine) return;
            if (name === null) {
                live = null;
                if (before !== undefined) listener.gone();
            } else if (before !== undefined && before !== name) {
                drop(mine);
                mine.close();
                open();
            }
        });
        mine.addEventListener("close", (_event: Event, details: CockpitError) => {
            if (client !== mine) return;
            drop(mine);
            if (details.problem !== "not-found") {
                listener.failed(details.problem ?? "disconnected", details.message ?? "");
                return;
            }
            void start().then(({ problem, message }) => {
                if (ended || client !== null) return;
                if (problem === "") open();
                else listener.failed(problem, message);
            });
        });
        void load(mine);
    }

    /** Subscribes first and reads then, so that nothing between the two is lost. */
    async function load(mine: DBusClient): Promise<void> {
        const early: (() => void)[] = [];
        let loaded = false;
        const deliver = (event: () => void) => {
            if (client !== mine) return;
            if (loaded) event();
            else early.push(event);
        };
        mine.subscribe({ path: ROOT, interface: OBJECT_MANAGER }, (_path, _iface, signal, args) => {
            const path = args[0] as string;
            if (signal === "InterfacesAdded") deliver(() => listener.added(path, args[1] as Interfaces));
            else if (signal === "InterfacesRemoved") deliver(() => listener.removed(path, args[1] as string[]));
        });
        mine.subscribe(
            { path_namespace: ROOT, interface: PROPERTIES, member: "PropertiesChanged" },
            (path, _iface, _signal, args) => deliver(() => listener.changed(path, args[0] as string, args[1] as Bag)),
        );
        try {
            const [objects] = await mine.call(ROOT, OBJECT_MANAGER, "GetManagedObjects", [], { type: "" });
            const [root] = await mine.call(ROOT, PROPERTIES, "GetAll", [SERVICE], { type: "s" });
            if (client !== mine) return;
            listener.all({
                ...(objects as Readonly<Record<string, Interfaces>>),
                [ROOT]: { [SERVICE]: root as Bag },
            });
            loaded = true;
            live = mine;
            for (const event of early) event();
        } catch (error) {
            if (client !== mine) return;
            const { problem, name, message } = error as CockpitError;
            listener.failed(problem ?? name ?? "failed", message ?? "");
        }
    }

    open();
    return () => {
        ended = true;
        const last = client;
        if (last) drop(last);
        last?.close();
    };
}
