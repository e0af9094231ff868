// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** A line of the journal. */
export interface JournalEntry {
    readonly cursor: string;
    /** Milliseconds since 1970. */
    readonly at: number;
    /** 0 (emergency) to 7 (debug), as in syslog. */
    readonly priority: number;
    readonly message: string;
}

/**
 * Reads what `journalctl --output=json` writes, one object a line.
 * @param text whole lines, and perhaps the beginning of one more
 * @returns the entries, and the beginning
 */
export function parseJournal(text: string): { entries: JournalEntry[]; rest: string } {
    const lines = text.split("\n");
    const rest = lines.pop() ?? "";
    return { entries: lines.flatMap((line) => entry(line)), rest };
}

function entry(line: string): JournalEntry[] {
    try {
        const fields = JSON.parse(line) as Readonly<Record<string, unknown>>;
        return [
            {
                cursor: String(fields["__CURSOR"]),
                at: Number(fields["__REALTIME_TIMESTAMP"]) / 1000,
                priority: Number(fields["PRIORITY"] ?? 6),
                message: message(fields["MESSAGE"]),
            },
        ];
    } catch {
        return [];
    }
}

/** The journal tells a message that is not plain text as the numbers of its bytes. */
function message(value: unknown): string {
    if (Array.isArray(value)) return new TextDecoder().decode(Uint8Array.from(value as number[]));
    return typeof value === "string" ? value : "";
}
