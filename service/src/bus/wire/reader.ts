// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { isUtf8 } from "node:buffer";
import { Variant } from "../api.js";
import { isPath } from "./names.js";
import { parseSignature, parseSingle, type Type } from "./signature.js";

/** What was received is not what the D-Bus specification allows, or is more than we take. The message says which. */
export class DecodeError extends Error {
    override readonly name = "DecodeError";
}

/** How much one body may hold, beyond its size in bytes. */
export interface DecodeLimits {
    /** Values in total; containers count too. Small values cost far more memory decoded than on the wire. */
    values: number;
    /** Containers within containers, those inside variants included. */
    depth: number;
    /** Bytes in all byte arrays together: their memory comes back later than that of other values. */
    bytes: number;
}

/** Containers of one message may nest this deep (D-Bus specification, "Message Format"). */
export const MAX_DEPTH = 64;
/** Longest array in bytes (D-Bus specification, "Marshaling (Wire Format)"). */
const MAX_ARRAY = 64 * 1024 * 1024;

/**
 * Decodes values from a body, strictly: a value that breaks a rule of the specification gives a {@link DecodeError},
 * and nothing else is ever thrown. Positions count from the start of the buffer, which must be 8-aligned in its message.
 */
export class Reader {
    private at = 0;
    private left: number;
    private depth = 0;
    private bytesLeft: number;

    /**
     * @param bytes the body (or the header from its start)
     * @param littleEndian byte order of the message
     * @param limits defaults are those for messages that we asked for
     */
    constructor(
        private readonly bytes: Buffer,
        private readonly littleEndian: boolean,
        private readonly limits: DecodeLimits = { values: 16_000_000, depth: MAX_DEPTH, bytes: Infinity },
    ) {
        this.left = limits.values;
        this.bytesLeft = limits.bytes;
    }

    /** Position of the next byte. */
    get position(): number {
        return this.at;
    }

    /** Moves to a position. */
    seek(position: number): void {
        this.at = position;
    }

    /**
     * Reads the complete types of a signature, which must fill the buffer exactly.
     * @throws DecodeError
     */
    readBody(signature: string): unknown[] {
        const types = parseSignature(signature);
        if (types === undefined) throw new DecodeError("The signature of the message is not valid");
        const values = types.map((type) => this.read(type));
        if (this.at !== this.bytes.length) throw new DecodeError("The message is longer than its signature says");
        return values;
    }

    /** Reads one value of the type. @throws DecodeError */
    read(type: Type): unknown {
        if (--this.left < 0) throw new DecodeError(`The message holds more than ${this.limits.values} values`);
        switch (type.code) {
            case "y":
                return this.bytes[this.take(1)];
            case "b":
                return this.boolean();
            case "n":
            case "q":
                return this.number(type.code, 2);
            case "i":
                return this.number(type.code, 4);
            case "u":
                return this.uint32();
            case "x":
            case "t":
            case "d":
                return this.number(type.code, 8);
            case "s":
                return this.string();
            case "o":
                return this.path();
            case "g":
                return this.signature();
            case "v":
                return this.nested(() => this.variant());
            case "(":
                return this.nested(() => this.struct(type.children));
            case "a":
                return this.nested(() => this.array(type));
            default:
                throw new DecodeError("File descriptors (type h) are not accepted");
        }
    }

    /** Reads an unsigned 32-bit number. @throws DecodeError */
    uint32(): number {
        this.align(4);
        const at = this.take(4);
        return this.littleEndian ? this.bytes.readUInt32LE(at) : this.bytes.readUInt32BE(at);
    }

    /** Moves to the next multiple of 1, 2, 4 or 8 over padding that must be zero. @throws DecodeError */
    align(boundary: number): void {
        while (this.at & (boundary - 1)) {
            if (this.bytes[this.take(1)] !== 0) throw new DecodeError("Padding holds something other than zeros");
        }
    }

