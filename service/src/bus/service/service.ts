// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { BusClient, BusService, InterfaceImplementation } from "../api.js";
import { systemBusAddress } from "../connection/address.js";
import { BusConnection, DAEMON } from "../connection/connection.js";
import { standardError } from "../errors.js";
import { values } from "../wire/header.js";
import { Callers } from "./callers.js";
import { Dispatcher } from "./dispatcher.js";
import { ExportedObject } from "./exported.js";
import { defaultLimits, type Limits } from "./limits.js";
import { ObjectTree } from "./objects.js";
import { Scheduler } from "./scheduler.js";
import { Signals } from "./signals.js";

/** Options of a service. */
export interface ServiceOptions {
    /** Path of the object that has the ObjectManager. */
    root: string;
    /** Prefix of the errors that the library itself gives: `.Failed`, `.LimitsExceeded`. */
    errorPrefix: string;
    /** Default: the system bus. */
    address?: string;
    limits?: Partial<Limits>;
    /** Takes lines for the operator: internal errors with their stack. Default: stderr. */
    log?: (line: string) => void;
}

/** A service on a bus. */
export interface ConnectedService extends BusService {
    /** Our unique name. */
    readonly name: string;
    /** Calls others over the same connection. Closing it closes the service. */
    readonly client: BusClient;
    /** Emits a signal that the interface's spec describes. @throws Error when it does not fit the spec */
    emitSignal(path: string, interfaceName: string, signalName: string, args: readonly unknown[]): void;
}

const DO_NOT_QUEUE = 4;
const PRIMARY_OWNER = 1;
const ALREADY_OWNER = 4;

/**
 * Connects to a bus to serve objects on it.
 * @throws Error when the bus cannot be reached
 */
export async function connectService(options: ServiceOptions): Promise<ConnectedService> {
    const log = options.log ?? ((line: string) => console.error(line));
    const connection = await BusConnection.open(options.address ?? systemBusAddress(), log);
    const service = new Service(connection, options, log);
    await service.start();
    return service;
}

class Service implements ConnectedService {
    readonly lost: Promise<string>;
    private readonly tree: ObjectTree;
    private readonly signals: Signals;
    private readonly callers: Callers;
    private readonly dispatcher: Dispatcher;
    private readonly scheduler: Scheduler;
    private readonly owned = new Set<string>();
    private nameLost: (reason: string) => void = () => undefined;

    constructor(
        private readonly connection: BusConnection,
        { root, errorPrefix, limits: given }: ServiceOptions,
        private readonly log: (line: string) => void,
    ) {
        const limits = { ...defaultLimits, ...given };
        const { outbox } = connection;
        connection.maxBody = limits.body;
        this.tree = new ObjectTree(root);
        this.signals = new Signals(outbox, root);
        this.callers = new Callers(connection);
        this.dispatcher = new Dispatcher(this.tree, this.signals, outbox, this.callers, limits, errorPrefix, log);
        this.scheduler = new Scheduler(this.callers, outbox, limits, this.dispatcher);
        this.lost = Promise.race([connection.lost, new Promise<string>((resolve) => (this.nameLost = resolve))]);
        connection.handler = this.scheduler;
    }

    get name(): string {
        return this.connection.name;
    }

    get client(): BusClient {
        return this.connection;
    }

    async start(): Promise<void> {
        const { destination: sender, interface: iface } = DAEMON;
        await this.callers.watch((caller) => this.scheduler.forget(caller));
        await this.connection.subscribe({ sender, interface: iface, member: "NameLost" }, ({ args }) => {
            if (this.owned.has(String(args[0]))) this.nameLost(`The name ${String(args[0])} was taken away.`);
        });
    }

    addObject(path: string, interfaces: InterfaceImplementation[]): void {
        const object = new ExportedObject(path, interfaces, this.log);
        this.tree.add(object);
        if (this.tree.isManaged(path)) this.signals.added(object);
    }

    removeObject(path: string): void {
        const object = this.tree.remove(path);
        if (this.tree.isManaged(path)) this.signals.removed(object);
    }

    setProperties(path: string, interfaceName: string, changes: Record<string, unknown>): void {
        const object = this.tree.get(path);
        const exported = object?.interfaces.get(interfaceName);
        if (object === undefined || exported === undefined) {
            throw new Error(`${path} has no interface ${interfaceName}`);
        }
        for (const [name, value] of Object.entries(changes)) {
            if (!exported.assign(name, value)) continue;
            this.tree.changed(object);
            const emits = exported.compiled.properties.get(name)?.spec.emits;
            if (emits === "true" || emits === "invalidates") this.signals.propertyChanged(object, exported, name);
        }
    }

    emitSignal(path: string, interfaceName: string, signalName: string, args: readonly unknown[]): void {
        const exported = this.tree.get(path)?.interfaces.get(interfaceName);
        const signal = exported?.compiled.spec.signals[signalName];
        if (exported === undefined || signal === undefined) {
            throw new Error(`${path} has no signal ${interfaceName}.${signalName}`);
        }
        const signature = signal.args.map((arg) => arg.type).join("");
        this.signals.flush();
        this.signals.send(path, interfaceName, signalName, signature, values(signature, args));
    }

    flush(): void {
        this.signals.flush();
        this.connection.outbox.flush();
    }

    async requestName(name: string): Promise<void> {
        this.signals.announce();
        const [result] = await this.connection.daemon("RequestName", "su", [name, DO_NOT_QUEUE]);
        if (result !== PRIMARY_OWNER && result !== ALREADY_OWNER) {
            throw new Error(`The bus name ${name} belongs to somebody else: is the service running already?`);
        }
        this.owned.add(name);
    }

    async close(timeoutMs: number): Promise<void> {
        for (const name of this.owned) {
            this.owned.delete(name);
            await this.connection.daemon("ReleaseName", "s", [name]).catch(() => undefined);
        }
        this.dispatcher.stopping = "The service is stopping.";
        const reason = standardError("Disconnected", "The service is stopping.");
        for (const call of this.callers.running()) call.abort(reason);
        const deadline = performance.now() + timeoutMs;
        while (!this.callers.running().next().done && performance.now() < deadline) {
            await new Promise((resolve) => setTimeout(resolve, 10));
        }
        this.flush();
        await this.connection.close();
    }
}
