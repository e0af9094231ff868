// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** A value off the bus without its variants: dictionaries hold them, and the page wants the values. */
export function plain(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(plain);
    if (value === null || typeof value !== "object") return value;
    if ("t" in value && "v" in value) return plain(value.v);
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}
