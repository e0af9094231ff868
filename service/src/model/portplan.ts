// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { isIP, isIPv4, SocketAddress } from "node:net";
import type { ModuleName, NetworkState, NvmetFeatures, NvmetTree } from "../kernel/port.js";
import { MAX_PORT } from "../kernel/nvmet/node.js";
import { ModelError } from "./errors.js";
import { everybodyWords, type ProblemOf } from "./problems.js";
import type { PortEntry } from "./storage.js";
import { quote } from "./values.js";

/** What a caller asks a port to be. */
export interface PortRequest {
    /** 0: the lowest free number. */
    id: number;
    transport: string;
    /** An IP address or the name of an interface; "" for loop. */
    address: string;
    /** Default 4420. */
    service?: string;
    family?: string;
    tls?: boolean;
}

/** The target's module for each transport. */
export const TRANSPORT_MODULE = { tcp: "nvmet_tcp", rdma: "nvmet_rdma", loop: "nvme_loop" } as const;
export type NvmeTransport = keyof typeof TRANSPORT_MODULE;

const INTERFACE = /^[A-Za-z0-9_][A-Za-z0-9_.:-]{0,14}$/;
const WILDCARDS = ["0.0.0.0", "::"];

/** Tells whether an address stands for every address of the host. */
export const isWildcard = (address: string): boolean => WILDCARDS.includes(address);

function invalid(message: string): ModelError {
    return new ModelError("InvalidArgument", message);
}

/** Tells whether an address is one of this host alone. Every program on it can connect to that, no matter who runs it. */
export function isLoopbackAddress(address: string): boolean {
    return address === "::1" || (isIPv4(address) && address.startsWith("127."));
}

/** Tells whether a port needs root on this very host to be used: transport loop, which is no network. */
export function isLocal({ transport }: { transport: string }): boolean {
    return transport === "loop";
}

/** What a port is called by. */
type PortLabel = Pick<PortEntry, "address" | "service"> & { transport: string };

/** Writes a port in words: tcp 192.0.2.10:4420. */
export function portWords(port: PortLabel): string {
    const address = port.address.includes(":") ? `[${port.address}]` : port.address;
    return port.address === "" ? port.transport : `${port.transport} ${address}:${port.service}`;
}

/** Says in words which hosts reach a port that authenticates nobody. */
export function everybodyOn(port: PortLabel & { id: number }): string {
    return everybodyWords(isLoopbackAddress(port.address), port.id, portWords(port));
}

/**
 * Tells whether a port is the one that was saved, and not another one that somebody made under its number. One that is saved by its
 * interface has the address that the interface had when it was made.
 */
export function isSavedPort(
    port: PortLabel & Pick<PortEntry, "family" | "interface" | "tls">,
    entry: PortEntry,
): boolean {
    if (port.transport === "loop") {
        return entry.transport === "loop";
    }
    const place =
        (port.address === entry.address && port.family === entry.family) ||
        (entry.interface !== "" && port.interface === entry.interface);
    return port.transport === entry.transport && place && port.service === entry.service && port.tls === entry.tls;
}

/** Tells whether no interface that is up has the very address of a port, so that no host reaches it. */
export function lacksAddress({ transport, address, interface: name }: PortLabel & { interface: string }): boolean {
    const network = transport === "tcp" || transport === "rdma";
    return network && address !== "" && name === "" && !isWildcard(address) && !isLoopbackAddress(address);
}

/** Finds where a port and the one that is saved under its number differ. */
export function portDifference(port: PortLabel & { tls: boolean }, entry: PortEntry): ProblemOf<"port-differs"> {
    return {
        kind: "port-differs",
        ...{ object: String(entry.id), type: "port" },
        ...{ found: portWords(port), "found-tls": port.tls, saved: portWords(entry), "saved-tls": entry.tls },
    };
}

