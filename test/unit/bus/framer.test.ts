// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { strict as assert } from "node:assert";
import fc from "fast-check";
import { type FrameHandler, Framer, MAX_HEADER } from "../../../service/src/bus/wire/framer.js";
import { emptyHeader, type Header, MessageType, values, writeMessage } from "../../../service/src/bus/wire/header.js";
import { DecodeError, Reader } from "../../../service/src/bus/wire/reader.js";
import { Writer } from "../../../service/src/bus/wire/writer.js";

/** Notes what a framer finds. */
class Found implements FrameHandler {
    readonly messages: { member: string; body: unknown[] }[] = [];
    readonly tooLarge: { member: string; size: number }[] = [];
    readonly reasons: string[] = [];

    constructor(private readonly most = 1000) {}

    limit(): number {
        return this.most;
    }

    message(header: Header, body: Buffer): void {
        this.messages.push({
            member: header.member,
            body: new Reader(body, header.littleEndian).readBody(header.signature),
        });
    }

    oversized(header: Header, size: number): void {
        this.tooLarge.push({ member: header.member, size });
    }

    dropped(reason: string): void {
        this.reasons.push(reason);
    }
}

function message(member: string, signature = "", args: unknown[] = [], fields: Partial<Header> = {}): Buffer {
    const writer = new Writer();
    const header = { ...emptyHeader(MessageType.call), serial: 1, path: "/x", member, signature, ...fields };
    writeMessage(writer, header, values(signature, args));
    return Buffer.from(writer.bytes());
}

/** Pushes the stream in pieces of the given sizes, over and over. */
function push(framer: Framer, stream: Buffer, sizes: readonly number[]): void {
    const scratch = Buffer.alloc(stream.length);
    for (let at = 0, turn = 0; at < stream.length; turn++) {
        const size = Math.min(sizes[turn % sizes.length] ?? 1, stream.length - at);
        stream.copy(scratch, 0, at, at + size); // The same memory each time, as the socket's.
        framer.push(scratch.subarray(0, size));
        at += size;
    }
}

describe("a stream of messages", () => {
    it("is cut the same however it comes in pieces", () => {
        const stream = Buffer.concat([
            message("A"),
            message("B", "s", ["hello"]),
            message("TooLarge", "ay", [new Uint8Array(5000)]),
            message("C", "a{su}", [{ key: 5 }]),
            message("D", "ay", [new Uint8Array(900)]),
            message("E"),
        ]);
        fc.assert(
            fc.property(fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 20 }), (sizes) => {
                const found = new Found();
                push(new Framer(found), stream, sizes);
                assert.deepEqual(
                    found.messages.map(({ member }) => member),
                    ["A", "B", "C", "D", "E"],
                );
                assert.deepEqual(found.messages[1]?.body, ["hello"]);
                assert.deepEqual(found.tooLarge, [{ member: "TooLarge", size: 5004 }]);
            }),
        );
    });

    it("goes on after a message whose header breaks the specification", () => {
        const broken = message("Broken");
        broken[8] = 0; // The serial, which must not be 0.
        const found = new Found();
        push(new Framer(found), Buffer.concat([broken, message("Next")]), [7]);
        assert.deepEqual(found.reasons, ["The serial of the message is 0"]);
        assert.deepEqual(
            found.messages.map(({ member }) => member),
            ["Next"],
        );
    });

    it("goes on after a message whose header is too large, without keeping it", () => {
        const large = message("Large", "", [], { path: `/${"a".repeat(MAX_HEADER)}` });
        const found = new Found();
        push(new Framer(found), Buffer.concat([large, message("Next")]), [1000]);
        assert.equal(found.reasons.length, 1);
        assert.deepEqual(
            found.messages.map(({ member }) => member),
            ["Next"],
        );
    });

    it("may be any bytes at all: never anything but a DecodeError", () => {
        fc.assert(
            fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, plausible) => {
                const stream = Buffer.from(bytes);
                if (plausible && stream.length >= 16) {
                    stream.writeUInt32LE(0x0100016c, 0);
                    stream.writeUInt32LE(stream.length & 31, 4);
                    stream.writeUInt32LE(stream.length, 12);
                }
                try {
                    push(new Framer(new Found()), stream, [13]);
                } catch (error) {
                    if (!(error instanceof DecodeError)) throw error;
                }
            }),
            { numRuns: 500 },
        );
    });

    it("survives any single changed byte of a valid message", () => {
        const valid = message("Echo", "sa{sv}", ["hello", {}], { interface: "a.b", destination: ":1.5" });
        for (let at = 0; at < valid.length; at++) {
            for (const change of [1, 0x80, 0xff]) {
                const changed = Buffer.from(valid);
                changed[at] = (changed[at] ?? 0) ^ change;
                try {
                    push(new Framer(new Found()), changed, [valid.length]);
                } catch (error) {
                    assert.ok(error instanceof DecodeError, `byte ${at}: ${String(error)}`);
                }
            }
        }
    });

    it("cannot go on after what is not a message at all", () => {
        assert.throws(() => new Framer(new Found()).push(Buffer.from("GET / HTTP/1.1\r\n")), DecodeError);
    });
});
