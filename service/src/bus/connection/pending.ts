// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { BUS } from "../../facts/dbus.js";
import { BusError } from "../api.js";
import { standardError } from "../errors.js";
import type { Header } from "../wire/header.js";
import { MessageType } from "../wire/header.js";
import { DecodeError, Reader } from "../wire/reader.js";

interface PendingCall {
    resolve: (values: unknown[]) => void;
    reject: (error: Error) => void;
    /** On the clock of performance.now(); Infinity when there is none. */
    deadline: number;
    /** The bus name that was called, as given. */
    destination: string;
    what: string;
}

/** Keeps our calls until their replies arrive. One timer serves all of them. */
export class PendingCalls {
    private readonly waiting = new Map<number, PendingCall>();
    private timer: NodeJS.Timeout | undefined;
    private armedFor = Infinity;

    /**
     * Waits for the reply to the call with this serial.
     * @param destination the bus name that was called
     * @param what the call, for error messages
     * @param timeoutMs 0 = no limit
     * @param signal gives up waiting; the promise rejects with its reason
     */
    wait(
        serial: number,
        destination: string,
        what: string,
        timeoutMs: number,
        signal?: AbortSignal,
    ): Promise<unknown[]> {
        return new Promise((resolve, reject) => {
            const deadline = timeoutMs === 0 ? Infinity : performance.now() + timeoutMs;
            const waiting: PendingCall = { resolve, reject, deadline, destination, what };
            if (signal !== undefined) {
                const abort = () => {
                    this.waiting.delete(serial);
                    reject(signal.reason as Error);
                };
                signal.addEventListener("abort", abort, { once: true });
                const forget = () => signal.removeEventListener("abort", abort);
                waiting.resolve = (values) => (forget(), resolve(values));
                waiting.reject = (error) => (forget(), reject(error));
            }
            this.waiting.set(serial, waiting);
            this.arm(deadline);
        });
    }

    /** Whether a message is the reply to a call that still waits. */
    expects(header: Header): boolean {
        const waiting = this.waiting.get(header.replySerial);
        if (waiting === undefined) return false;
        const { destination } = waiting;
        const exact = destination.startsWith(":") || destination === BUS;
        return !exact || header.sender === destination || header.sender === BUS;
    }

    /** Hands a reply or an error to the call that waits for it. */
    settle(header: Header, body: Buffer): void {
        if (!this.expects(header)) return;
        const { resolve, reject, what } = this.take(header.replySerial);
        try {
            const values = new Reader(body, header.littleEndian).readBody(header.signature);
            if (header.type === MessageType.reply) resolve(values);
            else reject(new BusError(header.errorName, typeof values[0] === "string" ? values[0] : header.errorName));
        } catch (error) {
            if (!(error instanceof DecodeError)) throw error;
            reject(standardError("InvalidArgs", `The reply to ${what} cannot be read: ${error.message}.`));
        }
    }

    /** Rejects a call whose reply is too large. */
    oversized(header: Header, size: number): void {
        if (!this.expects(header)) return;
        const { reject, what } = this.take(header.replySerial);
        reject(standardError("InvalidArgs", `The reply to ${what} is too large: ${size} bytes.`));
    }

    /** Rejects every call: the connection is gone. */
    rejectAll(reason: string): void {
        const all = [...this.waiting.values()];
        this.waiting.clear();
        clearTimeout(this.timer);
        for (const { reject } of all) reject(standardError("Disconnected", reason));
    }

    private take(serial: number): PendingCall {
        const waiting = this.waiting.get(serial) as PendingCall;
        this.waiting.delete(serial);
        return waiting;
    }

    private arm(deadline: number): void {
        if (deadline >= this.armedFor) return;
        clearTimeout(this.timer);
        this.armedFor = deadline;
        this.timer = setTimeout(() => this.expire(), Math.min(Math.max(0, deadline - performance.now()), 0x7fff_ffff));
        this.timer.unref();
    }

    private expire(): void {
        const now = performance.now();
        let next = Infinity;
        this.armedFor = Infinity;
        for (const [serial, { deadline, reject, what }] of this.waiting) {
            if (deadline <= now) {
                this.waiting.delete(serial);
                reject(standardError("NoReply", `No reply to ${what} in time.`));
            } else next = Math.min(next, deadline);
        }
        this.arm(next);
    }
}
