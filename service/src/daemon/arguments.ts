// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { ERROR_PREFIX } from "../facts/busnames.js";
import type { OptionSpec, OptionSpecs, Variant } from "../bus/index.js";
import { BusError } from "../bus/index.js";
import { commonOptions, methodOptions } from "../generated/specs.js";
import type { CommonOptions, OptionsOf } from "../generated/types.js";
import { ModelError } from "../model/errors.js";
import { quote } from "../model/values.js";

const COOKIE = /^[\x21-\x7e]{1,128}$/;

/**
 * Reads the `a{sv}` of a method, which holds what dbus/*.xml annotates, and nothing else.
 * @param method short name of the interface, a dot and the name of the method, for example Volume.Resize
 * @throws BusError UnknownOption naming the key; InvalidArgument naming the key and what its type, range or choices are
 */
export function readOptions<M extends keyof OptionsOf>(raw: unknown, method: M): OptionsOf[M] & CommonOptions {
    const known: OptionSpecs = { ...methodOptions[method], ...commonOptions };
    const values: Record<string, unknown> = {};
    for (const [key, { signature, value }] of raw as Map<string, Variant>) {
        const option = Object.hasOwn(known, key) ? known[key] : undefined;
        if (option === undefined) {
            const names = Object.keys(known).join(", ");
            throw new BusError(`${ERROR_PREFIX}.UnknownOption`, `Option ${quote(key)} is unknown; known are ${names}.`);
        }
        if (signature !== option.type) {
            throw invalid(`Option ${quote(key)} has the type ${signature}; it must be ${option.type}.`);
        }
        checkValue(key, option, value);
        values[key] = value;
    }
    if (values.cookie !== undefined && !COOKIE.test(values.cookie as string)) {
        throw invalid('Option "cookie" must be 1 to 128 printable ASCII characters, without blanks.');
    }
    return values;
}

/** Checks the range and the choices of an option. */
function checkValue(key: string, { minimum, maximum, choices }: OptionSpec, value: unknown): void {
    const number = value as number;
    if ((minimum !== undefined && number < minimum) || (maximum !== undefined && number > maximum)) {
        throw invalid(`Option ${quote(key)} is ${number}; it must be ${minimum ?? 0} to ${maximum ?? 0xffffffff}.`);
    }
    const wrong = choices && [value].flat().find((word) => !choices.includes(word as string));
    if (choices !== undefined && wrong !== undefined) {
        throw invalid(`Option ${quote(key)} is ${quote(wrong as string)}; it must be ${choices.join(" or ")}.`);
    }
}

function invalid(message: string): BusError {
    return new BusError(`${ERROR_PREFIX}.InvalidArgument`, message);
}

/** Reads a size in bytes from the wire. @throws ModelError InvalidArgument when a number cannot hold it exactly */
export function toSize(value: unknown): number {
    const size = value as bigint;
    if (size > BigInt(Number.MAX_SAFE_INTEGER)) {
        throw new ModelError("InvalidArgument", `Size ${size} is out of range; the largest is ${2 ** 53 - 512} bytes.`);
    }
    return Number(size);
}
