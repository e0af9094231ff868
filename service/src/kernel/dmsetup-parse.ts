// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What dmsetup prints. */
import type { Mapping } from "./port.js";

type MappingTarget = Mapping["targets"][number];

const TARGET = /^(\d+) (\d+) ([^ \n]+)(?: ([^]*))?$/;
const NEXT_TARGET = /\n(?=\d+ \d+ [a-z])/;

/** Targets out of table lines without a name in front. A line that does not begin a target goes on with the one before. */
function parseTargets(text: string): MappingTarget[] {
    return text.split(NEXT_TARGET).flatMap((chunk) => {
        const [, start, length, type, params] = TARGET.exec(chunk.trimEnd()) ?? [];
        if (start === undefined || length === undefined || type === undefined) return [];
        return [{ start: Number(start), length: Number(length), type, params: (params ?? "").trim() }];
    });
}

/**
 * Parses `dmsetup table`, which prints `NAME: START LENGTH TYPE PARAMS` for every device. A name may itself hold ": ",
 * and upstream's cache target prints four lines, so the names that exist decide where a line belongs.
 * @param names names of the existing mappings, as the kernel holds them
 */
export function parseTables(text: string, names: Iterable<string>): Map<string, MappingTarget[]> {
    const known = [...names].sort((a, b) => b.length - a.length);
    const byFirstWord = new Map<string, string[]>();
    for (const name of known) {
        const word = name.split(":", 1)[0] ?? "";
        byFirstWord.set(word, [...(byFirstWord.get(word) ?? []), name]);
    }
    const lines = new Map<string, string[]>();
    let current: string[] | undefined;
    for (const line of text.split("\n")) {
        const candidates = byFirstWord.get(line.split(":", 1)[0] ?? "") ?? [];
        const name = candidates.find((one) => line.startsWith(`${one}: `) || line === `${one}:`);
        const rest = name === undefined ? line : line.slice(name.length + 2);
        if (name !== undefined && (rest === "" || TARGET.test(rest))) {
            current = lines.get(name) ?? [];
            lines.set(name, current);
            if (rest !== "") current.push(rest);
        } else if (current && current.length > 0 && line !== "") {
            current[current.length - 1] += `\n${line}`;
        }
    }
    return new Map([...lines].map(([name, chunks]) => [name, parseTargets(chunks.join("\n"))]));
}

/** Parameters of the first target out of `dmsetup status NAME`, which prints no name; undefined for an empty table. */
export function parseStatus(text: string): string | undefined {
    return parseTargets(text)[0]?.params;
}
