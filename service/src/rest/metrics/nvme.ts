// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { nameOfPath } from "../../client/index.js";
import type { Connections } from "../state/polledstate.js";
import type { ObjectCache, ObjectProperties } from "../state/objectcache.js";
import type { MetricsText } from "./text.js";

/**
 * Adds the metrics of ports and exports.
 * @param connections the hosts that are connected, by the object path of the export
 */
export function nvmeValues(
    text: MetricsText,
    objects: Pick<ObjectCache, "all">,
    connections: ReadonlyMap<string, readonly Connections[]>,
): void {
    const ports = objects.all("ports");
    const hosts = hostsByPort(connections);
    for (const [, port] of ports) {
        const labels = { port: port.Id as number, transport: port.Transport as string };
        text.gauge(
            "rapiddisk_port_up",
            "Whether hosts can reach it: has exports, and an address of this host",
            up(port),
            labels,
        );
        text.gauge("rapiddisk_port_exports", "Exports of a port", (port.Exports as string[]).length, labels);
        const connected = hosts.get(port.Id as number)?.size;
        text.gauge("rapiddisk_export_connections", "Hosts connected through a port", connected, labels);
    }
    const named = new Set<string>();
    for (const [path, one] of objects.all("exports")) {
        // What is exported names the export; a device that is exported twice is told apart by the NQN.
        const backing = one.Backing === "/" ? (one.Device as string) : nameOfPath(one.Backing as string);
        const labels = { export: named.has(backing) ? (one.Nqn as string) : backing };
        named.add(backing);
        const own = (one.Ports as string[]).map((port) => ports.get(port)?.Transport as string | undefined);
        const info = {
            ...labels,
            nqn: one.Nqn as string,
            uuid: one.Uuid as string,
            transport: [...new Set(own.filter((word) => word !== undefined))].sort().join(","),
            device: one.Device as string,
            managed: String(one.Managed),
        };
        text.gauge("rapiddisk_export_info", "An export", 1, info);
        const enabled = one.Enabled === true;
        const isUp = enabled && own.length > 0;
        text.gauge("rapiddisk_export_up", "Enabled, and on a port at least", Number(isUp), labels);
        text.gauge("rapiddisk_export_namespace_enabled", "Whether it is enabled", Number(enabled), labels);
        const allowed = (one.AllowedHosts as string[]).length;
        text.gauge("rapiddisk_export_allowed_hosts", "Hosts that may connect", allowed, labels);
        const any = Number(one.AllowAnyHost === true);
        text.gauge("rapiddisk_export_any_host", "Whether every host may connect", any, labels);
        const connected = hostsOf(connections.get(path));
        text.gauge("rapiddisk_export_hosts_connected", "Hosts connected to an export", connected, labels);
    }
}

/** The kernel listens at a port from its first export on; and the address must still be one of this host. */
function up(port: ObjectProperties): number {
    const everywhere = ["", "0.0.0.0", "::"].includes(port.Address as string);
    return Number((port.Exports as string[]).length > 0 && (everywhere || port.Interface !== ""));
}

/** Lists hosts by the number of the port, where the kernel tells. */
function hostsByPort(connections: ReadonlyMap<string, readonly Connections[]>): Map<number, Set<string>> {
    const found = new Map<number, Set<string>>();
    for (const { port, known, hosts } of [...connections.values()].flat()) {
        if (known) {
            const set = found.get(port) ?? new Set();
            hosts.forEach((host) => set.add(host));
            found.set(port, set);
        }
    }
    return found;
}

/** Counts the hosts that use an export, when that is known for all of its ports. */
function hostsOf(rows: readonly Connections[] | undefined): number | undefined {
    return rows?.every(({ known, exclusive }) => known && exclusive) === true
        ? new Set(rows.flatMap(({ hosts }) => hosts)).size
        : undefined;
}
