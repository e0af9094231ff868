// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { THROUGH_STATISTICS, WRITEBACK_STATISTICS } from "../statisticnames.js";

/** What the old JSON holds: texts, integers, lists, objects. */
export type Value = string | bigint | readonly Value[] | { readonly [key: string]: Value };

/**
 * Renders JSON byte for byte as rapiddisk 9 does: one line, `", "` and `": "` between items, keys in the order given,
 * control characters as \uXXXX in upper case, integers as signed 64-bit numbers.
 */
export function render(value: Value): string {
    if (typeof value === "string") {
        return jsonText(value);
    }
    if (typeof value === "bigint") {
        return BigInt.asIntN(64, value).toString();
    }
    if (Array.isArray(value)) {
        return `[${value.map(render).join(", ")}]`;
    }
    return `{${Object.entries(value)
        .map(([key, item]) => `${jsonText(key)}: ${render(item)}`)
        .join(", ")}}`;
}

function jsonText(text: string): string {
    return JSON.stringify(text).replace(/\\(?:u[0-9a-f]{4}|.)/g, (escape) =>
        escape.length === 2 ? escape : `\\u${escape.slice(2).toUpperCase()}`,
    );
}

/** A RAM disk in `-l -j`. */
export interface UpstreamVolume {
    device: string;
    /** Bytes. */
    size: bigint;
    /** Bytes. */
    usage: bigint;
    status: "locked" | "unlocked" | "unavailable";
}

/** A mapping in `-l -j`. */
export interface UpstreamCache {
    device: string;
    /** Kernel name of the RAM disk. */
    cache: string;
    /** Kernel name of the origin. */
    source: string;
    mode: string;
}

/** A block device in `-q -j`. */
export interface UpstreamResource {
    device: string;
    /** Bytes. */
    size: bigint;
    vendor: string;
    model: string;
}

/** Makes the outcome of an action that has no shape of its own; the message is left out when empty. */
export function statusObject(status: "Success" | "Failed", message: string): Value {
    return message === "" ? { status } : { status, message };
}

/** Makes the object of `-l -j`. */
export function listObject(volumes: readonly UpstreamVolume[], caches: readonly UpstreamCache[]): Value {
    return {
        volumes: [
            {
                rapiddisk: volumes.map(({ device, size, usage, status }) => ({ device, size, usage, status })),
            },
            {
                rapiddisk_cache: caches.map(({ device, cache, source, mode }) => ({ device, cache, source, mode })),
            },
        ],
    };
}

/** Makes the object of `-q -j`. @param total bytes of RAM @param free bytes available */
export function resourcesObject(total: bigint, free: bigint, devices: readonly UpstreamResource[]): Value {
    return {
        resources: [
            { memory: [{ mem_total: total, mem_free: free }] },
            { volumes: devices.map(({ device, size, vendor, model }) => ({ device, size, vendor, model })) },
        ],
    };
}

/** Makes the object of `-s -j`. @param statistics by name; one that is missing counts as 0 */
export function statisticsObject(device: string, mode: string, statistics: ReadonlyMap<string, bigint>): Value {
    const names: readonly string[] = mode === "writeback" ? WRITEBACK_STATISTICS : THROUGH_STATISTICS;
    const values = names.map((name): [string, Value] => [name, statistics.get(name) ?? 0n]);
    return { statistics: [{ cache_stats: [{ device, ...Object.fromEntries(values) }] }] };
}

/** A port in `-n -j` and `-N -j`. */
export interface UpstreamPort {
    port: bigint;
    address: string;
    protocol: string;
}

/** An export in `-n -j`. */
export interface UpstreamTarget {
    nqn: string;
    namespace: bigint;
    device: string;
    enabled: boolean;
    hosts: readonly string[];
    ports: readonly UpstreamPort[];
}

function portObjects(ports: readonly UpstreamPort[]): Value {
    return ports.map(({ port, address, protocol }) => ({ port, address, protocol }));
}

/** Makes the object of `-N -j`. */
export function portsObject(ports: readonly UpstreamPort[]): Value {
    return { targets: [{ nvmet_ports: portObjects(ports) }] };
}

/** Makes the object of `-n -j`; whether a namespace is enabled is a word there. */
export function targetsObject(targets: readonly UpstreamTarget[]): Value {
    return {
        targets: [
            {
                nvmet_targets: targets.map(({ nqn, namespace, device, enabled, hosts, ports }) => ({
                    nqn,
                    namespace,
                    device,
                    enabled: enabled ? "true" : "false",
                    allowed_hosts: hosts.map((host) => ({ host })),
                    assigned_ports: portObjects(ports),
                })),
            },
        ],
    };
}
