// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { ROOT, SERVICE } from "../facts/busnames.js";
import { BUS, BUS_PATH, PEER, STANDARD_ERROR } from "../facts/dbus.js";
import { BusError } from "../bus/api.js";
import type { BusClient } from "../bus/api.js";
import type { BusRequest } from "./request.js";

/** How a request is sent. */
export interface SendOptions {
    /** Whether a person may be asked for a password. */
    interactive?: boolean;
    /** Milliseconds to wait for the answer; 0 = no limit. Default: 25 s for reading, no limit for changes. */
    timeoutMs?: number;
}

const READ_TIMEOUT_MS = 25_000;

/** The service as seen from outside: sends requests over one connection to the bus. */
export class ManagerClient {
    /**
     * @param answered is told of each answer: what was asked, and the error if it was one
     * @param autoStart whether the bus starts the service for a request when it does not run
     */
    constructor(
        private readonly bus: BusClient,
        private readonly answered: (request: BusRequest, error?: unknown) => void = () => undefined,
        private readonly autoStart = true,
    ) {}

    /**
     * Sends a request and returns its answer.
     * @throws BusError with the error's D-Bus name
     */
    async send<T>(request: BusRequest<T>, { interactive = false, timeoutMs }: SendOptions = {}): Promise<T> {
        let out: unknown[];
        try {
            out = await this.bus.call(
                { destination: SERVICE, path: request.path, interface: request.interface, member: request.member },
                request.signature,
                request.args,
                {
                    interactive,
                    autoStart: this.autoStart,
                    timeoutMs: timeoutMs ?? (request.authorized ? 0 : READ_TIMEOUT_MS),
                },
            );
        } catch (error) {
            this.answered(request, error);
            throw error;
        }
        this.answered(request);
        return request.decode(out);
    }

    /**
     * Asks whether the service answers at all, whatever it works on.
     * @param timeoutMs milliseconds
     * @throws BusError NoReply when it does not
     */
    async ping(timeoutMs: number): Promise<void> {
        const target = { destination: SERVICE, path: ROOT, interface: PEER, member: "Ping" };
        await this.bus.call(target, "", [], { autoStart: false, timeoutMs });
    }

    /** Resolves when the connection has ended. */
    get closed(): Promise<void> {
        return this.bus.closed;
    }

    /**
     * Listens to signals of the service from below an object path.
     * @param listener called in the order of the signals, before the answer of any call that was sent after them
     */
    async listen(
        path: string,
        listener: (signal: { path: string; interface: string; member: string; args: unknown[] }) => void,
    ): Promise<void> {
        await this.bus.subscribe({ sender: SERVICE, pathNamespace: path }, listener);
    }

    /** Tells whenever the service comes (true) or goes (false). @returns whether it is there now */
    async watch(listener: (present: boolean) => void): Promise<boolean> {
        const bus = { destination: BUS, path: BUS_PATH, interface: BUS };
        await this.bus.subscribe(
            { sender: BUS, interface: BUS, member: "NameOwnerChanged", arg0: SERVICE },
            ({ args }) => listener(args[2] !== ""),
        );
        const [owned] = await this.bus.call({ ...bus, member: "NameHasOwner" }, "s", [SERVICE]);
        return owned === true;
    }

    /** Ends the connection. */
    async close(): Promise<void> {
        await this.bus.close();
    }
}

/** D-Bus error name of "there is no bus to talk to", which no bus can answer itself. */
export const NO_BUS = `${STANDARD_ERROR}.NoServer`;

/**
 * Connects to the system bus (or to the one that DBUS_SYSTEM_BUS_ADDRESS names).
 * @param answered see {@link ManagerClient}
 * @param autoStart see there
 * @throws BusError {@link NO_BUS} when there is none
 */
export async function connect(
    answered?: (request: BusRequest, error?: unknown) => void,
    autoStart?: boolean,
): Promise<ManagerClient> {
    const { connectClient } = await import("../bus/client.js");
    try {
        return new ManagerClient(await connectClient(), answered, autoStart);
    } catch (error) {
        throw new BusError(NO_BUS, `The system bus cannot be reached: ${(error as Error).message.replace(/\.$/, "")}.`);
    }
}
