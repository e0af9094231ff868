// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { SECTOR } from "../../../service/src/facts/sizes.js";
import { PLAIN, readNumber, type Marks } from "./numbertext.js";

/** Units in which a size is typed: powers of 1024, as the command and the service understand them. */
export const sizeUnits = ["B", "KiB", "MiB", "GiB", "TiB"] as const;
export type SizeUnit = (typeof sizeUnits)[number];

const factor = (unit: SizeUnit): number => 1024 ** sizeUnits.indexOf(unit);

/** Why a text is not a size. mark: a point or comma in it could separate thousands or begin a fraction. */
export type SizeFault = "empty" | "number" | "mark" | "multiple" | "small" | "large";

/** What was typed: bytes, or why it is no size. `near` is the next size that would be right, in bytes. */
export type Typed =
    | { readonly bytes: number; readonly problem: "" }
    | { readonly bytes: null; readonly problem: SizeFault; near: number };

/** Bounds of a size, in bytes, both included. `max` is null while it is not known. */
export interface Bounds {
    readonly min: number;
    readonly max: number | null;
}

const wrong = (problem: SizeFault, near = 0): Typed => ({ bytes: null, problem, near });

/** A number, and the unit behind it, if any: 512M, 1.5 GiB, 1.5GB. */
const WITH_UNIT = /^(.*[0-9.,\u066b])\s*(?:([kmgt])(i?b)?|(b))$/is;

interface Split {
    readonly number: string;
    /** Bytes of the unit that is named; null when none is. */
    readonly factor: number | null;
    /** The unit as it is listed; null when none is named, and for those that count in 1000s. */
    readonly unit: SizeUnit | null;
}

/** Takes the unit off a text. MB, GB and so on count in 1000s, as for the rapiddisk command; M and MiB in 1024s. */
function split(text: string): Split {
    const [, number = "", letter = "", more = "", byte] = WITH_UNIT.exec(text.trim()) ?? [];
    if (number === "") return { number: text.trim(), factor: null, unit: null };
    if (byte !== undefined) return { number, factor: 1, unit: "B" };
    const unit = sizeUnits.find((one) => one[0] === letter.toUpperCase()) ?? "B";
    const thousands = more.toLowerCase() === "b";
    return thousands
        ? { number, factor: 1000 ** sizeUnits.indexOf(unit), unit: null }
        : { number, factor: factor(unit), unit };
}

/** The unit that a text names at its end, like 512M or 1.5 GiB; null when it names none, or one that counts in 1000s. */
export function typedUnit(text: string): SizeUnit | null {
    return split(text).unit;
}

/** Whether a text names a unit that counts in 1000s, like 1.5 GB. */
export function countsInThousands(text: string): boolean {
    const { factor: bytes, unit } = split(text);
    return bytes !== null && unit === null;
}

/**
 * Reads a size as a person typed it.
 * @param text a number as the language writes it; a unit may follow and then counts
 * @param unit the unit beside it. In units above bytes a size is rounded down to whole sectors: 1.3 GiB is none exactly
 * @param bounds what is allowed. A text that reads like the largest size means exactly that
 * @param marks of the language
 */
export function parseSize(text: string, unit: SizeUnit, bounds: Bounds, marks: Marks = PLAIN): Typed {
    if (text.trim() === "") return wrong("empty");
    const typed = split(text);
    const number = readNumber(typed.number, marks);
    if (number.problem !== "") return wrong(number.problem);
    const { whole, fraction } = number;
    const { min, max } = bounds;
    const chosen = typed.unit ?? unit;
    const inUnit = typed.factor === null || typed.unit !== null;
    if (
        inUnit &&
        max !== null &&
        max >= min &&
        plainNumber(`${whole}.${fraction}`) === plainNumber(formatSize(max, chosen))
    ) {
        return { bytes: max, problem: "" };
    }
    const scaled = BigInt(whole + fraction) * BigInt(typed.factor ?? factor(unit));
    const scale = 10n ** BigInt(fraction.length);
    const exact = scaled / scale;
    const sectors = exact - (exact % BigInt(SECTOR));
    if (exact > BigInt(Number.MAX_SAFE_INTEGER)) return wrong("large", max ?? 0);
    if (inUnit && chosen === "B" && (sectors !== exact || scaled % scale !== 0n)) {
        return exact < BigInt(min) ? wrong("small", min) : wrong("multiple", Number(sectors) + SECTOR);
    }
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
        .replace(/^0+(?=[0-9])/, "")
        .replace(/^(?=\.|$)/, "0");

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
