// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { EncodedArray, Variant } from "../api.js";
import { isPath } from "./names.js";
import { parseSignature, parseSingle, type Type } from "./signature.js";

/** A value to send does not fit its type: a mistake of ours, never of a caller. */
export class EncodeError extends Error {
    override readonly name = "EncodeError";
}

const INTEGERS: Record<string, readonly [number, number]> = {
    y: [0, 0xff],
    n: [-0x8000, 0x7fff],
    q: [0, 0xffff],
    i: [-0x8000_0000, 0x7fff_ffff],
    u: [0, 0xffff_ffff],
};
const MAX_INT64 = (1n << 63n) - 1n;
const MIN_INT64 = -(1n << 63n);
const MAX_UINT64 = (1n << 64n) - 1n;

/**
 * Encodes little-endian D-Bus values into one buffer that grows as needed. Several messages can stand one after the
 * other: alignment counts from where {@link begin} was last called.
 */
export class Writer {
    /** Bytes written so far. */
    length = 0;
    private base = 0;

    /** @param buffer where to start writing; replaced by a larger one when full */
    constructor(public buffer: Buffer = Buffer.allocUnsafe(1024)) {}

    /** Starts a message (or a body by itself) here. */
    begin(): void {
        this.base = this.length;
    }

    /** Gives what was written, as a view of the buffer. */
    bytes(): Buffer {
        return this.buffer.subarray(0, this.length);
    }

    /**
     * Writes values, one for each complete type of the signature.
     * @throws EncodeError when a value does not fit its type
     */
    writeBody(signature: string, values: readonly unknown[]): void {
        const types = parseSignature(signature);
        if (types === undefined) throw new EncodeError(`"${signature}" is not a signature`);
        if (types.length !== values.length) {
            throw new EncodeError(`${values.length} values given where "${signature}" wants ${types.length}`);
        }
        for (let i = 0; i < types.length; i++) this.write(types[i] as Type, values[i]);
    }

    /** Writes one value of the type. @throws EncodeError */
    write(type: Type, value: unknown): void {
        switch (type.code) {
            case "y":
                this.byte(integer("y", value));
                break;
            case "b":
                if (typeof value !== "boolean") throw wrong(type, value);
                this.uint32(value ? 1 : 0);
                break;
            case "n":
            case "q":
            case "x":
            case "t":
            case "d":
                this.number(type, value);
                break;
            case "i":
            case "u":
                this.uint32(integer(type.code, value) >>> 0);
                break;
            case "s":
                this.string(text(type, value));
                break;
            case "o":
                if (!isPath(text(type, value))) throw wrong(type, value);
                this.string(value as string);
                break;
            case "g":
                this.signature(text(type, value));
                break;
            case "v":
                this.variant(value);
                break;
            case "(":
                this.struct(type, value);
                break;
            case "a":
                this.array(type, value);
                break;
            default:
                throw new EncodeError("File descriptors (type h) are not supported");
        }
    }

    /** Writes an unsigned 32-bit number. */
    uint32(value: number): void {
        const at = this.room(4, 4);
        this.put32(at, value);
    }

    /** Overwrites the unsigned 32-bit number at a position. */
    put32(at: number, value: number): void {
        const buffer = this.buffer;
        buffer[at] = value;
        buffer[at + 1] = value >>> 8;
        buffer[at + 2] = value >>> 16;
        buffer[at + 3] = value >>> 24;
    }

    /** Writes one byte. */
    byte(value: number): void {
        const at = this.room(1, 1); // First: it may replace the buffer.
        this.buffer[at] = value;
    }

    /** Writes a string, or an object path known to be valid. @throws EncodeError on a zero byte inside */
    string(value: string): void {
        if (value.includes("\0")) throw new EncodeError("A string to send holds a zero byte");
        const lengthAt = this.room(4, 4);
        const start = this.room(1, value.length * 3 + 1);
        const size = this.buffer.write(value, start, "utf8");
        this.buffer[start + size] = 0;
        this.length = start + size + 1;
        this.put32(lengthAt, size);
    }

    /** Writes a signature. @throws EncodeError when it is not valid */
    signature(value: string): void {
        if (parseSignature(value) === undefined) throw new EncodeError(`"${value}" is not a signature`);
        const at = this.room(1, value.length + 2);
        this.buffer[at] = value.length;
        this.buffer.write(value, at + 1, "latin1");
        this.buffer[at + 1 + value.length] = 0;
    }

    /** Pads with zeros to the next multiple of 1, 2, 4 or 8. */
    align(boundary: number): void {
        this.room(boundary, 0);
    }

    /** Copies bytes that were encoded before, at the same alignment modulo 8. */
    raw(bytes: Uint8Array): void {
        const at = this.room(1, bytes.length); // First: it may replace the buffer.
        this.buffer.set(bytes, at);
    }

