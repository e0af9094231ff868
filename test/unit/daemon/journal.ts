// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What is written to standard error, where the journal's lines go, until `work` has ended. */
export async function journalOf(work: () => unknown): Promise<string> {
    const write = process.stderr.write.bind(process.stderr);
    let text = "";
    process.stderr.write = (piece: unknown): boolean => {
        text += String(piece);
        return true;
    };
    try {
        await work();
    } finally {
        process.stderr.write = write;
    }
    return text;
}
