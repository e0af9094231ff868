// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** The two lists of RAM disks that the module prints. */
import { ramDiskNumber } from "./names.js";
import type { RamDisk } from "./port.js";

/**
 * Parses `/sys/kernel/rapiddisk/volumes`: a line a disk, blank-separated: name, size, used, errors, end of the highest
 * byte written, read-only flag; what follows is ignored. A line that is cut or malformed is left out.
 */
export function parseVolumes(text: string): RamDisk[] {
    const disks: RamDisk[] = [];
    for (const line of text.split("\n")) {
        const [name, ...words] = line.trim().split(/ +/);
        const number = ramDiskNumber(name ?? "");
        const [size, used, errors, highestWritten, readOnly] = words.map(Number);
        if (number === undefined || ![size, used, errors, highestWritten, readOnly].every(Number.isSafeInteger)) continue;
        disks.push({
            number,
            size: size as number,
            used: used as number,
            errors: errors as number,
            highestWritten: highestWritten as number,
            readOnly: readOnly === 1,
        });
    }
    return disks.sort((a, b) => a.number - b.number);
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
