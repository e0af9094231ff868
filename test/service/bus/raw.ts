// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { connect, type Socket } from "node:net";
import { emptyHeader, type Header, MessageType, writeMessage } from "../../../service/src/bus/wire/header.js";
import { type BodyWriter } from "../../../service/src/bus/wire/header.js";
import { Framer } from "../../../service/src/bus/wire/framer.js";
import { Writer } from "../../../service/src/bus/wire/writer.js";
import { NAME, ROOT, testInterface } from "./interfaces.js";

/** A connection that sends whatever bytes it is told to, right or wrong. */
export class RawConnection {
    private serial = 1;
    private readonly waiting = new Map<number, (reply: Header) => void>();
    /** Replies seen, by error name ("" for a success). */
    readonly replies = new Map<string, number>();
    closed = false;

    private constructor(readonly socket: Socket) {
        const framer = new Framer({
            limit: () => 64 * 1024 * 1024,
            message: (header) => {
                if (header.type === MessageType.signal) return;
                this.replies.set(header.errorName, (this.replies.get(header.errorName) ?? 0) + 1);
                this.waiting.get(header.replySerial)?.(header);
            },
            oversized: () => undefined,
            dropped: () => undefined,
        });
        socket.on("data", (bytes: Buffer) => framer.push(bytes));
        socket.on("close", () => (this.closed = true)).on("error", () => (this.closed = true));
    }

    /** Connects to the bus of the environment, authenticates and says Hello. */
    static async open(): Promise<RawConnection> {
        const path = (process.env.DBUS_SYSTEM_BUS_ADDRESS ?? "").replace(/^unix:path=/, "");
        const socket = connect(path);
        const uid = Buffer.from(String(process.getuid?.())).toString("hex");
        await new Promise((resolve) => socket.once("connect", resolve));
        socket.write(`\0AUTH EXTERNAL ${uid}\r\n`);
        await new Promise((resolve) => socket.once("data", resolve));
        socket.write("BEGIN\r\n");
        const connection = new RawConnection(socket);
        const daemon = "org.freedesktop.DBus";
        await connection.answer({
            destination: daemon,
            path: "/org/freedesktop/DBus",
            interface: daemon,
            member: "Hello",
        });
        return connection;
    }

    /** Bytes of a call of the test service. Fields may be anything. */
    encode(fields: Partial<Header>, body?: BodyWriter): Buffer {
        const writer = new Writer();
        const call = { destination: NAME, path: ROOT, interface: testInterface.name, member: "Empty" };
        writeMessage(writer, { ...emptyHeader(MessageType.call), ...call, serial: ++this.serial, ...fields }, body);
        return Buffer.from(writer.bytes());
    }

    /** Gives each message of a batch the next serial: the bus refuses a call whose serial is still to be answered. */
    renumber(batch: Buffer, messageLength: number): Buffer {
        for (let at = 0; at < batch.length; at += messageLength) batch.writeUInt32LE(++this.serial, at + 8);
        return batch;
    }

    /** Sends bytes and waits until the socket took them. */
    send(bytes: Buffer): Promise<void> {
        return new Promise((resolve) => {
            if (this.closed) resolve();
            else this.socket.write(bytes, () => resolve());
        });
    }

    /** Sends a call and waits for its answer; gives the error name, "" for a success. */
    async answer(fields: Partial<Header>, body?: BodyWriter): Promise<string> {
        const bytes = this.encode(fields, body);
        const replied = new Promise<Header>((resolve) => this.waiting.set(this.serial, resolve));
        await this.send(bytes);
        const closed = new Promise<undefined>((resolve) => this.socket.once("close", () => resolve(undefined)));
        const reply = await Promise.race([replied, closed]);
        return reply === undefined ? "disconnected" : reply.errorName;
    }
}
