// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import fc from "fast-check";
import { Variant } from "../../../service/src/bus/index.js";
import { parseSingle, type Type } from "../../../service/src/bus/wire/signature.js";

/** A signature of one complete type, and a value of it. */
export interface Typed {
    signature: string;
    value: unknown;
}

const BASIC = ["y", "b", "n", "q", "i", "u", "x", "t", "d", "s", "o", "g"];

const path = fc
    .array(fc.stringMatching(/^[A-Za-z0-9_]{1,8}$/), { maxLength: 4 })
    .map((labels) => `/${labels.join("/")}`);
const text = fc
    .string({ unit: "binary", maxLength: 20 })
    .map((value) => Buffer.from(value.replaceAll("\0", "")).toString());

/** Signatures of one complete type, nested at most this deep. */
export function signatures(depth: number): fc.Arbitrary<string> {
    const basic = fc.constantFrom(...BASIC);
    if (depth === 0) return basic;
    const inner = signatures(depth - 1);
    return fc.oneof(
        basic,
        fc.constant("v"),
        inner.map((element) => `a${element}`),
        fc.array(inner, { minLength: 1, maxLength: 4 }).map((members) => `(${members.join("")})`),
        fc.tuple(fc.constantFrom("s", "u", "o", "t"), inner).map(([key, value]) => `a{${key}${value}}`),
    );
}

/** A signature with a value of it. */
export const typed: fc.Arbitrary<Typed> = signatures(3).chain((signature) =>
    valueOf(parseSingle(signature) as Type, 2).map((value) => ({ signature, value })),
);

function valueOf(type: Type, variants: number): fc.Arbitrary<unknown> {
    const integer = (min: number, max: number) => fc.integer({ min, max });
    switch (type.code) {
        case "y":
            return integer(0, 255);
        case "b":
            return fc.boolean();
        case "n":
            return integer(-32768, 32767);
        case "q":
            return integer(0, 65535);
        case "i":
            return integer(-2147483648, 2147483647);
        case "u":
            return integer(0, 4294967295);
        case "x":
            return fc.bigInt({ min: 1n - (1n << 63n), max: (1n << 63n) - 1n }); // dbus-next refuses the smallest.
        case "t":
            return fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
        case "d":
            return fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value || 0); // dbus-next drops the sign of -0.
        case "s":
            return text;
        case "o":
            return path;
        case "g":
            return fc.array(signatures(1), { maxLength: 3 }).map((parts) => parts.join(""));
        case "v":
            return variant(variants);
        case "(":
            return fc.tuple(...type.children.map((child) => valueOf(child, variants)));
        default:
            return array(type.children[0] as Type, variants);
    }
}

function variant(depth: number): fc.Arbitrary<Variant> {
    return signatures(depth === 0 ? 0 : 1).chain((signature) =>
        valueOf(parseSingle(signature) as Type, depth - 1).map((value) => new Variant(signature, value)),
    );
}

function array(element: Type, variants: number): fc.Arbitrary<unknown> {
    if (element.code === "y") return fc.uint8Array({ maxLength: 8 });
    if (element.code !== "{") return fc.array(valueOf(element, variants), { maxLength: 4 });
    const [key, value] = element.children as [Type, Type];
    return fc
        .array(fc.tuple(valueOf(key, 0), valueOf(value, variants)), { maxLength: 4 })
        .map((entries) => new Map<unknown, unknown>(entries));
}
