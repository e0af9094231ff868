// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { BINARY_UNITS } from "../facts/sizes.js";

/** What a person typed is not what the command understands; the message says what would be right. */
export class UsageError extends Error {
    override name = "UsageError";
}

const LARGEST = 2n ** 64n - 1n;

/** Bytes of one unit, by the unit in lower case: k, kib = 1024; kb = 1000; b = 1. */
const UNITS: ReadonlyMap<string, bigint> = new Map(
    BINARY_UNITS.map((unit) => unit[0]!.toLowerCase()).flatMap((letter, power): [string, bigint][] =>
        power === 0
            ? [["b", 1n]]
            : [
                  [letter, 1024n ** BigInt(power)],
                  [`${letter}ib`, 1024n ** BigInt(power)],
                  [`${letter}b`, 1000n ** BigInt(power)],
              ],
    ),
);

/**
 * Reads a size as people write it: digits, an optional decimal fraction, and a unit, which is required because
 * a bare number meant MiB in earlier versions and bytes everywhere else.
 * @param text for example 512M, 512MiB (powers of 1024), 512MB (powers of 1000), 1.5G, 4096B; case does not matter
 * @param multiple bytes: what the size is rounded up to a multiple of, since 5.6G alone is no whole number of bytes
 * @returns bytes, 0 to 2^64 - 1, and whether they are more than what was written
 * @throws UsageError when it is not a size
 */
export function parseSize(text: string, multiple: bigint): { bytes: bigint; rounded: boolean } {
    const match = /^([0-9]{1,30})(?:\.([0-9]{1,20}))?\s?([a-z]*)$/i.exec(text);
    if (!match) {
        throw new UsageError(`"${text}" is not a size; write a number and a unit, for example 512M, 1.5GiB or 500MB.`);
    }
    const [, whole = "", fraction = "", unit = ""] = match;
    if (unit === "") {
        throw new UsageError(`The size ${text} has no unit; write ${text}M for MiB or ${text}B for bytes.`);
    }
    const factor = UNITS.get(unit.toLowerCase());
    if (factor === undefined) {
        throw new UsageError(
            `"${unit}" is not a unit of size; there are B, K, M, G, T, P (or KiB ... PiB, powers of 1024) and ` +
                `KB ... PB (powers of 1000).`,
        );
    }
    const scale = 10n ** BigInt(fraction.length);
    const scaled = BigInt(whole + fraction) * factor;
    const step = scale * multiple;
    const bytes = ((scaled + step - 1n) / step) * multiple;
    if (bytes > LARGEST) {
        throw new UsageError(`${text} is larger than any device can be.`);
    }
    return { bytes, rounded: scaled % step !== 0n };
}

/**
 * Writes a size for people: the largest binary unit that leaves at least 1, with at most two decimals.
 * A size that two decimals cannot give exactly is rounded down, so that nothing looks larger than it is.
 * @param bytes 0 or more
 */
export function formatSize(bytes: bigint): string {
    let power = 0;
    while (power < BINARY_UNITS.length - 1 && bytes >= 1024n ** BigInt(power + 1)) {
        power++;
    }
    if (power === 0) {
        return `${bytes} B`;
    }
    const hundredths = (bytes * 100n) / 1024n ** BigInt(power);
    const digits = `${hundredths / 100n}.${String(hundredths % 100n).padStart(2, "0")}`.replace(/\.?0+$/, "");
    return `${digits} ${BINARY_UNITS[power]}`;
}
