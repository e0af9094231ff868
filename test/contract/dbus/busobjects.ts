// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { type BusClient, type Variant } from "../../../service/src/bus/index.js";
import { BUS_NAME, ROOT } from "./calls.js";

export type Interfaces = Map<string, Map<string, Variant>>;

/** Rebuilds the tree of objects from signals alone, after one GetManagedObjects. */
export class BusObjects {
    readonly objects = new Map<string, Interfaces>();
    /** Signals in the order in which they came, for looking at. */
    readonly events: string[] = [];

    static async follow(client: BusClient): Promise<BusObjects> {
        const seen = new BusObjects();
        await client.subscribe({ sender: BUS_NAME, pathNamespace: ROOT }, (signal) => seen.hear(signal));
        for (const [path, interfaces] of await managedObjects(client)) {
            seen.objects.set(path, interfaces);
        }
        return seen;
    }

    private hear({ path, member, args }: { path: string; member: string; args: unknown[] }): void {
        const object = member === "PropertiesChanged" ? path : (args[0] as string);
        this.events.push(`${member} ${object.slice(ROOT.length)}`);
        if (member === "InterfacesAdded") {
            this.objects.set(object, args[1] as Interfaces);
        } else if (member === "InterfacesRemoved") {
            this.objects.delete(object);
        } else if (member === "PropertiesChanged") {
            const known = this.objects.get(object)?.get(args[0] as string);
            for (const [name, value] of args[1] as Map<string, Variant>) {
                known?.set(name, value);
            }
        }
    }

    /** The tree as text, without what is never signalled. */
    text(): string {
        return treeText(this.objects);
    }
}

export async function managedObjects(client: BusClient): Promise<Map<string, Interfaces>> {
    const [objects] = await client.call(
        {
            destination: BUS_NAME,
            path: ROOT,
            interface: "org.freedesktop.DBus.ObjectManager",
            member: "GetManagedObjects",
        },
        "",
        [],
    );
    return objects as Map<string, Interfaces>;
}

const NOT_SIGNALLED = ["Used", "Errors"];

/** Objects with their properties, sorted, as text to compare. */
export function treeText(objects: Map<string, Interfaces>): string {
    const byName = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1);
    const plain = [...objects]
        .sort(byName)
        .map(([path, interfaces]) => [
            path,
            [...interfaces]
                .sort(byName)
                .map(([name, properties]) => [
                    name,
                    [...properties].filter(([key]) => !NOT_SIGNALLED.includes(key)).sort(byName),
                ]),
        ]);
    return JSON.stringify(plain, (_key, value: unknown) => (typeof value === "bigint" ? `${value}` : value), 1);
}
