// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import cockpit from "cockpit";
import { go } from "../../lib/address.js";

/** Leads to the overview when the page shows the object that was just removed. @param name as the address has it */
export function leaveIfShown(kind: string, name: string): void {
    const [shownKind, shownName] = cockpit.location.path;
    if (shownKind === kind && shownName === name) go([]);
}
