// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Units in which a size is typed: powers of 1024, as the command and the service understand them. */
export const sizeUnits = ["B", "KiB", "MiB", "GiB", "TiB"] as const;
export type SizeUnit = (typeof sizeUnits)[number];

/** Sizes of volumes are multiples of this, in bytes. */
export const SECTOR = 512;
/** Smallest volume, in bytes. */
export const SMALLEST = 4096;

const factor = (unit: SizeUnit): number => 1024 ** sizeUnits.indexOf(unit);

/** What was typed: bytes, or why it is no size. `near` is the next size that would be right, in bytes. */
export type Typed =
    | { readonly bytes: number; readonly problem: "" }
    | { readonly bytes: null; readonly problem: "empty" | "number" | "multiple" | "small" | "large"; near: number };

/** Bounds of a size, in bytes, both included. `max` is null while it is not known. */
export interface Bounds {
    readonly min: number;
    readonly max: number | null;
}

const wrong = (problem: Exclude<Typed["problem"], "">, near = 0): Typed => ({ bytes: null, problem, near });

/** The unit that a text names at its end, like 512M or 1.5 GiB; null when it names none. */
export function typedUnit(text: string): SizeUnit | null {
    const letter = /[0-9.,]\s*([kmgt])(?:ib)?\s*$/i.exec(text)?.[1] ?? (/[0-9]\s*b\s*$/i.test(text) ? "B" : "");
    return sizeUnits.find((unit) => letter !== "" && unit[0] === letter.toUpperCase()) ?? null;
}

/**
 * Reads a size as a person typed it.
 * @param text digits with at most one decimal point or comma; a unit may follow and then counts
 * @param unit the unit beside it. In units above bytes a size is rounded down to whole sectors: 1.3 GiB is none exactly
 * @param bounds what is allowed. A text that reads like the largest size means exactly that
 */
export function parseSize(text: string, unit: SizeUnit, bounds: Bounds): Typed {
    const trimmed = text.trim();
    if (trimmed === "") return wrong("empty");
    const chosen = typedUnit(trimmed) ?? unit;
    const match = /^([0-9]{1,18})(?:[.,]([0-9]{0,12}))?\s*(?:[kmgt](?:ib)?|b)?$/i.exec(trimmed);
    if (!match) return wrong("number");
    const [, whole = "", fraction = ""] = match;
    const { min, max } = bounds;
    if (max !== null && max >= min && plainNumber(`${whole}.${fraction}`) === plainNumber(formatSize(max, chosen)))
        return { bytes: max, problem: "" };
    const scaled = BigInt(whole + fraction) * BigInt(factor(chosen));
    const scale = 10n ** BigInt(fraction.length);
    const exact = scaled / scale;
    const sectors = exact - (exact % BigInt(SECTOR));
    if (exact > BigInt(Number.MAX_SAFE_INTEGER)) return wrong("large", max ?? 0);
    if (chosen === "B" && (sectors !== exact || scaled % scale !== 0n))
        return exact < BigInt(min) ? wrong("small", min) : wrong("multiple", Number(sectors) + SECTOR);
    const bytes = Number(sectors);
    if (bytes < min) return wrong("small", min);
    if (max !== null && bytes > max) return wrong("large", max);
    return { bytes, problem: "" };
}

const plainNumber = (text: string): string =>
    text
        .replace(",", ".")
        .replace(/(\.[0-9]*?)0*$/, "$1")
        .replace(/\.$/, "")
        .replace(/^0+(?=[0-9])/, "");

/**
 * Writes a size as the text of a field, rounded down to at most two decimals.
 * @param bytes 0 or more
 * @param point the decimal point of the language
 */
export function formatSize(bytes: number, unit: SizeUnit, point = "."): string {
    const hundredths = Math.floor((bytes / factor(unit)) * 100);
    const text = `${Math.floor(hundredths / 100)}.${String(hundredths % 100).padStart(2, "0")}`;
    return plainNumber(text).replace(".", point);
}

/** The largest unit in which a size is at least 1. @param bytes 0 or more */
export function unitOf(bytes: number): SizeUnit {
    return [...sizeUnits].reverse().find((unit) => bytes >= factor(unit)) ?? "B";
}

/** A size as a word of the rapiddisk command, exact: 512M, 1536B. @param bytes 0 or more */
export function sizeWord(bytes: number): string {
    const unit = [...sizeUnits].reverse().find((one) => bytes > 0 && bytes % factor(one) === 0) ?? "B";
    return `${bytes / factor(unit)}${unit[0]}`;
}

/** The size nearest below that is a multiple of whole sectors. @param bytes 0 or more */
export function wholeSectors(bytes: number): number {
    return Math.floor(bytes / SECTOR) * SECTOR;
}
