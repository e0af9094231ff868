// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { isIPv6 } from "node:net";
import type { NvmetPort, TargetSessions } from "../kernel/port.js";
import type { ModelContext } from "./context.js";
import { toModelError } from "./errors.js";
import { ioStatistics } from "./statistics.js";
import type { Export } from "./types.js";

/** The hosts that are connected through one port. */
export interface Connections {
    port: number;
    transport: string;
    /** Whether this kernel tells at all; when not, `hosts` says nothing. */
    known: boolean;
    /** Whether all of these are connected to this very export; else some may be to others on the same port. */
    exclusive: boolean;
    /** NQNs where they are known, else addresses; each once. */
    hosts: string[];
}

/** Reads which hosts are connected to an export, as far as the target or the socket table tells. */
export async function connectionsOf({ kernel }: ModelContext, one: Export): Promise<Connections[]> {
    try {
        const [tree, sessions] = await Promise.all([kernel.readNvmet(), kernel.readSessions()]);
        return tree.ports
            .filter((port) => port.subsystems.includes(one.nqn))
            .map((port) => through(port, one.nqn, sessions));
    } catch (error) {
        throw toModelError(error, one.nqn);
    }
}

function through(port: NvmetPort, nqn: string, sessions: TargetSessions): Connections {
    const base = { port: port.id, transport: port.transport, known: true, exclusive: true };
    const once = (hosts: string[]): string[] => [...new Set(hosts)].sort();
    if (sessions.controllers !== undefined) {
        const own = sessions.controllers.filter((one) => one.nqn === nqn && one.port === port.id);
        return { ...base, hosts: once(own.map((one) => one.host)) };
    }
    if (port.transport === "loop") {
        return { ...base, hosts: once(sessions.loop.filter((one) => one.nqn === nqn).map((one) => one.host)) };
    }
    if (port.transport !== "tcp") {
        return { ...base, known: false, exclusive: false, hosts: [] };
    }
    const plain = port.address.replace(/%.*$/, "");
    const fits = (address: string): boolean =>
        plain === "::" || plain === address || (plain === "0.0.0.0" && !isIPv6(address));
    const peers = sessions.tcp.filter((one) => String(one.port) === port.service && fits(one.address));
    return { ...base, exclusive: port.subsystems.length === 1, hosts: once(peers.map((one) => one.peer)) };
}

/** Reads the I/O statistics of the exported device since it was made, by the names of GetStatistics; bytes, counts or ms. */
export async function exportStatistics({ kernel }: ModelContext, one: Export): Promise<Record<string, number>> {
    try {
        const io = await kernel.readIoCounters(await kernel.resolveDevice(one.device));
        return ioStatistics(io);
    } catch (error) {
        throw toModelError(error, one.nqn);
    }
}
