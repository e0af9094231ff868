// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { Variant, type ListedCache, type ListedVolume } from "../../client/index.js";
import type { Plain } from "../../client/json.js";
import { jsonName } from "../../client/json.js";
import type { TextColumn, OutputStyle } from "../output/table.js";
import { renderPairs, renderTable } from "../output/table.js";
import { formatSize } from "../units.js";
import { shownName } from "./objects.js";

/** Gives an object's properties as JSON: names in lower case, values as they are (sizes in bytes). */
export function jsonObject(properties: object): { [key: string]: Plain } {
    return Object.fromEntries(Object.entries(properties).map(([key, value]) => [jsonName(key), plainValue(value)]));
}

/** Takes the values out of their variants, at any depth. */
function plainValue(value: unknown): Plain {
    if (value instanceof Variant) {
        return plainValue(value.value);
    }
    if (Array.isArray(value)) {
        return value.map(plainValue);
    }
    return value instanceof Map
        ? new Map([...(value as Map<string, unknown>)].map(([key, item]) => [key, plainValue(item)]))
        : (value as Plain);
}

/** Writes yes or no. */
export function yesNo(value: boolean): string {
    return value ? "yes" : "no";
}

/** Writes the users of a device in one cell; a dash when there are none. */
export function usersCell(users: readonly string[]): string {
    return users.length === 0 ? "-" : users.join(", ");
}

const VOLUME_COLUMNS: readonly TextColumn[] = [
    { title: "VOLUME" },
    { title: "SIZE", align: "right" },
    { title: "USED", align: "right" },
    { title: "ACCESS" },
    { title: "AT BOOT" },
    { title: "USED BY", flexible: true },
];

/** Table of volumes; with a column of those that hold all of their memory when there is one. */
export function volumeTable(volumes: readonly ListedVolume[], style: OutputStyle): string {
    if (volumes.length === 0) {
        return "No volumes.\n";
    }
    const isPopulated = volumes.some((volume) => volume.Populated);
    const rows = volumes.map((volume) => [
        volume.Name,
        formatSize(volume.Size),
        formatSize(volume.Used),
        ...(isPopulated ? [yesNo(volume.Populated)] : []),
        volume.ReadOnly ? "read-only" : "read-write",
        yesNo(volume.Persistent),
        usersCell(volume.Users),
    ]);
    const [name, size, used, ...others] = VOLUME_COLUMNS;
    const populated = isPopulated ? [{ title: "POPULATED" }] : [];
    return renderTable([name!, size!, used!, ...populated, ...others], rows, style);
}

const CACHE_COLUMNS: readonly TextColumn[] = [
    { title: "CACHE" },
    { title: "MODE" },
    { title: "VOLUME" },
    { title: "SOURCE", flexible: true },
    { title: "SIZE", align: "right" },
    { title: "CACHED IN", align: "right" },
    { title: "AT BOOT" },
    { title: "USED BY", flexible: true },
];

/** Makes the table of cache mappings, with a column of their states when one of them has failed. */
export function cacheTable(caches: readonly ListedCache[], style: OutputStyle): string {
    if (caches.length === 0) {
        return "No cache mappings.\n";
    }
    const isWrong = caches.some((cache) => cache.State !== "ok");
    const rows = caches.map((cache) => [
        cache.Name,
        ...(isWrong ? [cache.State] : []),
        cache.Mode,
        shownName(cache.Volume),
        cache.Source,
        formatSize(cache.Size),
        formatSize(cache.CacheSize),
        yesNo(cache.Persistent),
        usersCell(cache.Users),
    ]);
    const [first, ...others] = CACHE_COLUMNS;
    return renderTable([first!, ...(isWrong ? [{ title: "STATE" }] : []), ...others], rows, style);
}

/** Properties that are sizes in bytes. */
const SIZES = new Set(["Size", "Used", "CacheSize", "BlockSize", "UnwrittenBytes"]);

/** Lists the properties of one object, one per line; sizes are readable, followed by the exact bytes. */
export function propertyList(properties: object, style: OutputStyle): string {
    // Values that stand beside sentences (UserDetails beside Users) are for programs.
    const shown = Object.entries(properties).filter(([name]) => !name.endsWith("Details"));
    const pairs = shown.map(([name, value]): [string, string] => {
        const label = name.replace(/([a-z0-9])([A-Z])/g, "$1 $2");
        return [`${label[0]}${label.slice(1).toLowerCase()}`, shownValue(name, value)];
    });
    return renderPairs(pairs, style);
}

function shownValue(name: string, value: unknown): string {
    if (typeof value === "boolean") {
        return yesNo(value);
    }
    if (Array.isArray(value)) {
        return usersCell(value.map(String));
    }
    if (SIZES.has(name)) {
        const bytes = BigInt(value as bigint | number);
        return bytes < 1024n ? formatSize(bytes) : `${formatSize(bytes)} (${bytes} bytes)`;
    }
    return name === "Volume" ? shownName(String(value)) : String(value);
}
