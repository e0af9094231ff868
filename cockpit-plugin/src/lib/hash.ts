// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Options of an address: what follows the question mark. */
export type HashOptions = Readonly<Record<string, string | undefined>>;

/**
 * The link to a place of this page.
 * @param path its components, for example ["volumes", "rd0"]
 * @param options what follows the question mark; undefined and empty ones are left out
 */
export function href(path: readonly string[], options: HashOptions = {}): string {
    const query = Object.entries(options)
        .filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== "")
        .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
        .join("&");
    return `#/${path.map(encodeURIComponent).join("/")}${query === "" ? "" : `?${query}`}`;
}
