// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * As little of D-Bus as a stop-watch needs: calls with string arguments are encoded once, replies are only cut out of the
 * stream. Decoding is left out on purpose, so that the numbers are those of the services, not of this client.
 * Source: D-Bus Specification, "Message Protocol".
 */

/** A method call, as a rule with string arguments. */
export interface Call {
    destination: string;
    path: string;
    interface: string;
    member: string;
    args?: readonly string[];
    /** Instead of string arguments: a signature and the encoded body, little-endian. */
    body?: { signature: string; bytes: Buffer };
}

export const METHOD_RETURN = 2;
export const ERROR = 3;
export const SIGNAL = 4;

const FIXED = 16;

class Writer {
    private readonly parts: Buffer[] = [];
    length = 0;

    bytes(chunk: Buffer): void {
        this.parts.push(chunk);
        this.length += chunk.length;
    }

    align(boundary: number): void {
        const missing = (boundary - (this.length % boundary)) % boundary;
        if (missing > 0) this.bytes(Buffer.alloc(missing));
    }

    uint32(value: number): void {
        this.align(4);
        const chunk = Buffer.alloc(4);
        chunk.writeUInt32LE(value);
        this.bytes(chunk);
    }

    /** A string, or an object path: they are encoded alike. */
    string(value: string): void {
        const text = Buffer.from(`${value}\0`);
        this.uint32(text.length - 1);
        this.bytes(text);
    }

    signature(value: string): void {
        this.bytes(Buffer.from([value.length, ...Buffer.from(value), 0]));
    }

    done(): Buffer {
        return Buffer.concat(this.parts, this.length);
    }
}

/** The bytes of a call; the serial is written by {@link setSerial}. */
export function encodeCall(call: Call): Buffer {
    const args = call.args ?? [];
    const body = new Writer();
    for (const arg of args) body.string(arg);
    if (call.body !== undefined) body.bytes(call.body.bytes);
    const signature = call.body?.signature ?? "s".repeat(args.length);
    const fields = new Writer();
    const field = (code: number, type: string, write: () => void): void => {
        fields.align(8);
        fields.bytes(Buffer.from([code]));
        fields.signature(type);
        write();
    };
    field(1, "o", () => fields.string(call.path));
    field(2, "s", () => fields.string(call.interface));
    field(3, "s", () => fields.string(call.member));
    field(6, "s", () => fields.string(call.destination));
    if (signature !== "") field(8, "g", () => fields.signature(signature));
    const message = new Writer();
    message.bytes(Buffer.from(["l".charCodeAt(0), 1, 0, 1]));
    message.uint32(body.length);
    message.uint32(1);
    message.uint32(fields.length);
    message.bytes(fields.done());
    message.align(8);
    message.bytes(body.done());
    return message.done();
}

/** Sets the serial of an encoded message; it must not be 0. */
export function setSerial(message: Buffer, serial: number): void {
    message.writeUInt32LE(serial, 8);
}

/** Cuts messages out of a byte stream. */
export class Framer {
    private pending: Buffer[] = [];
    private length = 0;
    private wanted = FIXED;

    /** Takes the next bytes and hands over each message that is complete. */
    push(chunk: Buffer, onMessage: (message: Buffer) => void): void {
        this.pending.push(chunk);
        this.length += chunk.length;
        while (this.length >= this.wanted) {
            const data = this.pending.length === 1 ? this.pending[0]! : Buffer.concat(this.pending, this.length);
            this.pending = [data];
            const total = messageLength(data);
            if (data.length < total) {
                this.wanted = total;
                return;
            }
            onMessage(data.subarray(0, total));
            this.pending = [data.subarray(total)];
            this.length = data.length - total;
            this.wanted = FIXED;
        }
    }
}

/** Whole length of a message in bytes, from its first 16 bytes, in either byte order. */
export function messageLength(head: Buffer): number {
    const little = head[0] === "l".charCodeAt(0);
    const body = little ? head.readUInt32LE(4) : head.readUInt32BE(4);
    const fields = little ? head.readUInt32LE(12) : head.readUInt32BE(12);
    return FIXED + Math.ceil(fields / 8) * 8 + body;
}
