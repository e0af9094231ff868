// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** A value as it comes off the bus: dictionaries are Maps, 64-bit integers are bigints. */
export type Plain =
    | string
    | number
    | bigint
    | boolean
    | null
    | readonly Plain[]
    | ReadonlyMap<string, Plain>
    | { readonly [key: string]: Plain };

/**
 * Renders JSON with every integer digit for digit (JSON.stringify refuses bigints), keys in the order given.
 * @param indent blanks a level; 0 gives one line
 */
export function renderJson(value: Plain, indent = 2): string {
    return render(value, indent, "");
}

function render(value: Plain, indent: number, prefix: string): string {
    if (typeof value === "bigint") {
        return value.toString();
    }
    if (value === null || typeof value !== "object") {
        return JSON.stringify(value);
    }
    const inner = prefix + " ".repeat(indent);
    const parts = Array.isArray(value)
        ? value.map((item: Plain) => render(item, indent, inner))
        : entries(value as ReadonlyMap<string, Plain>).map(
              ([key, item]) => `${JSON.stringify(key)}:${indent ? " " : ""}${render(item, indent, inner)}`,
          );
    const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
    if (parts.length === 0) {
        return `${open}${close}`;
    }
    return indent === 0
        ? `${open}${parts.join(",")}${close}`
        : `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${prefix}${close}`;
}

function entries(value: ReadonlyMap<string, Plain> | { readonly [key: string]: Plain }): [string, Plain][] {
    return value instanceof Map
        ? [...(value as ReadonlyMap<string, Plain>)]
        : Object.entries(value as { readonly [key: string]: Plain });
}

/** Gives the name that a member of the bus interface has in JSON: ReadOnly and in-use become read_only and in_use. */
export function jsonName(name: string): string {
    return name
        .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
        .replace(/-/g, "_")
        .toLowerCase();
}
