// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { isBusName, isInterface, isMember, isPath } from "./names.js";
import { DecodeError, Reader } from "./reader.js";
import { parseSignature, parseSingle } from "./signature.js";
import { EncodeError, type Writer } from "./writer.js";

/** Message types (D-Bus specification, "Message Format"). */
export const MessageType = { call: 1, reply: 2, error: 3, signal: 4 } as const;

/** Message flags (D-Bus specification, "Message Format"). */
export const Flag = { noReplyExpected: 0x1, noAutoStart: 0x2, allowInteractiveAuthorization: 0x4 } as const;

/** Everything of a message but its body. Fields that the message does not hold are empty or 0. */
export interface Header {
    type: number;
    flags: number;
    serial: number;
    path: string;
    interface: string;
    member: string;
    errorName: string;
    replySerial: number;
    destination: string;
    /** Filled in by the bus daemon: callers cannot forge it. */
    sender: string;
    signature: string;
    unixFds: number;
    littleEndian: boolean;
}

/** Bytes before the array of header fields, its length included. */
export const FIXED_HEADER = 16;
const FIELD = {
    path: 1,
    interface: 2,
    member: 3,
    errorName: 4,
    replySerial: 5,
    destination: 6,
    sender: 7,
    signature: 8,
};
const UNIX_FDS = 9;
const LITTLE_ENDIAN = 0x6c;
/** A system bus disconnects anyone who sends more (dbus-daemon(1), max_message_size). */
const MAX_SENT = 32 * 1024 * 1024;
/** Unknown fields are skipped, but not any number of them. */
const HEADER_LIMITS = { values: 1024, depth: 16, bytes: 4096 };

/** Makes a header without any field. */
export function emptyHeader(type: number): Header {
    return {
        type,
        flags: 0,
        serial: 0,
        path: "",
        interface: "",
        member: "",
        errorName: "",
        replySerial: 0,
        destination: "",
        sender: "",
        signature: "",
        unixFds: 0,
        littleEndian: true,
    };
}

/**
 * Decodes a header.
 * @param bytes from the first byte of the message to the end of the field array, without the padding after it
 * @throws DecodeError
 */
export function readHeader(bytes: Buffer): Header {
    const littleEndian = bytes[0] === LITTLE_ENDIAN;
    const header = emptyHeader(bytes[1] ?? 0);
    header.flags = bytes[2] ?? 0;
    header.littleEndian = littleEndian;
    const reader = new Reader(bytes, littleEndian, HEADER_LIMITS);
    reader.seek(8);
    header.serial = reader.uint32();
    if (header.serial === 0) throw new DecodeError("The serial of the message is 0");
    reader.seek(FIXED_HEADER);
    while (reader.position < bytes.length) {
        reader.align(8);
        readField(reader, header, bytes);
    }
    return header;
}

function readField(reader: Reader, header: Header, bytes: Buffer): void {
    const code = bytes[reader.position] ?? 0;
    reader.seek(reader.position + 1);
    const signature = reader.signature();
    switch (code) {
        case FIELD.path:
            header.path = text(reader, signature, "o", isPath);
            break;
        case FIELD.interface:
            header.interface = text(reader, signature, "s", isInterface);
            break;
        case FIELD.member:
            header.member = text(reader, signature, "s", isMember);
            break;
        case FIELD.errorName:
            header.errorName = text(reader, signature, "s", isInterface);
            break;
        case FIELD.replySerial:
            header.replySerial = number(reader, signature);
            break;
        case FIELD.destination:
            header.destination = text(reader, signature, "s", isBusName);
            break;
        case FIELD.sender:
            header.sender = text(reader, signature, "s", isBusName);
            break;
        case FIELD.signature:
            if (signature !== "g") throw new DecodeError("A header field has the wrong type");
            header.signature = reader.signature();
            break;
        case UNIX_FDS:
            header.unixFds = number(reader, signature);
            break;
        default: {
            const type = parseSingle(signature);
            if (code === 0 || type === undefined) throw new DecodeError("A header field is not valid");
            reader.read(type);
        }
    }
}

function text(reader: Reader, signature: string, wanted: string, valid: (text: string) => boolean): string {
    if (signature !== wanted) throw new DecodeError("A header field has the wrong type");
    const value = reader.string();
    if (!valid(value)) throw new DecodeError("A header field holds an invalid name");
    return value;
}

function number(reader: Reader, signature: string): number {
    if (signature !== "u") throw new DecodeError("A header field has the wrong type");
    return reader.uint32();
}

/** Writes a body; what it writes must agree with the signature of the header. */
export type BodyWriter = (writer: Writer) => void;

/**
 * Encodes a whole message. On an error the writer is left as it was.
 * @throws EncodeError when a value does not fit
 */
export function writeMessage(writer: Writer, header: Header, body?: BodyWriter): void {
    const start = writer.length;
    try {
        writer.begin();
        writer.byte(LITTLE_ENDIAN);
        writer.byte(header.type);
        writer.byte(header.flags);
        writer.byte(1);
        writer.uint32(0);
        writer.uint32(header.serial);
        const fields = writer.beginArray(8);
        if (header.path !== "") writeText(writer, FIELD.path, "o", header.path);
        if (header.interface !== "") writeText(writer, FIELD.interface, "s", header.interface);
        if (header.member !== "") writeText(writer, FIELD.member, "s", header.member);
        if (header.errorName !== "") writeText(writer, FIELD.errorName, "s", header.errorName);
        if (header.replySerial !== 0) {
            startField(writer, FIELD.replySerial, "u");
            writer.uint32(header.replySerial);
        }
        if (header.destination !== "") writeText(writer, FIELD.destination, "s", header.destination);
        if (header.signature !== "") {
            startField(writer, FIELD.signature, "g");
            writer.signature(header.signature);
        }
        writer.endArray(fields);
        writer.align(8);
        const bodyStart = writer.length;
        if (body !== undefined) body(writer);
        if (writer.length - start > MAX_SENT) throw new EncodeError("A message to send is larger than the bus takes");
        writer.put32(start + 4, writer.length - bodyStart);
    } catch (error) {
        writer.length = start;
        throw error;
    }
}

/** Makes a body that holds values of the signature. */
export function values(signature: string, items: readonly unknown[]): BodyWriter {
    if (parseSignature(signature) === undefined) throw new EncodeError(`"${signature}" is not a signature`);
    return (writer) => writer.writeBody(signature, items);
}

function startField(writer: Writer, code: number, signature: string): void {
    writer.align(8);
    writer.byte(code);
    writer.signature(signature);
}

function writeText(writer: Writer, code: number, signature: string, value: string): void {
    startField(writer, code, signature);
    writer.string(value);
}
