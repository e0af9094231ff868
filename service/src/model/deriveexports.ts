// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { BlockDevice, DeviceUser, KernelSnapshot, NvmetNamespace, NvmetTree } from "../kernel/port.js";
import type { DeriveInputs } from "./derive.js";
import { isSame } from "./ownership.js";
import { isSavedPort } from "./portplan.js";
import { isSavedExport } from "./savedas.js";
import type { OwnedObjects, SavedState } from "./storage.js";
import type { Cache, Export, Port, Volume } from "./types.js";

/** Makes the ports of the NVMe target, by their numbers. */
export function derivePorts(tree: NvmetTree, saved: SavedState, owned: OwnedObjects): Map<string, Port> {
    const ours = new Set(owned.ports);
    const entries = new Map(saved.target?.ports.map((entry) => [entry.id, entry]));
    const isSaved = (port: NvmetTree["ports"][number]): boolean => {
        const entry = entries.get(port.id);
        return entry !== undefined && isSavedPort(port, entry);
    };
    return new Map(
        tree.ports.map((port) => [
            String(port.id),
            {
                ...{ id: port.id, transport: port.transport, family: port.family, address: port.address },
                ...{ service: port.service, interface: port.interface, tls: port.tls },
                exports: port.subsystems,
                managed: (ours.has(port.id) && isSame(owned, "ports", port.id, port.inode)) || isSaved(port),
                persistent: isSaved(port),
            },
        ]),
    );
}

/** Subsystems of the NVMe target, each with its first namespace. */
export function deriveExports(
    { nvmet: tree, blockDevices }: Pick<KernelSnapshot, "nvmet" | "blockDevices">,
    saved: SavedState,
    { owned, changing }: Pick<DeriveInputs, "owned" | "changing">,
    backings: { volumes: ReadonlyMap<string, Volume>; caches: ReadonlyMap<string, Cache> },
): Map<string, Export> {
    if (tree.subsystems.length === 0) {
        return new Map();
    }
    const byPath = pathsOf(blockDevices);
    const keyed = new Set(tree.hosts.filter((host) => host.hasKey).map((host) => host.nqn));
    const ours = new Set(owned.exports);
    const entries = new Map(saved.target?.exports.map((entry) => [entry.nqn, entry]));
    const ports = new Map<string, number[]>();
    for (const port of tree.ports) {
        port.subsystems.forEach((nqn) => ports.set(nqn, [...(ports.get(nqn) ?? []), port.id]));
    }
    return new Map(
        tree.subsystems.map((one) => {
            const namespace: NvmetNamespace | undefined = one.namespaces[0];
            const device = namespace?.devicePath ?? "";
            const uuid = namespace?.uuid ?? "";
            const entry = entries.get(one.nqn);
            const persistent =
                entry !== undefined && (isSavedExport({ device, uuid }, entry) || changing("export", one.nqn));
            return [
                one.nqn,
                {
                    nqn: one.nqn,
                    namespaceId: namespace?.id ?? 0,
                    device,
                    backing: backingOf(device, byPath.get(device), backings),
                    enabled: namespace?.enabled ?? false,
                    allowAnyHost: one.allowAnyHost,
                    allowedHosts: one.hosts,
                    authenticatedHosts: one.hosts.filter((host) => keyed.has(host)),
                    ports: ports.get(one.nqn) ?? [],
                    serial: one.serial,
                    model: one.model,
                    uuid,
                    nguid: namespace?.nguid ?? "",
                    managed: (ours.has(one.nqn) && isSame(owned, "exports", one.nqn, one.inode)) || persistent,
                    persistent,
                },
            ];
        }),
    );
}

/** Finds the volume or cache that an export exports. @param path as the export has it @param device what it means */
function backingOf(
    path: string,
    device: BlockDevice | undefined,
    { volumes, caches }: { volumes: ReadonlyMap<string, Volume>; caches: ReadonlyMap<string, Cache> },
): Export["backing"] {
    const disk = device?.name ?? path.replace(/^\/dev\//, "");
    if (volumes.has(disk)) {
        return { kind: "volume", id: disk };
    }
    const name = (device?.path ?? path).replace(/^\/dev\/mapper\//, "");
    return caches.has(name) ? { kind: "cache", id: name } : undefined;
}

function pathsOf(devices: readonly BlockDevice[]): Map<string, BlockDevice> {
    const byPath = new Map<string, BlockDevice>();
    for (const device of devices) {
        byPath.set(device.path, device).set(`/dev/${device.name}`, device);
    }
    return byPath;
}

/** Makes an export the user of its device, switched off or not: one that is off still means this device. */
const exportUser = (nqn: string, { enabled }: Pick<NvmetNamespace, "enabled">): DeviceUser => ({
    kind: enabled ? "export" : "export-off",
    name: nqn,
});

/** Lists the exports of a device as its users. */
export function exportUsers(tree: NvmetTree, paths: readonly string[]): DeviceUser[] {
    return tree.subsystems.flatMap(({ nqn, namespaces }) =>
        namespaces.filter(({ devicePath }) => paths.includes(devicePath)).map((one) => exportUser(nqn, one)),
    );
}

/** Tells whether a device is told to have a user already as one that is switched on. */
const hasExport = (users: readonly DeviceUser[], nqn: string): boolean =>
    users.some(({ kind, name }) => kind === "export" && name === nqn);

/** Adds the exports of a tree, which is no younger than the block devices, to the users of these. */
export function plusExports(devices: readonly BlockDevice[], tree: NvmetTree): BlockDevice[] {
    return devices.map((device) => {
        const more = exportUsers(tree, [device.path, `/dev/${device.name}`]).filter(
            ({ name }) => !hasExport(device.users, name),
        );
        return more.length === 0 ? device : { ...device, users: [...device.users, ...more] };
    });
}

/** Puts the exports of this very tree among the users of the block devices: both are read apart, and may differ in age. */
export function withExports(devices: readonly BlockDevice[], tree: NvmetTree): BlockDevice[] {
    const exporters = new Map<BlockDevice, DeviceUser[]>();
    /** Exports of which it is known what device each of their namespaces is. */
    const settled = new Set<string>();
    const known = new Set(tree.subsystems.map((one) => one.nqn));
    const byPath = known.size === 0 ? new Map<string, BlockDevice>() : pathsOf(devices);
    for (const { nqn, namespaces } of tree.subsystems) {
        if (namespaces.every(({ devicePath, enabled }) => !enabled || byPath.has(devicePath))) {
            settled.add(nqn);
        }
        for (const namespace of namespaces) {
            const device = byPath.get(namespace.devicePath);
            if (device !== undefined) {
                exporters.set(device, [...(exporters.get(device) ?? []), exportUser(nqn, namespace)]);
            }
        }
    }
    const stale = ({ kind, name }: DeviceUser): boolean =>
        kind === "export" && tree.present && (settled.has(name) || !known.has(name));
    return devices.map((device) => {
        const owned = exporters.get(device) ?? [];
        const replaced = (user: DeviceUser): boolean =>
            stale(user) || (user.kind === "export" && owned.some(({ name }) => name === user.name));
        return owned.length === 0 && !device.users.some(stale)
            ? device
            : { ...device, users: [...device.users.filter((user) => !replaced(user)), ...owned] };
    });
}
