// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { byText } from "../lib/bytes.js";
import type { ObjectKind, ObjectOf } from "./objects.js";

/** Kinds that have a table and pages. */
export type ListedKind = Exclude<ObjectKind, "jobs">;

export const listedKinds: readonly ListedKind[] = ["volumes", "caches", "ports", "exports"];

/** What lists can be narrowed to. */
export const conditions = ["in-use", "free", "saved", "unsaved", "outside"] as const;
export type Condition = (typeof conditions)[number];

const names: { [K in ListedKind]: (it: ObjectOf[K]) => string } = {
    volumes: (it) => it.Name,
    caches: (it) => it.Name,
    ports: (it) => String(it.Id),
    exports: (it) => it.Nqn,
};

/** What people and addresses call the object. */
export function nameOf<K extends ListedKind>(kind: K, it: ObjectOf[K]): string {
    return names[kind](it);
}

/** The object of that name; undefined when there is none. */
export function named<K extends ListedKind>(
    kind: K,
    objects: ReadonlyMap<string, ObjectOf[K]>,
    name: string,
): ObjectOf[K] | undefined {
    for (const it of objects.values()) if (nameOf(kind, it) === name) return it;
    return undefined;
}

/** Whether something uses the object: a file system, another object, a host that may connect. */
export function inUse<K extends ListedKind>(kind: K, it: ObjectOf[K]): boolean {
    const object = it as Partial<{ InUse: boolean; Exports: readonly string[]; Enabled: boolean }>;
    if (kind === "ports") return (object.Exports ?? []).length > 0;
    return kind === "exports" ? object.Enabled === true : object.InUse === true;
}

/** Whether the service did not make the object. */
export const madeOutside = ({ Managed }: { readonly Managed: boolean }): boolean => !Managed;

/** Whether the object fits a condition. */
export function fits<K extends ListedKind>(kind: K, it: ObjectOf[K], condition: Condition): boolean {
    switch (condition) {
        case "in-use":
            return inUse(kind, it);
        case "free":
            return !inUse(kind, it);
        case "saved":
            return it.Persistent;
        case "unsaved":
            return !it.Persistent;
        case "outside":
            return madeOutside(it);
    }
}

/** Whether every word of what a person looks for is somewhere in the texts and numbers of the object. */
export function found(it: object, sought: string): boolean {
    const words = sought.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length === 0) return true;
    const text = Object.entries(it)
        .flatMap(([key, value]: [string, unknown]) => (key === "path" ? [] : texts(value)))
        .join("\n")
        .toLowerCase();
    return words.every((word) => text.includes(word));
}

function texts(value: unknown): string[] {
    if (Array.isArray(value)) return value.flatMap(texts);
    return typeof value === "string" || typeof value === "number" ? [String(value)] : [];
}

/** Objects by a value, texts as people order them; equal ones by their names. */
export function sorted<K extends ListedKind>(
    kind: K,
    objects: Iterable<ObjectOf[K]>,
    by: (it: ObjectOf[K]) => string | number,
    descending: boolean,
): ObjectOf[K][] {
    const sign = descending ? -1 : 1;
    return [...objects]
        .map((it) => ({ it, value: by(it), name: nameOf(kind, it) }))
        .sort((a, b) => sign * compare(a.value, b.value) || byText(a.name, b.name))
        .map(({ it }) => it);
}

function compare(a: string | number, b: string | number): number {
    return typeof a === "number" && typeof b === "number" ? a - b : byText(String(a), String(b));
}
