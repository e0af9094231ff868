// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { Socket } from "node:net";
import { type BodyWriter, type Header, writeMessage } from "../wire/header.js";
import { Writer } from "../wire/writer.js";

/** Size of a fresh buffer; one write holds about as much. */
const BATCH = 64 * 1024;
/** Buffers that grew beyond this are not kept for the next batch. */
const MAX_KEPT = 1024 * 1024;
const KEPT = 4;

/**
 * Messages on their way out: encoded one after the other into one buffer, written once a turn of the event loop.
 * Buffers come back when the kernel has taken their bytes, so that sending allocates nothing in the long run.
 */
export class Outbox {
    private readonly free: Buffer[] = [];
    private writer = new Writer(Buffer.allocUnsafeSlow(BATCH));
    private scheduled = false;
    private closed = false;
    private serial = 0;
    /** Bytes that the kernel has not taken yet. */
    private unsent = 0;
    private waiting: { limit: number; go: () => void }[] = [];

    constructor(private readonly socket: Socket) {
        socket.once("close", () => (this.closed = true));
    }

    /** Bytes encoded or written that have not left the process. */
    get pending(): number {
        return this.unsent + this.writer.length;
    }

    /** Calls back, once, when at most `limit` bytes are pending (or the connection has gone). */
    whenBelow(limit: number, go: () => void): void {
        this.waiting.push({ limit, go });
    }

    /** Gives the next serial: never 0, wraps at 32 bits. */
    nextSerial(): number {
        this.serial = this.serial === 0xffff_ffff ? 1 : this.serial + 1;
        return this.serial;
    }

    /**
     * Encodes a message; it goes out with everything else of this turn, in order.
     * @throws EncodeError when a value does not fit; nothing is sent then
     */
    send(header: Header, body?: BodyWriter): void {
        if (this.closed) return;
        writeMessage(this.writer, header, body);
        if (this.writer.length >= BATCH) this.flush();
        else if (!this.scheduled) {
            this.scheduled = true;
            process.nextTick(() => this.flush());
        }
    }

    /** Writes what was encoded so far. */
    flush(): void {
        this.scheduled = false;
        const { length, buffer } = this.writer;
        if (length === 0 || this.closed) return;
        this.unsent += length;
        this.writer = new Writer(this.free.pop() ?? Buffer.allocUnsafeSlow(BATCH));
        this.socket.write(buffer.subarray(0, length), () => {
            this.unsent -= length;
            this.wake();
            if (buffer.length <= MAX_KEPT && this.free.length < KEPT) this.free.push(buffer);
        });
    }

    private wake(): void {
        if (this.waiting.length === 0) return;
        const ready = this.waiting.filter(({ limit }) => this.closed || this.pending <= limit);
        this.waiting = this.waiting.filter((waiter) => !ready.includes(waiter));
        for (const { go } of ready) go();
    }
}