/** Checks the words of a request that need no look at the host. @throws ModelError InvalidArgument */
export function checkPortRequest(request: PortRequest): NvmeTransport {
    const { id, transport, address, service = "4420", family, tls = false } = request;
    if (id > MAX_PORT) {
        throw invalid(`Port ${id} is out of range; it must be 1 to ${MAX_PORT}, or 0 for the next free one.`);
    }
    if (!Object.hasOwn(TRANSPORT_MODULE, transport)) {
        throw invalid(`Transport ${quote(transport)} is unknown; it must be tcp, rdma or loop.`);
    }
    if (transport === "loop") {
        if (address !== "" || request.service !== undefined || family !== undefined) {
            throw invalid("A loop port has no address, service or family; leave them empty.");
        }
    } else {
        checkAddressWords(address, family);
    }
    if (!/^[1-9][0-9]{0,4}$/.test(service) || Number(service) > 65535) {
        throw invalid(`Service ${quote(service)} is not a port number; it must be 1 to 65535.`);
    }
    if (tls && transport !== "tcp") {
        throw invalid(`TLS is for the transport tcp, not for ${transport}.`);
    }
    return transport as NvmeTransport;
}

function checkAddressWords(address: string, family: string | undefined): void {
    if (family !== undefined && family !== "ipv4" && family !== "ipv6") {
        throw invalid(`Family ${quote(family)} is unknown; it must be ipv4 or ipv6.`);
    }
    if (address === "") {
        throw invalid("The address is missing; it must be an IP address or the name of an interface.");
    }
    const literal = isIP(address);
    if (literal === 0 && !INTERFACE.test(address)) {
        const bare = /^\[(.*)\]$/.exec(address)?.[1];
        const hint = bare !== undefined && isIP(bare) === 6 ? `; write it without brackets: ${bare}` : "";
        throw invalid(`Address ${quote(address)} is neither an IP address nor the name of an interface${hint}.`);
    }
    if (literal !== 0 && family !== undefined && family !== `ipv${literal}`) {
        throw invalid(`Address ${address} is of the family ipv${literal}, not ${family}.`);
    }
    if (literal === 6 && /^(::ffff:|fe80:)/i.test(address) && !address.includes("%")) {
        throw invalid(
            /^fe80:/i.test(address)
                ? `Address ${address} is link-local; say on which interface: ${address}%INTERFACE.`
                : `Address ${address} is an IPv4 address in IPv6 notation; write it as IPv4.`,
        );
    }
}

/** Checks whether the target and the transport can work here. @throws ModelError NotSupported naming what is missing */
export function needTransport(
    transport: NvmeTransport,
    tree: NvmetTree,
    available: readonly ModuleName[],
    network: NetworkState,
): void {
    needTarget(tree, available);
    const module = TRANSPORT_MODULE[transport];
    if (!available.includes(module)) {
        throw new ModelError("NotSupported", `The kernel module ${module} is not installed, which ${transport} needs.`);
    }
    if (transport === "rdma" && !network.rdma) {
        throw new ModelError("NotSupported", "This host has no RDMA device, which a port of the transport rdma needs.");
    }
}

/** Checks that there is a target. @throws ModelError NotSupported when there is no NVMe target */
export function needTarget(tree: NvmetTree, available: readonly ModuleName[]): void {
    if (!tree.present) {
        throw new ModelError(
            "NotSupported",
            available.includes("nvmet")
                ? "The kernel module nvmet is not loaded, or configfs is not mounted: load the missing modules first."
                : "The kernel module nvmet is not installed, so this host cannot export anything over NVMe.",
        );
    }
}

/** Checks that ports can have TLS. @throws ModelError NotSupported saying which part of TLS is missing */
export function needTls(features: NvmetFeatures): void {
    if (!features.tls) {
        throw new ModelError(
            "NotSupported",
            "The NVMe target of this kernel knows no TLS (it takes no addr_tsas tls1.3).",
        );
    }
    if (!features.tlshd) {
        throw new ModelError(
            "NotSupported",
            "The TLS handshake service tlshd (of ktls-utils) does not run; start it first.",
        );
    }
}

/** Finds the lowest number that no port has. @param saved numbers of saved ports, which may be made again */
export function freePort(tree: NvmetTree, saved: ReadonlySet<number> = new Set()): number {
    const taken = new Set([...saved, ...tree.ports.map((port) => port.id)]);
    for (let id = 1; id <= MAX_PORT; id++) {
        if (!taken.has(id)) {
            return id;
        }
    }
    throw new ModelError("LimitsExceeded", "Every port number is taken.");
}

