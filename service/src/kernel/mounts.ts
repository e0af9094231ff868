// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** The mount table (proc_pid_mountinfo(5)) and the swap list (proc_swaps(5)). */

/** One line of mountinfo, unescaped. */
export interface Mount {
    /** major:minor of the file system; 0:N when it is not on one block device. */
    devno: string;
    /** Mount point. */
    path: string;
    type: string;
    /** What was mounted, usually a path. */
    source: string;
    /** Other devices that the file system was given: an external journal or log, a real-time device. */
    extra: string[];
}

const unescape = (text: string): string =>
    text.includes("\\")
        ? text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)))
        : text;

/** Parses mountinfo; lines that make no sense are left out. */
export function parseMounts(text: string): Mount[] {
    const mounts: Mount[] = [];
    for (const line of text.split("\n")) {
        const words = line.split(" ");
        const dash = words.indexOf("-", 6);
        const [devno, path, type, source] = [words[2], words[4], words[dash + 1], words[dash + 2]];
        if (dash < 0 || devno === undefined || path === undefined || type === undefined || source === undefined) {
            continue;
        }
        const extra = (words[dash + 3] ?? "")
            .split(",")
            .map((option) => /^(?:logdev|rtdev|journal_path)=(\/dev\/.+)$/.exec(option)?.[1])
            .filter((option) => option !== undefined)
            .map(unescape);
        mounts.push({ devno, path: unescape(path), type, source: unescape(source), extra });
    }
    return mounts;
}

/** Paths of the active swap areas. */
export function parseSwaps(text: string): string[] {
    return text
        .split("\n")
        .slice(1)
        .map((line) => unescape(line.split(/\s/)[0] ?? ""))
        .filter((path) => path !== "");
}
