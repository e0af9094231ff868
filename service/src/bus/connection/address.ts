// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

const SYSTEM_BUS = "unix:path=/run/dbus/system_bus_socket";

/** Address of the system bus: DBUS_SYSTEM_BUS_ADDRESS or the well-known socket. */
export function systemBusAddress(): string {
    return process.env.DBUS_SYSTEM_BUS_ADDRESS || SYSTEM_BUS;
}

/**
 * Socket paths that an address names, in the order to try; an abstract socket's starts with a zero byte.
 * @param address as in the D-Bus specification, "Server Addresses": `unix:path=…` or `unix:abstract=…`, several with `;`
 * @throws Error when it names no unix socket: nothing else is supported, a system bus is local
 */
export function socketPaths(address: string): string[] {
    const paths: string[] = [];
    for (const entry of address.split(";")) {
        const colon = entry.indexOf(":");
        if (colon === -1 || entry.slice(0, colon) !== "unix") continue;
        for (const pair of entry.slice(colon + 1).split(",")) {
            const [key, value = ""] = pair.split("=", 2);
            if (value === "") continue;
            if (key === "path") paths.push(unescape(value, address));
            if (key === "abstract") paths.push(`\0${unescape(value, address)}`);
        }
    }
    if (paths.length === 0) {
        throw new Error(`The bus address "${address}" names no unix:path= or unix:abstract= socket.`);
    }
    return paths;
}

function unescape(value: string, address: string): string {
    try {
        return decodeURIComponent(value);
    } catch {
        throw new Error(`The bus address "${address}" holds an invalid %-escape.`);
    }
}
