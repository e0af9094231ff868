// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** The lists of RAM disks that the module prints. */
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
        const disk = number === undefined ? undefined : ramDisk(number, words.map(Number));
        if (disk) disks.push(disk);
    }
    return disks.sort((a, b) => a.number - b.number);
}

/** Parses `/sys/block/rdN/rapiddisk/summary`: "name value" lines, in any order. Undefined when one that we need is missing. */
export function parseSummary(number: number, text: string): RamDisk | undefined {
    const values = new Map(text.split("\n").map((line) => [line.split(" ")[0] ?? "", Number(line.split(" ")[1] ?? NaN)]));
    const names = ["size", "used", "errors", "highest_written", "read_only"];
    return ramDisk(
        number,
        names.map((name) => values.get(name) ?? NaN),
    );
}

/** A RAM disk of its numbers in the order of `volumes`; undefined when one is missing or not exact. */
function ramDisk(number: number, values: readonly number[]): RamDisk | undefined {
    const [size = NaN, used = NaN, errors = NaN, highestWritten = NaN, readOnly = NaN] = values;
    if (![size, used, errors, highestWritten, readOnly].every(Number.isSafeInteger)) return undefined;
    return { number, size, used, errors, highestWritten, readOnly: readOnly === 1 };
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
