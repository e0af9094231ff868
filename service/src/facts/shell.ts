// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Quotes a word for a POSIX shell; words that need no quotes are left alone. */
export function shellQuote(word: string): string {
    return /^[A-Za-z0-9_./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Writes a command line of words, to be pasted into a POSIX shell. */
export function commandLine(words: readonly string[]): string {
    return words.map(shellQuote).join(" ");
}