    /** Overwrites a value of fixed size at a position where one of the same type stands. @throws EncodeError */
    overwrite(at: number, type: Type, value: unknown): void {
        const { length, base } = this;
        this.length = this.base = at;
        try {
            this.write(type, value);
        } finally {
            this.length = length;
            this.base = base;
        }
    }

    /** Starts an array: gives what {@link endArray} wants. */
    beginArray(alignment: number): { lengthAt: number; start: number } {
        const lengthAt = this.room(4, 4);
        this.align(alignment);
        return { lengthAt, start: this.length };
    }

    /** Ends an array. */
    endArray(array: { lengthAt: number; start: number }): void {
        this.put32(array.lengthAt, this.length - array.start);
    }

    /** Writes a number of 2 or 8 bytes. */
    private number(type: Type, value: unknown): void {
        const at = this.room(type.alignment, type.alignment);
        const { buffer } = this;
        switch (type.code) {
            case "n":
            case "q":
                buffer.writeUInt16LE(integer(type.code, value) & 0xffff, at);
                break;
            case "x":
                buffer.writeBigInt64LE(big(type, value, MIN_INT64, MAX_INT64), at);
                break;
            case "t":
                buffer.writeBigUInt64LE(big(type, value, 0n, MAX_UINT64), at);
                break;
            default:
                if (typeof value !== "number") throw wrong(type, value);
                buffer.writeDoubleLE(value, at);
        }
    }

    private variant(value: unknown): void {
        if (!(value instanceof Variant)) throw new EncodeError(`A Variant is wanted, not ${describe(value)}`);
        const type = parseSingle(value.signature);
        if (type === undefined) throw new EncodeError(`A variant's signature "${value.signature}" is not one type`);
        this.signature(value.signature);
        this.write(type, value.value);
    }

    private struct(type: Type, value: unknown): void {
        if (!Array.isArray(value) || value.length !== type.children.length) throw wrong(type, value);
        this.align(8);
        for (let i = 0; i < value.length; i++) this.write(type.children[i] as Type, value[i]);
    }

    private array(type: Type, value: unknown): void {
        const element = type.children[0] as Type;
        const array = this.beginArray(element.alignment);
        if (value instanceof EncodedArray) {
            if (value.signature !== type.signature) throw wrong(type, value);
            this.raw(value.bytes);
        } else if (element.code === "{") {
            this.dictionary(type, element, value);
        } else if (element.code === "y" && value instanceof Uint8Array) {
            this.raw(value);
        } else {
            if (!Array.isArray(value)) throw wrong(type, value);
            for (const item of value) this.write(element, item);
        }
        this.endArray(array);
    }

    private dictionary(type: Type, entry: Type, value: unknown): void {
        const [keyType, valueType] = entry.children as [Type, Type];
        if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong(type, value);
        const entries: Iterable<readonly [unknown, unknown]> =
            value instanceof Map ? (value as Map<unknown, unknown>) : Object.entries(value);
        for (const [key, item] of entries) {
            this.align(8);
            this.write(keyType, key);
            this.write(valueType, item);
        }
    }

    /** Pads to the alignment, makes sure of `size` bytes more, takes them and returns where they start. */
    private room(alignment: number, size: number): number {
        let at = this.length;
        const padding = -(at - this.base) & (alignment - 1);
        const end = at + padding + size;
        if (end > this.buffer.length) this.grow(end);
        for (let i = 0; i < padding; i++) this.buffer[at++] = 0;
        this.length = end;
        return at;
    }

    private grow(needed: number): void {
        const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.buffer.length * 2));
        this.buffer.copy(larger, 0, 0, this.length);
        this.buffer = larger;
    }
}

function integer(code: string, value: unknown): number {
    const [low, high] = INTEGERS[code] as readonly [number, number];
    if (typeof value !== "number" || !Number.isInteger(value) || value < low || value > high) {
        throw new EncodeError(`${describe(value)} is not an integer from ${low} to ${high} (type ${code})`);
    }
    return value;
}

function big(type: Type, value: unknown, low: bigint, high: bigint): bigint {
    const number = typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : value;
    if (typeof number !== "bigint" || number < low || number > high) throw wrong(type, value);
    return number;
}

function text(type: Type, value: unknown): string {
    if (typeof value !== "string") throw wrong(type, value);
    return value;
}

function wrong(type: Type, value: unknown): EncodeError {
    return new EncodeError(`${describe(value)} does not fit type ${type.signature}`);
}

function describe(value: unknown): string {
    if (typeof value === "string") return JSON.stringify(value.slice(0, 80));
    if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return String(value);
    return `A value of type ${typeof value}`;
}
