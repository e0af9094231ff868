// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { Variant } from "../bus/index.js";
import { BusError } from "../bus/index.js";
import { ModelError } from "../model/errors.js";
import { quote } from "../model/values.js";
import { ERROR_PREFIX } from "./names.js";

/** Types that an option may have, by D-Bus signature. */
interface OptionTypes {
    b: boolean;
    u: number;
    s: string;
    as: string[];
}
type Schema = Record<string, keyof OptionTypes>;
type Values<S extends Schema> = { [K in keyof S]?: OptionTypes[S[K]] };

/** Every method with options takes these. */
const COMMON = { "auth.no_user_interaction": "b", cookie: "s" } as const;
const COOKIE = /^[\x21-\x7e]{1,128}$/;

/**
 * Reads the `a{sv}` of a method.
 * @param schema the keys that the method knows, with their signatures
 * @throws BusError UnknownOption naming the key, InvalidArgument naming the key and both signatures
 */
export function readOptions<S extends Schema>(raw: unknown, schema: S): Values<S & typeof COMMON> {
    const known: Schema = { ...schema, ...COMMON };
    const values: Record<string, unknown> = {};
    for (const [key, variant] of raw as Map<string, Variant>) {
        const expected = Object.hasOwn(known, key) ? known[key] : undefined;
        if (expected === undefined) {
            const names = Object.keys(known).join(", ");
            throw new BusError(`${ERROR_PREFIX}.UnknownOption`, `Option ${quote(key)} is unknown; known are ${names}.`);
        }
        if (variant.signature !== expected) {
            throw new BusError(
                `${ERROR_PREFIX}.InvalidArgument`,
                `Option ${quote(key)} has the type ${variant.signature}; it must be ${expected}.`,
            );
        }
        values[key] = variant.value;
    }
    if (values.cookie !== undefined && !COOKIE.test(values.cookie as string)) {
        throw new BusError(
            `${ERROR_PREFIX}.InvalidArgument`,
            'Option "cookie" must be 1 to 128 printable ASCII characters, without blanks.',
        );
    }
    return values as Values<S & typeof COMMON>;
}

/** A size in bytes from the wire. @throws ModelError InvalidArgument when a number cannot hold it exactly */
export function toSize(value: unknown): number {
    const size = value as bigint;
    if (size > BigInt(Number.MAX_SAFE_INTEGER)) {
        throw new ModelError("InvalidArgument", `Size ${size} is out of range; the largest is ${2 ** 53 - 512} bytes.`);
    }
    return Number(size);
}
