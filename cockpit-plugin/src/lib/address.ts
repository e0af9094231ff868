// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import cockpit, { type Location } from "cockpit";
import { useSyncExternalStore } from "react";
import type { HashOptions } from "./hash.js";

const said = (options: HashOptions): Record<string, string> =>
    Object.fromEntries(
        Object.entries(options).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ""),
    );

/** Leads to a place of this page; the browser's way back leads here again. @param path for example ["volumes", "rd0"] */
export function go(path: readonly string[], options: HashOptions = {}): void {
    cockpit.location.go([...path], said(options));
}

/** Puts other options into the address of the place that is shown, without a step on the way back. */
export function setOptions(options: HashOptions): void {
    cockpit.location.replace(cockpit.location.path, said(options));
}

function subscribe(listener: () => void): () => void {
    cockpit.addEventListener("locationchanged", listener);
    return () => cockpit.removeEventListener("locationchanged", listener);
}

/** The place that the address names, now and whenever it changes. */
export function useLocation(): Location {
    return useSyncExternalStore(subscribe, () => cockpit.location);
}

/** One option of the address as a text; empty when it is not there. */
export function option(location: Location, name: string): string {
    const value = location.options[name];
    return (Array.isArray(value) ? value[0] : value) ?? "";
}
