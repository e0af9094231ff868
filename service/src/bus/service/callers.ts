// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { Call } from "../api.js";
import type { BusConnection } from "../connection/connection.js";
import { DAEMON } from "../connection/connection.js";
import { standardError } from "../errors.js";
import { Flag, type Header } from "../wire/header.js";

/** A call that waits for its turn. */
export interface Queued {
    header: Header;
    body: Buffer;
}

/** One caller on the bus: what of theirs waits and runs. */
export interface CallerQueue {
    readonly name: string;
    readonly waiting: Queued[];
    waitingBytes: number;
    readonly running: Set<RunningCall>;
    /** Whether the caller stands in line for its next call to be started. */
    inLine: boolean;
    /** The caller left the bus. */
    gone: boolean;
    uid?: Promise<number>;
}

/** A call from when its handler starts to when it has been answered. */
export class RunningCall implements Call {
    private controller: AbortController | undefined;
    private aborted: Error | undefined;

    constructor(
        readonly header: Header,
        readonly caller: CallerQueue,
        private readonly callers: Callers,
    ) {}

    get sender(): string {
        return this.caller.name;
    }

    get path(): string {
        return this.header.path;
    }

    get interactive(): boolean {
        return (this.header.flags & Flag.allowInteractiveAuthorization) !== 0;
    }

    /** Made when first asked for: most handlers never look. */
    get signal(): AbortSignal {
        this.controller ??= new AbortController();
        if (this.aborted !== undefined) this.controller.abort(this.aborted);
        return this.controller.signal;
    }

    uid(): Promise<number> {
        return this.callers.uid(this.caller);
    }

    abort(reason: Error): void {
        this.aborted ??= reason;
        this.controller?.abort(this.aborted);
    }
}

/** Everybody who called and is still of interest. A caller is forgotten when it leaves the bus. */
export class Callers {
    private readonly all = new Map<string, CallerQueue>();

    constructor(private readonly connection: BusConnection) {}

    /**
     * Starts to watch for callers that leave the bus; their running calls are aborted.
     * @param onLeft gets each of them
     */
    async watch(onLeft: (caller: CallerQueue) => void): Promise<void> {
        const { path, interface: iface, destination: sender } = DAEMON;
        const match = { sender, path, interface: iface, member: "NameOwnerChanged", arg2: "" };
        await this.connection.subscribe(match, ({ args }) => {
            const caller = this.left(String(args[0]));
            if (caller !== undefined) onLeft(caller);
        });
    }

    /** Finds or adds the caller with this unique name. */
    get(name: string): CallerQueue {
        let caller = this.all.get(name);
        if (caller === undefined) {
            caller = { name, waiting: [], waitingBytes: 0, running: new Set(), inLine: false, gone: false };
            this.all.set(name, caller);
        }
        return caller;
    }

    /** Calls that run now. */
    *running(): Generator<RunningCall> {
        for (const caller of this.all.values()) yield* caller.running;
    }

    /**
     * Uid that the bus daemon vouches for. Asked once a caller, and kept when the caller leaves: the bus never gives a
     * unique name to another connection, so what its calls still do stays theirs.
     * @throws BusError when the caller left before the bus could be asked
     */
    uid(caller: CallerQueue): Promise<number> {
        if (caller.uid !== undefined) return caller.uid;
        if (caller.gone) return Promise.reject(standardError("Disconnected", "The caller has left the bus."));
        caller.uid = this.askUid(caller).catch((error: unknown) => {
            delete caller.uid;
            throw error;
        });
        return caller.uid;
    }

    /** GetConnectionCredentials would do as well, but its answer holds a file descriptor of the process on dbus-broker. */
    private async askUid(caller: CallerQueue): Promise<number> {
        const [uid] = await this.connection.daemon("GetConnectionUnixUser", "s", [caller.name]);
        if (typeof uid === "number") return uid;
        throw standardError("Disconnected", "The bus does not say who the caller is.");
    }

    private left(name: string): CallerQueue | undefined {
        const caller = this.all.get(name);
        if (caller === undefined) return undefined;
        this.all.delete(name);
        caller.gone = true;
        for (const call of caller.running) call.abort(standardError("Disconnected", "The caller has left the bus."));
        return caller;
    }
}
