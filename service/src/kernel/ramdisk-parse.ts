// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What the module prints of its RAM disks. */
import { ramDiskNumber } from "./names.js";
import type { RamDisk } from "./port.js";

/** Parses `/sys/block/rdN/rapiddisk/summary`: "name value" lines, in any order. Undefined when one that we need is missing. */
export function parseSummary(number: number, text: string): RamDisk | undefined {
    const lines = `\n${text}`;
    const value = (name: string): number => {
        const at = lines.indexOf(`\n${name} `) + name.length + 2;
        return at < name.length + 2 ? NaN : Number(lines.slice(at, lines.indexOf("\n", at)));
    };
    const [size, used, errors] = [value("size"), value("used"), value("errors")];
    const [highestWritten, readOnly] = [value("highest_written"), value("read_only")];
    if (![size, used, errors, highestWritten, readOnly].every(Number.isSafeInteger)) return undefined;
    return {
        number,
        size,
        used,
        errors,
        highestWritten,
        readOnly: readOnly === 1,
        populated: value("populated") === 1,
    };
}

/**
 * Parses `/sys/kernel/rapiddisk/devices`: a header, then `rdN<TAB>size<TAB>errors<TAB>used`. Upstream's module cuts the
 * text at 4095 bytes, so a last line without its newline does not count. A counter that ran below zero reads as 0.
 */
export function parseDevices(text: string): Map<number, { size: number; errors: number; used: number }> {
    const disks = new Map<number, { size: number; errors: number; used: number }>();
    for (const line of text.split("\n").slice(1, -1)) {
        const [name, ...words] = line.split("\t");
        const number = ramDiskNumber(name ?? "");
        if (number === undefined || words.length < 3 || !words.every((word) => /^\d+$/.test(word))) continue;
        const [size = 0, errors = 0, used = 0] = words.map((word) => {
            const value = Number(word);
            return Number.isSafeInteger(value) ? value : 0;
        });
        disks.set(number, { size, errors, used });
    }
    return disks;
}
