// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** The host's addresses and sockets, and who is connected to the target. */
import { hostname, networkInterfaces } from "node:os";
import { exists, readLine, readNames, readText } from "../files.js";
import type { Paths } from "../paths.js";
import type { LocalAddress, NetworkState, TargetSessions } from "./types.js";

const LISTEN = "0A";
const ESTABLISHED = "01";

/** Addresses, listeners and RDMA devices, now. */
export function readNetwork(paths: Paths): NetworkState {
    return {
        hostname: hostname(),
        addresses: localAddresses(),
        rdma: readNames(paths.rdma).length > 0,
        listeners: sockets(paths, LISTEN).map(({ family, local }) => ({ family, ...local })),
    };
}

/** Addresses of the interfaces that are up. */
export function localAddresses(): LocalAddress[] {
    return Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
        (addresses ?? []).map(({ family, address }) => ({
            interface: name,
            family: family === "IPv6" ? ("ipv6" as const) : ("ipv4" as const),
            address: address.replace(/%.*$/, ""),
        })),
    );
}

/** Name of the interface that has an address; "" when none has. @param address as in a port, a scope after % is passed over */
export function interfaceOf(addresses: readonly LocalAddress[], address: string): string {
    const plain = address.replace(/%.*$/, "");
    return addresses.find((one) => one.address === plain)?.interface ?? "";
}

/** Who is connected: by the target's own debugfs where the kernel has it, the socket table, and this host's own controllers. */
export function readSessions(paths: Paths): TargetSessions {
    return {
        controllers: exists(paths.debugNvmet) ? debugControllers(paths.debugNvmet) : undefined,
        tcp: sockets(paths, ESTABLISHED).map(({ local, peer }) => ({ ...local, peer: peer.address })),
        loop: readNames(paths.classNvme)
            .map((name) => `${paths.classNvme}/${name}`)
            .filter((own) => readLine(`${own}/transport`) === "loop" && readLine(`${own}/state`) === "live")
            .map((own) => ({ nqn: readLine(`${own}/subsysnqn`), host: readLine(`${own}/hostnqn`) })),
    };
}

function debugControllers(directory: string): { nqn: string; port: number; host: string }[] {
    return readNames(directory).flatMap((nqn) =>
        readNames(`${directory}/${nqn}`)
            .filter((name) => /^ctrl\d+$/.test(name))
            .map((name) => ({
                nqn,
                port: Number(readLine(`${directory}/${nqn}/${name}/port`)),
                host: readLine(`${directory}/${nqn}/${name}/hostnqn`),
            })),
    );
}

interface Socket {
    family: "ipv4" | "ipv6";
    local: { address: string; port: number };
    peer: { address: string; port: number };
}

/** TCP sockets in one state. Source: Documentation/networking/proc_net_tcp.rst; addresses are in the host's byte order. */
function sockets(paths: Paths, state: string): Socket[] {
    return (["ipv4", "ipv6"] as const).flatMap((family) =>
        (readText(family === "ipv4" ? paths.tcp4 : paths.tcp6) ?? "")
            .split("\n")
            .slice(1)
            .map((line) => line.trim().split(/\s+/))
            .filter((fields) => fields[3] === state)
            .map((fields) => ({ family, local: endpoint(fields[1] ?? ""), peer: endpoint(fields[2] ?? "") })),
    );
}

/** ADDRESS:PORT in hexadecimal; an IPv4 address inside IPv6 becomes plain. */
export function endpoint(text: string): { address: string; port: number } {
    const [address = "", port = ""] = text.split(":");
    const bytes = (address.match(/.{8}/g) ?? []).flatMap((word) => [...Buffer.from(word, "hex")].reverse());
    const mapped = bytes.length === 16 && bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255;
    const shown =
        bytes.length === 4 || mapped ? bytes.slice(-4).join(".") : compressed(bytes);
    return { address: shown, port: parseInt(port, 16) };
}

/** An IPv6 address of 16 bytes, as RFC 5952 writes it. */
function compressed(bytes: readonly number[]): string {
    const groups = Array.from({ length: 8 }, (_, at) => ((bytes[2 * at] ?? 0) * 256 + (bytes[2 * at + 1] ?? 0)).toString(16));
    return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}
