// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { printable } from "./printable.js";

/** Journal priorities (sd-daemon(3)). */
const PRIORITY = { error: "<3>", warning: "<4>", notice: "<5>", info: "<6>" } as const;

/**
 * Writes one line to the journal through standard error. Control characters, which a caller's text may hold, are
 * written as their numbers, so that nobody can forge a second line.
 */
export function log(level: keyof typeof PRIORITY, line: string): void {
    const clean = printable(line).slice(0, 2000);
    process.stderr.write(`${process.env.JOURNAL_STREAM === undefined ? "" : PRIORITY[level]}${clean}\n`);
}
