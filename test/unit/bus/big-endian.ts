// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { parseSignature, parseSingle, type Type } from "../../../service/src/bus/wire/signature.js";

const SIZES: Record<string, number> = { b: 4, n: 2, q: 2, i: 4, u: 4, x: 8, t: 8, d: 8 };

/** Turns a valid little-endian body into the same values in big-endian order. */
export function toBigEndian(signature: string, body: Buffer): Buffer {
    const bytes = Buffer.from(body);
    let at = 0;
    const align = (boundary: number) => (at = Math.ceil(at / boundary) * boundary);
    const swap = (size: number) => {
        align(size);
        bytes.subarray(at, at + size).reverse();
        at += size;
    };
    const length = () => {
        align(4);
        const value = bytes.readUInt32LE(at);
        swap(4);
        return value;
    };
    const walk = (type: Type): void => {
        const size = SIZES[type.code];
        if (size !== undefined) return swap(size);
        if (type.code === "y") at += 1;
        else if (type.code === "s" || type.code === "o") at = length() + at + 1;
        else if (type.code === "g") at += (bytes[at] ?? 0) + 2;
        else if (type.code === "v") variant();
        else if (type.code === "a") array(type.children[0] as Type);
        else {
            align(8);
            type.children.forEach(walk);
        }
    };
    const variant = () => {
        const size = bytes[at] ?? 0;
        const inner = bytes.toString("latin1", at + 1, at + 1 + size);
        at += size + 2;
        walk(parseSingle(inner) as Type);
    };
    const array = (element: Type) => {
        const size = length();
        align(element.alignment);
        const end = at + size;
        while (at < end) walk(element);
    };
    parseSignature(signature)?.forEach(walk);
    return bytes;
}
