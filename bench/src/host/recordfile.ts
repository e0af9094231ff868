// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Puts the last result into a page of the documentation, between two marks. */
import { readFileSync, writeFileSync } from "node:fs";

export const BEGIN = "<!-- results: written by bench/run --record -->";
export const END = "<!-- end of results -->";

/** The page with what is between the marks replaced. @throws Error when the marks are not there, once and in order */
export function withResults(page: string, results: string): string {
    const begin = page.indexOf(BEGIN);
    const end = page.indexOf(END);
    if (begin < 0 || end < begin || page.indexOf(BEGIN, begin + 1) >= 0) {
        throw new Error(`the page has no single pair of marks "${BEGIN}" and "${END}"`);
    }
    return `${page.slice(0, begin + BEGIN.length)}\n\n${results.trim()}\n\n${page.slice(end)}`;
}

/** Writes the results into the file; see {@link withResults}. */
export function recordResults(file: string, results: string): void {
    writeFileSync(file, withResults(readFileSync(file, "utf8"), results));
}
