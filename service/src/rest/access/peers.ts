// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { readFileSync, readSync } from "node:fs";
import type { Socket } from "node:net";
import { endianness } from "node:os";

/** The end of a connection, as far as it is looked at here. */
export type End = Pick<Socket, "localAddress" | "localPort" | "remoteAddress" | "remotePort">;

const LITTLE = endianness() === "LE";

/** A row of the list up to the port of the other end, and from there to the user and an inode. */
const ROW_START = "^ *\\d+: ([0-9A-F]+:[0-9A-F]{4} [0-9A-F]+:";
/** What its process has closed already is shown as the superuser's, with the inode 0: such a row belongs to nobody. */
const ROW_END = " [0-9A-F]{2} \\S+ \\S+ \\S+ +(\\d+) +\\d+ [1-9]";

/**
 * Tells connections of one peer from those of others: on the loopback by the user, since every user of this host has the
 * same address there, else by the address. Which user a connection is of stands in the kernel's list of connections.
 */
export class Peers {
    private readonly known = new WeakMap<End, string>();

    /** @param read gives the kernel's lists of connections (proc(5), net/tcp and net/tcp6) */
    constructor(private readonly read: () => string) {}

    /** The key of each; one look at the kernel's list for all whose user is not known yet. */
    keysOf(ends: readonly End[]): string[] {
        const wanted = new Map<string, End>();
        for (const end of ends) {
            const row = this.known.has(end) ? undefined : rowOf(end);
            if (row !== undefined) {
                wanted.set(row, end);
            }
        }
        if (wanted.size > 0) {
            this.findUsers(wanted);
        }
        return ends.map((end) => this.known.get(end) ?? keyOfAddress(end.remoteAddress));
    }

    private findUsers(wanted: ReadonlyMap<string, End>): void {
        const ports = new Set([...wanted.keys()].map((row) => row.slice(-4)));
        const row = new RegExp(`${ROW_START}(?:${[...ports].join("|")}))${ROW_END}`, "gm");
        for (const [, ends = "", user] of this.read().matchAll(row)) {
            const end = wanted.get(ends);
            if (end !== undefined) {
                this.known.set(end, `user ${user}`);
            }
        }
    }
}

/**
 * Reads the lists through descriptors that systemd opened; without any, those that this process sees. What cannot be read is left
 * out, as on a host without IPv6 or in a sandbox: peers are told apart by address then.
 */
export function connectionLists(tables: readonly number[]): () => string {
    const paths = ["/proc/net/tcp", "/proc/net/tcp6"];
    return () => (tables.length > 0 ? tables.map(readWhole) : paths.map(readPath)).join("\n");
}

function readPath(path: string): string {
    try {
        return readFileSync(path, "latin1");
    } catch {
        return "";
    }
}

function readWhole(fd: number): string {
    const pieces: Buffer[] = [];
    try {
        for (let at = 0; ;) {
            const piece = Buffer.allocUnsafe(64 * 1024);
            const length = readSync(fd, piece, 0, piece.length, at);
            if (length === 0) {
                break;
            }
            pieces.push(piece.subarray(0, length));
            at += length;
        }
    } catch {
        // What was read is as good as what there is.
    }
    return Buffer.concat(pieces).toString("latin1");
}

/** How the list shows the other end of a connection over the loopback; undefined for any other connection. */
function rowOf({ localAddress, localPort, remoteAddress, remotePort }: End): string | undefined {
    const [here, there] = [hexOf(localAddress), hexOf(remoteAddress)];
    const port = (number: number | undefined): string => (number ?? 0).toString(16).toUpperCase().padStart(4, "0");
    return here === undefined || there === undefined
        ? undefined
        : `${there}:${port(remotePort)} ${here}:${port(localPort)}`;
}

/** Writes a loopback address in the kernel's notation: words of 32 bits in the byte order of the machine. */
function hexOf(address: string | undefined): string | undefined {
    if (address === "::1") {
        return `${"0".repeat(24)}${LITTLE ? "01000000" : "00000001"}`;
    }
    const octets = address?.split(".").map(Number) ?? [];
    if (octets.length !== 4 || octets[0] !== 127) {
        return undefined;
    }
    const ordered = LITTLE ? octets.reverse() : octets;
    return Buffer.from(ordered).toString("hex").toUpperCase();
}

/** Makes a key of an address; of IPv6 its network, since a host can take any number of addresses in it. */
function keyOfAddress(address: string | undefined): string {
    if (address?.includes(":") !== true || address.includes(".")) {
        return `address ${address ?? "unknown"}`;
    }
    const [before = "", after] = address.split("%")[0]!.split("::");
    const head = before.split(":").filter((group) => group !== "");
    const tail = (after ?? "").split(":").filter((group) => group !== "");
    const zeros = new Array<string>(Math.max(0, 8 - head.length - tail.length)).fill("0");
    return `network ${[...head, ...zeros, ...tail].slice(0, 4).join(":")}`;
}
