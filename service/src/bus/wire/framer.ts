// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { FIXED_HEADER, type Header, readHeader } from "./header.js";
import { DecodeError } from "./reader.js";

/** Largest header that is read, in bytes. A message with a larger one is dropped. */
export const MAX_HEADER = 64 * 1024;
/** Largest message of the protocol (D-Bus specification, "Message Format"). */
const MAX_MESSAGE = 128 * 1024 * 1024;
/** Largest buffer for a message in pieces that is kept for the next one, in bytes. */
const MAX_KEPT = 1024 * 1024;
const LITTLE_ENDIAN = 0x6c;
const BIG_ENDIAN = 0x42;

/** Receives what a {@link Framer} finds. */
export interface FrameHandler {
    /** Gives the largest body to accept, in bytes, from the header alone; the body of a larger one is skipped as it streams in. */
    limit(header: Header): number;
    /** A whole message. The body is valid only during the call: anyone who keeps it makes a copy. */
    message(header: Header, body: Buffer): void;
    /** The body was larger than the limit, and is being skipped. */
    oversized(header: Header, size: number): void;
    /** A message was dropped because its header is too large or breaks the specification. */
    dropped(reason: string): void;
}

/** What comes next: a fixed header, the rest of the header, a body, or bytes to skip. */
type FrameStep = "fixed" | "fields" | "body" | "skip";

/**
 * Cuts a byte stream into messages, with bounded memory whatever the stream holds: bytes in pieces of any size go in,
 * headers and bodies come out. Bodies are not decoded here.
 */
export class Framer {
    private step: FrameStep = "fixed";
    /** Bytes that the step needs. */
    private wanted = FIXED_HEADER;
    /** What the step already has, when it did not come in one piece. */
    private partial: Buffer | undefined;
    private filled = 0;
    private kept = Buffer.alloc(0);
    private fixed: Buffer = Buffer.alloc(FIXED_HEADER);
    private header: Header | undefined;
    private bodyLength = 0;
    /** Length of the field array; padded to 8 before the body. */
    private fieldsLength = 0;

    constructor(private readonly handler: FrameHandler) {}

    /**
     * Takes the next bytes of the stream; they are not kept.
     * @throws DecodeError when the stream can no longer be cut into messages: the connection must be closed
     */
    push(chunk: Buffer): void {
        let at = 0;
        while (at < chunk.length) at += this.advance(chunk, at);
    }

    /** Consumes some bytes and returns how many. */
    private advance(chunk: Buffer, at: number): number {
        const available = chunk.length - at;
        const missing = this.wanted - this.filled;
        if (this.step === "skip") {
            const skipped = Math.min(available, missing);
            this.filled += skipped;
            if (this.filled === this.wanted) this.expect("fixed", FIXED_HEADER);
            return skipped;
        }
        if (this.filled === 0 && available >= missing) {
            this.complete(chunk.subarray(at, at + missing));
            return missing;
        }
        this.partial ??= this.room();
        const copied = chunk.copy(this.partial, this.filled, at, at + Math.min(available, missing));
        this.filled += copied;
        if (this.filled === this.wanted) this.complete(this.partial);
        return copied;
    }

    private complete(bytes: Buffer): void {
        if (this.step === "fixed") this.readFixed(bytes);
        else if (this.step === "fields") this.readFields(bytes);
        else this.readBody(bytes);
    }

    private readFixed(bytes: Buffer): void {
        const order = bytes[0];
        if (order !== LITTLE_ENDIAN && order !== BIG_ENDIAN) {
            throw new DecodeError("A message starts with a wrong byte");
        }
        if (bytes[3] !== 1) throw new DecodeError("A message has a wrong protocol version");
        const little = order === LITTLE_ENDIAN;
        this.bodyLength = little ? bytes.readUInt32LE(4) : bytes.readUInt32BE(4);
        this.fieldsLength = little ? bytes.readUInt32LE(12) : bytes.readUInt32BE(12);
        const padded = pad8(this.fieldsLength);
        if (FIXED_HEADER + padded + this.bodyLength > MAX_MESSAGE) throw new DecodeError("A message exceeds 128 MiB");
        if (padded > MAX_HEADER - FIXED_HEADER) {
            this.handler.dropped(`header of ${this.fieldsLength} bytes`);
            this.skip(padded + this.bodyLength);
            return;
        }
        bytes.copy(this.fixed);
        this.expect("fields", padded);
        if (padded === 0) this.readFields(Buffer.alloc(0));
    }

    private readFields(bytes: Buffer): void {
        let header: Header;
        try {
            header = readHeader(Buffer.concat([this.fixed, bytes.subarray(0, this.fieldsLength)]));
        } catch (error) {
            if (!(error instanceof DecodeError)) throw error;
            this.handler.dropped(error.message);
            this.skip(this.bodyLength);
            return;
        }
        if (this.bodyLength > this.handler.limit(header)) {
            this.skip(this.bodyLength);
            this.handler.oversized(header, this.bodyLength);
            return;
        }
        this.header = header;
        this.expect("body", this.bodyLength);
        if (this.bodyLength === 0) this.readBody(bytes.subarray(0, 0));
    }

    private readBody(bytes: Buffer): void {
        const header = this.header as Header;
        this.header = undefined;
        this.expect("fixed", FIXED_HEADER);
        this.handler.message(header, bytes);
    }

    /** Gives the buffer in which a message in pieces is assembled. It is used again, unless it is very large. */
    private room(): Buffer {
        if (this.wanted > MAX_KEPT) return Buffer.allocUnsafeSlow(this.wanted);
        if (this.wanted > this.kept.length) this.kept = Buffer.allocUnsafeSlow(this.wanted);
        return this.kept.subarray(0, this.wanted);
    }

    private skip(size: number): void {
        if (size === 0) this.expect("fixed", FIXED_HEADER);
        else this.expect("skip", size);
    }

    private expect(step: FrameStep, wanted: number): void {
        this.step = step;
        this.wanted = wanted;
        this.filled = 0;
        this.partial = undefined;
    }
}

function pad8(length: number): number {
    return Math.ceil(length / 8) * 8;
}