/**
 * Works out the port that a request means, on this host as it is now.
 * @param saved numbers of saved ports, which are not given to a request without a number
 * @throws ModelError NotFound (no such address or interface here), AlreadyExists, Busy (somebody listens there)
 */
export function resolvePort(
    request: PortRequest,
    transport: NvmeTransport,
    tree: NvmetTree,
    network: NetworkState,
    saved: ReadonlySet<number> = new Set(),
): PortEntry {
    const id = request.id === 0 ? freePort(tree, saved) : request.id;
    if (tree.ports.some((port) => port.id === id)) {
        throw new ModelError(
            "AlreadyExists",
            `Port ${id} exists already; the lowest free number is ${freePort(tree, saved)}.`,
        );
    }
    const base = { id, transport, tls: request.tls === true };
    if (transport === "loop") {
        return { ...base, family: "", address: "", service: "", interface: "" };
    }
    const place = isIP(request.address) === 0 ? fromInterface(request, network) : fromAddress(request.address, network);
    const port: PortEntry = { ...base, ...place, service: request.service ?? "4420" };
    refuseConflict(port, tree, network);
    return port;
}

type PortAddress = Pick<PortEntry, "family" | "address" | "interface">;

function fromAddress(text: string, network: NetworkState): PortAddress {
    const family = isIP(text) === 4 ? "ipv4" : "ipv6";
    const [plain = "", scope] = text.split("%", 2);
    const address = new SocketAddress({ address: plain, family }).address;
    const own = network.addresses.filter((one) => one.address === address);
    const here =
        WILDCARDS.includes(address) ||
        /^127\./.test(address) ||
        own.some((one) => scope === undefined || one.interface === scope);
    if (!here) {
        const known = network.addresses.map((one) => one.address).join(", ");
        throw new ModelError(
            "NotFound",
            `Address ${text} is not on this host (EADDRNOTAVAIL); it has ${known || "none"}.`,
        );
    }
    return { family, address: scope === undefined ? address : `${address}%${scope}`, interface: "" };
}

function fromInterface({ address: name, family }: PortRequest, network: NetworkState): PortAddress {
    const own = network.addresses.filter((one) => one.interface === name);
    if (own.length === 0) {
        const names = [...new Set(network.addresses.map((one) => one.interface))].join(", ");
        throw new ModelError(
            "NotFound",
            `There is no interface ${quote(name)} that is up and has an address; there are ${names}.`,
        );
    }
    const local = (address: string): boolean => /^fe80:/i.test(address);
    const fitting = own.filter((one) => family === undefined || one.family === family);
    const best =
        fitting.find((one) => one.family === "ipv4") ?? fitting.find((one) => !local(one.address)) ?? fitting[0];
    if (best === undefined) {
        throw new ModelError("NotFound", `Interface ${name} has no address of the family ${family}.`);
    }
    const address = local(best.address) ? `${best.address}%${name}` : best.address;
    return { family: best.family, address, interface: name };
}

/** Tells whether two addresses of one service number get in each other's way; "::" also takes every IPv4 address. */
function overlaps(one: { family: string; address: string }, other: { family: string; address: string }): boolean {
    if (one.address === other.address || one.address === "::" || other.address === "::") {
        return true;
    }
    return one.family === other.family && (WILDCARDS.includes(one.address) || WILDCARDS.includes(other.address));
}

function refuseConflict(port: PortEntry, tree: NvmetTree, network: NetworkState): void {
    const same = tree.ports.find(
        (one) => one.transport === port.transport && one.service === port.service && overlaps(one, port),
    );
    if (same !== undefined) {
        throw new ModelError("AlreadyExists", `Port ${same.id} has ${portWords(same)} already (EADDRINUSE).`);
    }
    const listener = network.listeners.find((one) => String(one.port) === port.service && overlaps(one, port));
    if (port.transport === "tcp" && listener !== undefined) {
        throw new ModelError("Busy", `Another program listens on ${portWords(port)} already (EADDRINUSE).`);
    }
}
