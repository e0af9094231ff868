// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { listedKinds, type ListedKind } from "./list.js";

/** What of the page is shown. */
export type PagePlace =
    | { readonly view: "overview" | "topology" | "nowhere"; readonly kind?: undefined; readonly name?: undefined }
    | { readonly view: "details"; readonly kind: ListedKind; readonly name: string };

/** What an address leads to: the overview when it names nothing, and nowhere when it names what this page has not. */
export function placeOf(path: readonly string[]): PagePlace {
    const [first, name, ...more] = path.at(-1) === "" ? path.slice(0, -1) : path;
    if (first === undefined) return { view: "overview" };
    if (first === "topology" && name === undefined) return { view: "topology" };
    const kind = listedKinds.find((one) => one === first);
    return kind !== undefined && name !== undefined && more.length === 0
        ? { view: "details", kind, name }
        : { view: "nowhere" };
}
