// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { encodeCall, Framer, messageLength, setSerial, type Call } from "../../../bench/src/bus/message.js";
import { createVolume } from "../../../bench/src/bus/services.js";

const call: Call = {
    destination: "org.freedesktop.DBus",
    path: "/org/freedesktop/DBus",
    interface: "org.freedesktop.DBus",
    member: "NameHasOwner",
    args: ["a.b", "c"],
};

describe("bench D-Bus client", () => {
    it("encodes a call whose header tells its length", () => {
        const message = encodeCall(call);
        assert.equal(messageLength(message), message.length);
        // Two strings: length, "a.b" and its end; length, "c" and its end.
        assert.equal(message.readUInt32LE(4), 4 + 4 + (4 + 2));
        assert.match(message.toString("latin1"), /NameHasOwner\0/);
    });

    it("numbers a call without encoding it again", () => {
        const message = encodeCall(call);
        setSerial(message, 77);
        assert.equal(message.readUInt32LE(8), 77);
    });

    it("encodes a size and an empty dictionary", () => {
        const message = encodeCall(createVolume(2 ** 32 + 512));
        const body = message.subarray(message.length - 16);
        assert.equal(message.readUInt32LE(4), 16);
        assert.equal(body.readBigUInt64LE(0), 2n ** 32n + 512n);
        assert.deepEqual([...body.subarray(8)], Array(8).fill(0));
    });

    it("cuts messages out of the stream, however it is chopped", () => {
        const one = encodeCall(call);
        const two = encodeCall({ ...call, args: ["x".repeat(300)] });
        const stream = Buffer.concat([one, two, one]);
        for (const step of [1, 7, 16, 100, stream.length]) {
            const framer = new Framer();
            const found: Buffer[] = [];
            for (let at = 0; at < stream.length; at += step) {
                framer.push(stream.subarray(at, at + step), (message) => found.push(Buffer.from(message)));
            }
            assert.deepEqual(found, [one, two, one], `in pieces of ${step} bytes`);
        }
    });
});
