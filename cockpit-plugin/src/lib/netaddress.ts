// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Says why a text is not an address of a port; empty when it can be one. */
export type AddressProblem = "" | "empty" | "brackets" | "linklocal" | "mapped" | "form";

const INTERFACE = /^[A-Za-z0-9_][A-Za-z0-9_.:-]{0,14}$/;

/** Whether a text is an IPv4 address in dotted notation. */
export function isIPv4(text: string): boolean {
    return /^[0-9]{1,3}(\.[0-9]{1,3}){3}$/.test(text) && text.split(".").every((part) => Number(part) <= 255);
}

/** Whether a text is an IPv6 address, with or without an interface after %. */
export function isIPv6(text: string): boolean {
    const [address = "", scope] = text.split("%", 2);
    if (!address.includes(":") || scope === "" || address.includes("[")) return false;
    try {
        return new URL(`http://[${address}]/`).hostname !== "";
    } catch {
        return false;
    }
}

/** Whether a port needs root on this very host to be used, so that it is for nobody else. */
export const isLocal = (transport: string): boolean => transport === "loop";

/** Whether only this very host can reach an address, or a port without one. */
export function isLoopback(transport: string, address: string): boolean {
    return transport === "loop" || address === "::1" || (isIPv4(address) && address.startsWith("127."));
}

/** Checks what was typed as the address of a port: an IP address or the name of an interface. */
export function addressProblem(text: string): AddressProblem {
    if (text === "") return "empty";
    if (/^\[.*\]$/.test(text)) return "brackets";
    if (isIPv6(text)) {
        if (/^fe80:/i.test(text) && !text.includes("%")) return "linklocal";
        return /^::ffff:/i.test(text) ? "mapped" : "";
    }
    if (isIPv4(text)) return "";
    return /^[0-9.]+$/.test(text) || !INTERFACE.test(text) ? "form" : "";
}

/** Whether a text is the number of a TCP or RDMA port, 1 to 65535. */
export function isService(text: string): boolean {
    return /^[1-9][0-9]{0,4}$/.test(text) && Number(text) <= 65535;
}

/** Address and service number as people write them: 192.0.2.10:4420, [2001:db8::1]:4420. */
export function endpoint(address: string, service: string): string {
    return `${address.includes(":") ? `[${address}]` : address}:${service}`;
}
