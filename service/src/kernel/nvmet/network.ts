// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** The host's addresses and sockets, and who is connected to the target. */
import { isIPv6, SocketAddress } from "node:net";
import { hostname, networkInterfaces } from "node:os";
import { exists, readLine, readNames, readText } from "../files.js";
import type { Paths } from "../paths.js";
import type { LocalAddress, NetworkState, TargetSessions } from "./types.js";

const LISTEN = "0A";
const ESTABLISHED = "01";

/** How long a reading of the socket table counts, in ms: anybody may ask, and the table may be large. */
const SOCKETS_AGE = 250;

interface Socket {
    family: "ipv4" | "ipv6";
    state: string;
    local: { address: string; port: number };
    peer: { address: string; port: number };
}

/** The adapter of networks. */
export class Network {
    private known: { sockets: Socket[]; at: number } | undefined;

    constructor(private readonly paths: Paths) {}

    /** Addresses, listeners and RDMA devices, now. */
    read(): NetworkState {
        return {
            hostname: hostname(),
            addresses: localAddresses(),
            rdma: readNames(this.paths.rdma).length > 0,
            listeners: this.sockets(LISTEN).map(({ family, local }) => ({ family, ...local })),
        };
    }

    /** Reads which hosts are connected, from the target's debugfs where the kernel has it, the socket table and this host's controllers. */
    sessions(): TargetSessions {
        const { debugNvmet, classNvme } = this.paths;
        return {
            controllers: exists(debugNvmet) ? debugControllers(debugNvmet) : undefined,
            tcp: this.sockets(ESTABLISHED).map(({ local, peer }) => ({ ...local, peer: peer.address })),
            loop: readNames(classNvme)
                .map((name) => `${classNvme}/${name}`)
                .filter((own) => readLine(`${own}/transport`) === "loop" && readLine(`${own}/state`) === "live")
                .map((own) => ({ nqn: readLine(`${own}/subsysnqn`), host: readLine(`${own}/hostnqn`) })),
        };
    }

    /** Forgets the socket table: a listener of the target has just come or gone. */
    changed(): void {
        this.known = undefined;
    }

    /** Reads TCP sockets in one state. Source: Documentation/networking/proc_net_tcp.rst. */
    private sockets(state: string): Socket[] {
        if (this.known === undefined || performance.now() - this.known.at > SOCKETS_AGE) {
            const { tcp4, tcp6 } = this.paths;
            const sockets = [...readSockets("ipv4", tcp4), ...readSockets("ipv6", tcp6)];
            this.known = { sockets, at: performance.now() };
        }
        return this.known.sockets.filter((socket) => socket.state === state);
    }
}

/** Sockets that listen or are connected. */
function readSockets(family: Socket["family"], path: string): Socket[] {
    return (readText(path) ?? "")
        .split("\n")
        .slice(1)
        .map((line) => line.trim().split(/\s+/, 4))
        .filter(([, , , state]) => state === LISTEN || state === ESTABLISHED)
        .map(([, local = "", peer = "", state = ""]) => ({
            family,
            state,
            local: endpoint(local),
            peer: endpoint(peer),
        }));
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

/** Puts an IPv6 address into the spelling of RFC 5952: ports that other tools made may have another one. Others stay. */
function normal(address: string): string {
    return isIPv6(address)
        ? new SocketAddress({ address, family: "ipv6" }).address.replace(/^::ffff:(?=\d+\.)/, "")
        : address;
}

/** Finds the name of the interface that has an address; "" when none has. @param address as in a port: after % is its interface */
export function interfaceOf(addresses: readonly LocalAddress[], address: string): string {
    const [text = "", scope] = address.split("%", 2);
    const plain = normal(text);
    const fits = (one: LocalAddress): boolean =>
        one.address === plain && (scope === undefined || one.interface === scope);
    return addresses.find(fits)?.interface ?? "";
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

/** Reads ADDRESS:PORT in hexadecimal; an IPv4 address inside IPv6 becomes plain. */
export function endpoint(text: string): { address: string; port: number } {
    const [address = "", port = ""] = text.split(":");
    const bytes = (address.match(/.{8}/g) ?? []).flatMap((word) => [...Buffer.from(word, "hex")].reverse());
    const mapped = bytes.length === 16 && bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255;
    const shown = bytes.length === 4 || mapped ? bytes.slice(-4).join(".") : compressed(bytes);
    return { address: shown, port: parseInt(port, 16) };
}

/** Writes an IPv6 address of 16 bytes as RFC 5952 has it. */
function compressed(bytes: readonly number[]): string {
    const groups = Array.from({ length: 8 }, (_, at) =>
        ((bytes[2 * at] ?? 0) * 256 + (bytes[2 * at + 1] ?? 0)).toString(16),
    );
    return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}
