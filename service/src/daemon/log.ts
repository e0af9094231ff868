// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { log } from "../system/journal.js";

export { log };

/** The audit line of a change: who asked for what, on what, and how it ended. */
export function audit(
    uid: number | undefined,
    sender: string,
    operation: string,
    object: string,
    result: string,
): void {
    log(
        "notice",
        `audit: uid=${uid ?? "unknown"} sender=${sender} operation=${operation} object=${object} result=${result}`,
    );
}
