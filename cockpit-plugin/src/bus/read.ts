// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { DBusClient } from "cockpit";
import { PROPERTIES } from "./names.js";
import { send } from "./send.js";
import type { Arguments, InterfaceName, MethodName, Result } from "./types.js";
import { liveConnection, type Bag } from "./watch.js";

function connection(): DBusClient {
    const client = liveConnection();
    if (client === null) throw new Error("There is no connection to the service.");
    return client;
}

/** All properties of an interface of an object, without privileges. It never starts the service. */
export async function readAll(path: string, iface: string): Promise<Bag> {
    const [bag] = await connection().call(path, PROPERTIES, "GetAll", [iface], { type: "s" });
    return bag as Bag;
}

/** Calls a method that only reads, without privileges. It never starts the service. */
export async function read<I extends InterfaceName, M extends MethodName<I>>(
    path: string,
    iface: I,
    method: M,
    ...args: Arguments<I, M>
): Promise<Result<I, M>> {
    return send(connection(), path, iface, method, args);
}
