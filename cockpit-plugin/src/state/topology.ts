// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { byText } from "../lib/bytes.js";
import type { PortConnection } from "./connection.js";
import { textOf, textsOf, usersOf, type Detail } from "./details.js";
import type { Cache, Export, State, Volume } from "./objects.js";

/** One thing of the picture, with what stands on it. */
export interface TopologyNode {
    /** Tells it from every other in the picture. */
    readonly key: string;
    readonly what: "volume" | "cache" | "origin" | "device" | "user" | "export" | "host" | "unknown";
    /** Its name: of the object, a device path, or an NQN or address of a host; of a user, what the service says of it. */
    readonly text: string;
    /** The object, where it is one. */
    readonly object?: Volume | Cache | Export;
    /** What is told of a user. */
    readonly user?: Detail;
    readonly on: readonly TopologyNode[];
}

/** What the picture is made of. */
export type TopologyInput = Pick<State, "volumes" | "caches" | "exports">;

/**
 * From each RAM disk to its caches, their origins, what uses them, exports and the hosts that are connected. Caches and
 * exports that stand on nothing of ours start a tree of their own, on the device that they do stand on.
 * @param connections who is connected, by the paths of exports
 */
export function topology(
    known: TopologyInput,
    connections: ReadonlyMap<string, readonly PortConnection[]>,
): TopologyNode[] {
    const exportsOn = group(known.exports.values(), ({ Backing }) => Backing);
    const cachesOn = group(known.caches.values(), ({ Volume }) => Volume);

    const exported = (it: Export): TopologyNode => ({
        key: it.path,
        what: "export",
        text: it.Nqn,
        object: it,
        on: hosts(it, connections.get(it.path)),
    });
    const users = (it: Volume | Cache): TopologyNode[] => {
        const { path } = it;
        const own = exportsOn.get(path) ?? [];
        const drawn = new Set([
            ...own.flatMap(({ Nqn }) => [`export ${Nqn}`, `export-off ${Nqn}`]),
            ...(cachesOn.get(path) ?? []).map(({ Name }) => `cache ${Name}`),
        ]);
        const isDrawn = ({ kind, values }: Detail): boolean =>
            textsOf(values, "through").length > 0 ||
            (textOf(values, "partition") === "" && drawn.has(`${kind} ${textOf(values, "name")}`));
        return [
            ...usersOf(it)
                .filter((user) => !isDrawn(user))
                .map((user): TopologyNode => ({
                    key: `${path} ${user.text}`,
                    what: "user",
                    text: user.text,
                    user,
                    on: [],
                })),
            ...own.map(exported),
        ];
    };
    const mapped = (it: Cache): TopologyNode => ({
        key: it.path,
        what: "cache",
        text: it.Name,
        object: it,
        on: [
            {
                key: `${it.path} origin`,
                what: "origin",
                text: it.Source,
                on: users(it),
            },
        ],
    });
    const volumes = [...known.volumes.values()].map((it): TopologyNode => ({
        key: it.path,
        what: "volume",
        text: it.Name,
        object: it,
        on: [...(cachesOn.get(it.path) ?? []).map(mapped), ...users(it)],
    }));
    const others = [
        ...[...known.caches.values()].filter(({ Volume }) => !known.volumes.has(Volume)).map(mapped),
        ...[...known.exports.values()]
            .filter(({ Backing }) => !known.volumes.has(Backing) && !known.caches.has(Backing))
            .map((it): TopologyNode => ({
                key: `${it.path} device`,
                what: "device",
                text: it.Device,
                on: [exported(it)],
            })),
    ];
    const byName = (a: TopologyNode, b: TopologyNode): number => byText(a.text, b.text);
    return [...volumes.sort(byName), ...others.sort(byName)];
}

/** Hosts of an export as nodes: those that are connected, or that it cannot be told. */
function hosts(it: Export, connections: readonly PortConnection[] | undefined): TopologyNode[] {
    if (connections === undefined) return [];
    const names = new Set(connections.flatMap((one) => one.hosts));
    const nodes = [...names]
        .sort(byText)
        .map((host): TopologyNode => ({ key: `${it.path} ${host}`, what: "host", text: host, on: [] }));
    if (connections.some(({ known }) => !known)) {
        nodes.push({ key: `${it.path} unknown`, what: "unknown", text: "", on: [] });
    }
    return nodes;
}

function group<T>(items: Iterable<T>, by: (item: T) => string): Map<string, T[]> {
    const groups = new Map<string, T[]>();
    for (const item of items) {
        const key = by(item);
        const members = groups.get(key);
        if (members) members.push(item);
        else groups.set(key, [item]);
    }
    return groups;
}
