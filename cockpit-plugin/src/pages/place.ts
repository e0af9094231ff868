// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { useLocation } from "../lib/address.js";
import { listedKinds, type Listed } from "../state/list.js";

/** What of the page is shown. */
export type Place =
    | { readonly view: "overview" | "topology"; readonly kind?: undefined; readonly name?: undefined }
    | { readonly view: "details"; readonly kind: Listed; readonly name: string };

/** What the address leads to; one that leads nowhere leads to the overview. */
export function usePlace(): Place {
    const [first, name] = useLocation().path;
    if (first === "topology") return { view: "topology" };
    const kind = listedKinds.find((one) => one === first);
    return kind !== undefined && name !== undefined ? { view: "details", kind, name } : { view: "overview" };
}