    /** Reads a UTF-8 string. @throws DecodeError */
    string(): string {
        const length = this.uint32();
        const start = this.take(length + 1);
        if (this.bytes[start + length] !== 0) throw new DecodeError("A string does not end in a zero byte");
        const text = this.bytes.toString("utf8", start, start + length);
        if (text.includes("\0")) throw new DecodeError("A string holds a zero byte");
        if (text.includes("\ufffd") && !isUtf8(this.bytes.subarray(start, start + length))) {
            throw new DecodeError("A string is not valid UTF-8");
        }
        return text;
    }

    /** Reads a signature. @throws DecodeError */
    signature(): string {
        const length = this.bytes[this.take(1)] ?? 0;
        const start = this.take(length + 1);
        const text = this.bytes.toString("latin1", start, start + length);
        if (this.bytes[start + length] !== 0 || parseSignature(text) === undefined) {
            throw new DecodeError("A signature is not valid");
        }
        return text;
    }

    private path(): string {
        const text = this.string();
        if (!isPath(text)) throw new DecodeError("An object path is not valid");
        return text;
    }

    private boolean(): boolean {
        const value = this.uint32();
        if (value > 1) throw new DecodeError("A boolean is neither 0 nor 1");
        return value === 1;
    }

    /** Reads a number of 2 or 8 bytes, or a signed one of 4. */
    private number(code: string, size: 2 | 4 | 8): number | bigint {
        this.align(size);
        const at = this.take(size);
        const { bytes, littleEndian } = this;
        switch (code) {
            case "n":
                return littleEndian ? bytes.readInt16LE(at) : bytes.readInt16BE(at);
            case "q":
                return littleEndian ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at);
            case "i":
                return littleEndian ? bytes.readInt32LE(at) : bytes.readInt32BE(at);
            case "x":
                return littleEndian ? bytes.readBigInt64LE(at) : bytes.readBigInt64BE(at);
            case "t":
                return littleEndian ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at);
            default:
                return littleEndian ? bytes.readDoubleLE(at) : bytes.readDoubleBE(at);
        }
    }

    private variant(): Variant {
        const signature = this.signature();
        const type = parseSingle(signature);
        if (type === undefined) throw new DecodeError("A variant does not hold exactly one complete type");
        return new Variant(signature, this.read(type));
    }

    private struct(members: readonly Type[]): unknown[] {
        this.align(8);
        return members.map((member) => this.read(member));
    }

    private array(type: Type): unknown {
        const element = type.children[0] as Type;
        const length = this.uint32();
        if (length > MAX_ARRAY) throw new DecodeError("An array is longer than 64 MiB");
        this.align(element.alignment);
        const start = this.take(length);
        const end = start + length;
        if (element.code === "y") return this.byteArray(start, end);
        this.at = start;
        const value = element.code === "{" ? this.dictionary(element, end) : this.elements(element, end);
        if (this.at !== end) throw new DecodeError("An array's last element does not end where the array ends");
        return value;
    }

    private byteArray(start: number, end: number): Uint8Array {
        this.bytesLeft -= end - start;
        if (this.bytesLeft < 0) throw new DecodeError(`Byte arrays hold more than ${this.limits.bytes} bytes`);
        return new Uint8Array(this.bytes.subarray(start, end));
    }

    private elements(element: Type, end: number): unknown[] {
        const values: unknown[] = [];
        while (this.at < end) values.push(this.read(element));
        return values;
    }

    private dictionary(entry: Type, end: number): Map<unknown, unknown> {
        const [keyType, valueType] = entry.children as [Type, Type];
        const values = new Map<unknown, unknown>();
        for (let count = 1; this.at < end; count++) {
            this.align(8);
            const key = this.read(keyType);
            values.set(key, this.read(valueType));
            if (values.size !== count) throw new DecodeError("A dictionary holds the same key twice");
        }
        return values;
    }

    private nested<T>(read: () => T): T {
        if (++this.depth > this.limits.depth) {
            throw new DecodeError(`The message nests deeper than ${this.limits.depth} containers`);
        }
        const value = read();
        this.depth -= 1;
        return value;
    }

    private take(size: number): number {
        const start = this.at;
        if (size > this.bytes.length - start) throw new DecodeError("The message is shorter than its contents say");
        this.at = start + size;
        return start;
    }
}
