// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { EncodedArray } from "../api.js";
import { parseSingle } from "./signature.js";
import { EncodeError, Writer } from "./writer.js";

/** Bytes of memory that is kept for the next array. */
const KEPT = 64 * 1024;

/** Where elements are laid out before they are copied to memory of their own size. */
let scratch = new Writer();

/**
 * Encodes an array once, for what is sent again and again.
 * @param signature of an array whose elements begin at multiples of 8: only then are the bytes the same wherever they stand
 * @throws EncodeError when it is of another type, or the value does not fit
 */
export function encodeArray(signature: string, value: unknown): EncodedArray {
    const type = parseSingle(signature);
    if (type?.code !== "a" || type.children[0]?.alignment !== 8) {
        throw new EncodeError(`"${signature}" is not an array whose bytes are the same anywhere`);
    }
    scratch.length = 0;
    scratch.begin();
    scratch.write(type, value);
    // The length, and what it is padded with, depend on where the array stands.
    const encoded = new EncodedArray(signature, Buffer.from(scratch.bytes().subarray(8)));
    if (scratch.buffer.length > KEPT) {
        scratch = new Writer();
    }
    return encoded;
}
