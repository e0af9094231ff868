// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

const MIB = 1024n ** 2n;

const UNITS: Readonly<Record<string, bigint>> = {
    "": MIB,
    B: 1n,
    KB: 1000n,
    KiB: 1024n,
    MB: 1000n ** 2n,
    MiB: MIB,
    GB: 1000n ** 3n,
    GiB: 1024n ** 3n,
};

/** More MiB than a block device can have bytes for (2^63 - 1): refused here, where rapiddisk 9 wrapped around. */
const TOO_MANY = 2n ** 63n / MIB;
/** The largest size, in MiB. */
export const MOST_MEBIBYTES = TOO_MANY - 1n;

/**
 * Reads the argument of -a and -c: digits and at once one of B KB KiB MB MiB GB GiB (case matters), MiB when there is
 * none; floored to whole MiB.
 * @returns MiB, 1 or more; undefined when the text is no such size, less than 1 MiB, or absurdly large
 */
export function parseMebibytes(text: string): bigint | undefined {
    const match = /^([0-9]+)([A-Za-z]*)$/.exec(text);
    if (!match || !Object.hasOwn(UNITS, match[2]!) || match[1]!.length > 30) {
        return undefined;
    }
    const mebibytes = (BigInt(match[1]!) * UNITS[match[2]!]!) / MIB;
    return mebibytes > 0n && mebibytes < TOO_MANY ? mebibytes : undefined;
}

/** Converts whole MiB to bytes. */
export function toBytes(mebibytes: bigint): bigint {
    return mebibytes * MIB;
}

/** Converts bytes to whole MiB, rounded down. */
export function toMebibytes(bytes: bigint): bigint {
    return bytes / MIB;
}
