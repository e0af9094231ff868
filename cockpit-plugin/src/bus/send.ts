// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { DBusClient } from "cockpit";
import { signatures } from "../generated/signatures.js";
import type { Arguments, InterfaceName, MethodName, Result } from "./types.js";

/**
 * Calls a method over a connection.
 * @param path the object
 * @param iface its interface
 * @param method the method
 * @param args arguments in their order; sizes in bytes
 * @returns the only value that it answers, a tuple of several, or undefined
 * @throws CockpitError: `name` is the D-Bus error, or `problem` what is wrong with the connection
 */
export async function send<I extends InterfaceName, M extends MethodName<I>>(
    client: DBusClient,
    path: string,
    iface: I,
    method: M,
    args: Arguments<I, M>,
): Promise<Result<I, M>> {
    const type = (signatures[iface] as Readonly<Record<string, string>>)[method] ?? "";
    const values = await client.call(path, iface, method, args, { type });
    return (values.length > 1 ? values : values[0]) as Result<I, M>;
}
