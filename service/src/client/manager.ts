// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { BusError } from "../bus/api.js";
import type { BusClient } from "../bus/api.js";
import { SERVICE } from "./names.js";
import type { Request } from "./request.js";

/** How a request is sent. */
export interface SendOptions {
    /** Whether a person may be asked for a password. */
    interactive?: boolean;
    /** Milliseconds to wait for the answer; 0 = no limit. Default: 25 s for reading, no limit for changes. */
    timeoutMs?: number;
}

const READ_TIMEOUT_MS = 25_000;

/** The service as seen from outside: sends requests over one connection to the bus. */
export class Manager {
    constructor(private readonly bus: BusClient) {}

    /**
     * Sends a request and returns its answer.
     * @throws BusError with the error's D-Bus name
     */
    async send<T>(request: Request<T>, { interactive = false, timeoutMs }: SendOptions = {}): Promise<T> {
        const out = await this.bus.call(
            { destination: SERVICE, path: request.path, interface: request.interface, member: request.member },
            request.signature,
            request.args,
            { interactive, timeoutMs: timeoutMs ?? (request.authorized ? 0 : READ_TIMEOUT_MS) },
        );
        return request.decode(out);
    }

    /** Ends the connection. */
    async close(): Promise<void> {
        await this.bus.close();
    }
}

/** D-Bus error name of "there is no bus to talk to", which no bus can answer itself. */
export const NO_BUS = "org.freedesktop.DBus.Error.NoServer";

/**
 * Connects to the system bus (or to the one that DBUS_SYSTEM_BUS_ADDRESS names).
 * @throws BusError {@link NO_BUS} when there is none
 */
export async function connect(): Promise<Manager> {
    const { connectClient } = await import("../bus/client.js");
    try {
        return new Manager(await connectClient());
    } catch (error) {
        throw new BusError(NO_BUS, `The system bus cannot be reached: ${(error as Error).message}.`);
    }
}
