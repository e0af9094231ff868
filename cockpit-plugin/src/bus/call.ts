// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import cockpit, { type DBusClient } from "cockpit";
import { SERVICE } from "./names.js";
import { send } from "./send.js";
import type { Arguments, InterfaceName, MethodName, OptionVariants, Result } from "./types.js";

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

type Pairs = Readonly<Record<string, readonly [type: "b" | "u" | "s" | "as", value: unknown] | undefined>>;

/** The keys of options with their types, as "KEY:TYPE". */
type Named<P extends Pairs> = {
    [K in keyof P & string]-?: P[K] extends infer V
        ? V extends readonly [infer T extends string, unknown]
            ? `${K}:${T}`
            : never
        : never;
}[keyof P & string];

/**
 * Options of a method: the compiler compares them with what dbus/*.xml says of the method that they are given to.
 * @param values the D-Bus type and the value of each; what is undefined is left out
 */
export function options(): OptionVariants;
export function options<const P extends Pairs>(values: P): OptionVariants<Named<P>>;
export function options(values: Pairs = {}): OptionVariants {
    const given = Object.entries(values).flatMap(([name, pair]) =>
        pair === undefined ? [] : [[name, cockpit.variant(pair[0], pair[1])] as const],
    );
    return Object.fromEntries(given);
}
