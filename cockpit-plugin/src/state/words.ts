// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { N_, _ } from "../lib/gettext.js";

const modes: Readonly<Record<string, string>> = {
    "write-through": N_("Write-through"),
    "write-around": N_("Write-around"),
    writeback: N_("Writeback"),
    "pass-through": N_("Switched off (pass-through)"),
};

/** A cache's mode for people; a word that is not known stays as it is. */
export function modeName(mode: string): string {
    const text = modes[mode];
    return text === undefined ? mode : _(text);
}

const operations: Readonly<Record<string, string>> = {
    "cache-create": N_("Creating a cache"),
    "cache-flush": N_("Writing cached data to the disk"),
    "cache-remove": N_("Removing a cache"),
    "volume-create": N_("Creating a volume"),
    "volume-erase": N_("Erasing a volume"),
    "volume-lock": N_("Locking or unlocking a volume"),
    "volume-persist": N_("Saving a volume for each boot"),
    "volume-remove": N_("Removing a volume"),
    "volume-resize": N_("Changing the size of a volume"),
};

/** What a job does, for people; a word that is not known stays as it is. */
export function operationName(operation: string): string {
    const text = operations[operation];
    return text === undefined ? operation : _(text);
}
