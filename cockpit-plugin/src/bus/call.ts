// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import cockpit, { type DBusClient, type DBusVariant } from "cockpit";
import { signatures } from "../generated/signatures.js";
import { SERVICE } from "./names.js";
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

/**
 * Calls a method of the service with the rights of the session's administrator, where it has them.
 * @param path the object
 * @param iface its interface
 * @param method the method
 * @param args arguments in their order; sizes in bytes
 * @returns the only value that it answers, a tuple of several, or undefined
 * @throws CockpitError: `name` is the D-Bus error, or `problem` what is wrong with the connection
 */
export async function call<I extends InterfaceName, M extends MethodName<I>>(
    path: string,
    iface: I,
    method: M,
    ...args: Arguments<I, M>
): Promise<Result<I, M>> {
    const type = (signatures[iface] as Readonly<Record<string, string>>)[method] ?? "";
    const values = await connection().call(path, iface, method, args, { type });
    return (values.length > 1 ? values : values[0]) as Result<I, M>;
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
