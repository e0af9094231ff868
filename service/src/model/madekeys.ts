// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { createHash } from "node:crypto";
import type { NvmetTree } from "../kernel/port.js";
import { generateKey } from "../hostkey.js";
import type { ModelContext } from "./context.js";
import { ModelError } from "./errors.js";
import { exportsOf, hasKeptKey } from "./hostkeys.js";
import { NO_HOST_KEYS, type HostKeys } from "./nqn.js";
import { isLocal } from "./portplan.js";

/**
 * Keys that are made for hosts when nobody gives one. The name of a host authenticates nobody: the bus, REST and configfs tell
 * it to everybody, and over TCP and RDMA anyone who knows it can use it.
 */

/** Most keys that wait to be given out; the oldest goes first. */
const MOST = 4096;

/** What hosts are to be let in to. */
export interface HostAdmission {
    nqn: string;
    hosts: readonly string[];
    /** Numbers of the ports that it is or will be on. */
    ports: readonly number[];
    /** It was said plainly that the hosts need no key. */
    noKey?: boolean | undefined;
}

/**
 * Finds the hosts that get a key of their own: those without one, on an export that is on a tcp or rdma port, where the kernel
 * has keys.
 * @throws ModelError InvalidArgument for a host that another export allows without a key: a new key would count there too, and
 *     shut out the host when it connects there next
 */
export async function hostsToKey(
    context: ModelContext,
    tree: NvmetTree,
    { nqn, hosts, ports, noKey = false }: HostAdmission,
): Promise<string[]> {
    const isNetworked = ports.some((id) => {
        const port = tree.ports.find((one) => one.id === id) ?? context.saved.port(id);
        return port !== undefined && !isLocal(port) && port.transport !== "";
    });
    if (noKey || !isNetworked || !(await context.kernel.nvmetFeatures()).auth) {
        return [];
    }
    const keyless = hosts.filter((host) => !hasKeptKey(context, tree, host));
    for (const host of keyless) {
        const other = exportsOf(context, tree, host).find((one) => one.nqn !== nqn);
        if (other !== undefined) {
            throw new ModelError(
                "InvalidArgument",
                `${host} may connect to ${other.nqn} without a key, and a key counts on every export: give it one there ` +
                    "first, or say plainly that it needs none (no-key).",
            );
        }
    }
    return keyless;
}

/** Makes new keys for hosts. */
export function newKeys(hosts: readonly string[]): Map<string, HostKeys> {
    return new Map(hosts.map((host) => [host, { ...NO_HOST_KEYS, key: generateKey() }]));
}

/** A key that was made and waits to be given out. */
export interface MadeKey {
    nqn: string;
    host: string;
    /** Of the key, which itself only the kernel has: one that was changed meanwhile is somebody else's. */
    digest: string;
    /** The caller for whose request the key was made. */
    asker: string | undefined;
}

/** Remembers which keys were made for whom and not given out yet. No key is in it. */
export class MadeKeys {
    /** By host, since a host has one key. */
    private readonly waiting = new Map<string, MadeKey>();

    /** Remembers keys that the kernel has now. */
    add(nqn: string, keys: ReadonlyMap<string, HostKeys>, asker: string | undefined): void {
        for (const [host, { key }] of keys) {
            this.waiting.delete(host);
            this.waiting.set(host, { nqn, host, digest: digestOf(key), asker });
        }
        const excess = [...this.waiting.keys()].slice(0, Math.max(0, this.waiting.size - MOST));
        excess.forEach((host) => this.waiting.delete(host));
    }

    /** Gives the keys that wait on an export. @param hosts none: every host */
    of(nqn: string, hosts: readonly string[]): MadeKey[] {
        return [...this.waiting.values()].filter(
            (one) => one.nqn === nqn && (hosts.length === 0 || hosts.includes(one.host)),
        );
    }

    /** Forgets what waits for a host, whose key is changed or which is denied. */
    forget(host: string): void {
        this.waiting.delete(host);
    }

    /** Takes those that still wait. @param read the key that a host has now @returns the keys by host, each of them only once */
    async take(wanted: readonly MadeKey[], read: (host: string) => Promise<string>): Promise<Map<string, string>> {
        const mine = wanted.filter((one) => this.waiting.get(one.host) === one && this.waiting.delete(one.host));
        const found = new Map<string, string>();
        for (const { host, digest } of mine) {
            const key = await read(host).catch(() => "");
            if (digestOf(key) === digest) {
                found.set(host, key);
            }
        }
        return found;
    }
}

function digestOf(key: string): string {
    return createHash("sha256").update(key).digest("hex");
}
