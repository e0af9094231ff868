// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import cockpit, { type DBusClient, type DBusVariant } from "cockpit";
import { SERVICE } from "./names.js";
import { send } from "./send.js";
import type { Arguments, InterfaceName, MethodName, Result } from "./types.js";

let client: DBusClient | null = null;

/** Forgets the connection for changes; the next call makes a new one, with the rights that the session has by then. */
export function renewCalls(): void {
    client?.close();
    client = null;
}

function connection(): DBusClient {
    if (client === null) {
        const made = cockpit.dbus(SERVICE, { bus: "system", superuser: "try" });
        made.addEventListener("close", () => {
            if (client === made) client = null;
        });
        client = made;
    }
    return client;
}

/** Calls a method of the service, as `send` does, with the rights of the session's administrator, where it has them. */
export function call<I extends InterfaceName, M extends MethodName<I>>(
    path: string,
    iface: I,
    method: M,
    ...args: Arguments<I, M>
): Promise<Result<I, M>> {
    return send(connection(), path, iface, method, args);
}

/**
 * Options of a method.
 * @param values the D-Bus type and the value of each; what is undefined is left out
 */
export function options(
    values: Readonly<Record<string, readonly [type: string, value: unknown] | undefined>> = {},
): Readonly<Record<string, DBusVariant>> {
    const given = Object.entries(values).flatMap(([name, pair]) =>
        pair === undefined ? [] : [[name, cockpit.variant(pair[0], pair[1])] as const],
    );
    return Object.fromEntries(given);
}
