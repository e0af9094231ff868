// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { modeOfWord } from "../facts/modes.js";
import { BINARY_UNITS, SECTOR, SMALLEST_VOLUME } from "../facts/sizes.js";
import { checkMappingName, MAX_RAM_DISK_NUMBER } from "../kernel/names.js";
import { ModelError } from "./errors.js";
import type { NewMode } from "./types.js";

/** Makes the name of the volume with a number. */
export const volumeName = (number: number): string => `rd${number}`;

/** Writes bytes for a person, in an error message: exact when small, else with one decimal. */
export function formatBytes(bytes: number): string {
    let value = bytes;
    let unit = 0;
    while (value >= 1024 && unit < BINARY_UNITS.length - 1) {
        value /= 1024;
        unit += 1;
    }
    return `${Number.isInteger(value) ? value : value.toFixed(1)} ${unit === 0 ? "bytes" : BINARY_UNITS[unit]}`;
}

/**
 * Checks the size of a volume.
 * @param size bytes: a multiple of 512, at least {@link SMALLEST_VOLUME}, at most 2^53 - 512
 * @throws ModelError InvalidArgument
 */
export function checkSize(size: number): void {
    if (!Number.isSafeInteger(size) || size < 0) {
        throw new ModelError(
            "InvalidArgument",
            `Size ${size} is out of range; the largest is ${2 ** 53 - SECTOR} bytes.`,
        );
    }
    if (size < SMALLEST_VOLUME) {
        throw new ModelError("InvalidArgument", `Size ${size} is too small; the smallest is ${SMALLEST_VOLUME} bytes.`);
    }
    if (size % SECTOR !== 0) {
        const next = Math.ceil(size / SECTOR) * SECTOR;
        throw new ModelError(
            "InvalidArgument",
            `Size ${size} is not a multiple of ${SECTOR} bytes; the next larger is ${next}.`,
        );
    }
}

/** Checks the N of a new rdN, 0 to 1048575. @throws ModelError InvalidArgument */
export function checkNumber(number: number): void {
    if (!Number.isInteger(number) || number < 0 || number > MAX_RAM_DISK_NUMBER) {
        throw new ModelError(
            "InvalidArgument",
            `Volume number ${number} is out of range; it must be 0 to ${MAX_RAM_DISK_NUMBER}.`,
        );
    }
}

/**
 * Reads the word for a cache mode; `write-back` is taken as `writeback`.
 * @param last the last word of those that the caller takes, for the message
 * @throws ModelError InvalidArgument
 */
export function parseMode(word: string, last = "writeback"): NewMode {
    const mode = modeOfWord(word);
    if (mode === undefined) {
        throw new ModelError(
            "InvalidArgument",
            `Mode ${quote(word)} is unknown; it must be write-through, write-around or ${last}.`,
        );
    }
    return mode;
}

/** Checks a name for a new mapping. @throws ModelError InvalidArgument */
export function checkCacheName(name: string): void {
    try {
        checkMappingName(name);
    } catch (error) {
        throw new ModelError("InvalidArgument", (error as Error).message);
    }
}

/** What looks like a host's key (DH-HMAC-CHAP), up to its end. */
const KEY = /DHHC-1:\S*/g;

/**
 * Writes text of a caller for an error message: quoted, control characters escaped, cut at 80 characters. A key that was put in
 * the wrong place is not repeated.
 */
export function quote(text: string): string {
    const harmless = text.replace(KEY, "DHHC-1:…");
    return JSON.stringify(harmless.length > 80 ? `${harmless.slice(0, 80)}…` : harmless);
}

/** Reads the name of the volume that a caller means: rdN or its device path. @throws ModelError InvalidArgument */
export function volumeNameOf(text: string): string {
    const name = text.startsWith("/dev/") ? text.slice("/dev/".length) : text;
    if (!/^[A-Za-z0-9._-]{1,64}$/.test(name)) {
        throw new ModelError(
            "InvalidArgument",
            `Volume ${quote(text)} is not a name such as rd0 nor a path such as /dev/rd0.`,
        );
    }
    return name;
}
