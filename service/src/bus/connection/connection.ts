// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { BUS, BUS_PATH } from "../../facts/dbus.js";
import type { BusClient } from "../api.js";
import { standardError } from "../errors.js";
import { Framer, type FrameHandler } from "../wire/framer.js";
import { emptyHeader, Flag, type Header, MessageType, values } from "../wire/header.js";
import { isBusName, isInterface, isMember, isPath } from "../wire/names.js";
import { DecodeError } from "../wire/reader.js";
import { Outbox } from "./outbox.js";
import { PendingCalls } from "./pending.js";
import { type SignalListener, type Match, Subscriptions } from "./subscriptions.js";
import { openTransport, READ_BUFFER, type BusTransport } from "./transport.js";

/** Name, path and interface of the bus daemon. */
export const DAEMON = { destination: BUS, path: BUS_PATH, interface: BUS };

/** Takes the calls that others make to us. Nothing of it may throw. */
export interface CallHandler {
    /** A call. The body is valid only until {@link settled} returns. */
    call(header: Header, body: Buffer): void;
    /** A call whose body was too large, and is being skipped. */
    oversized(header: Header, size: number): void;
    /** What was read is about to be overwritten: bodies still needed are copied now. */
    settled(): void;
}

const MIB = 1024 * 1024;
const DEFAULT_TIMEOUT = 25_000;
/** Reading gives way to the rest of the process after this long. */
const TURN_MS = 8;
/** Beyond this many unsent bytes nothing is read until they are gone: the peer shall not make us hold any number. */
const MAX_UNSENT = 8 * MIB;
const MAX_REPLY = 64 * MIB;

/** A connection to a bus: sends, calls, listens; hands calls of others to a {@link CallHandler}. */
export class BusConnection implements BusClient, FrameHandler {
    readonly outbox: Outbox;
    /** Resolves with a reason when the connection has ended. */
    readonly lost: Promise<string>;
    readonly closed: Promise<void>;
    /** Largest body of a call or signal from others, in bytes. */
    maxBody = MIB;
    handler: CallHandler | undefined;
    name = "";

    private readonly framer = new Framer(this);
    private readonly pending = new PendingCalls();
    private readonly subscriptions: Subscriptions;
    private turnStarted = 0;
    private reason = "";

    private constructor(
        private readonly transport: BusTransport,
        log: (line: string) => void,
    ) {
        const { socket } = transport;
        this.outbox = new Outbox(socket);
        this.subscriptions = new Subscriptions((member, argument) => this.daemon(member, "s", [argument]), log);
        this.lost = new Promise((resolve) => {
            socket.once("close", () => {
                this.reason ||= "The bus closed the connection.";
                this.pending.rejectAll(this.reason);
                resolve(this.reason);
            });
        });
        this.closed = this.lost.then(() => undefined);
        socket.on("error", (error) => (this.reason ||= `The connection to the bus failed: ${error.message}.`));
        transport.onBytes((bytes) => this.receive(bytes));
    }

    /**
     * Connects, authenticates and says Hello.
     * @param log gets what goes wrong in listeners
     * @throws Error when no address can be reached
     */
    static async open(address: string, log: (line: string) => void): Promise<BusConnection> {
        const connection = new BusConnection(await openTransport(address), log);
        const [name] = await connection.daemon("Hello", "", []);
        connection.name = String(name);
        return connection;
    }

    /** Calls a method of the bus daemon. */
    daemon(member: string, signature: string, args: readonly unknown[]): Promise<unknown[]> {
        return this.call({ ...DAEMON, member }, signature, args);
    }

    async call(...[target, signature, args, options = {}]: Parameters<BusClient["call"]>): Promise<unknown[]> {
        const what = `${target.interface}.${target.member}`;
        const valid =
            isBusName(target.destination) &&
            isPath(target.path) &&
            isInterface(target.interface) &&
            isMember(target.member);
        if (!valid) {
            throw standardError(
                "InvalidArgs",
                `${what} of ${target.destination} at ${target.path} is not a valid target.`,
            );
        }
        options.signal?.throwIfAborted();
        if (this.reason !== "") throw standardError("Disconnected", this.reason);
        const header = emptyHeader(MessageType.call);
        Object.assign(header, target, { serial: this.outbox.nextSerial(), signature });
        if (options.interactive) header.flags |= Flag.allowInteractiveAuthorization;
        if (options.autoStart === false) header.flags |= Flag.noAutoStart;
        this.outbox.send(header, values(signature, args));
        return this.pending.wait(
            header.serial,
            target.destination,
            what,
            options.timeoutMs ?? DEFAULT_TIMEOUT,
            options.signal,
        );
    }

    subscribe(match: Match, listener: SignalListener): Promise<{ close(): Promise<void> }> {
        return this.subscriptions.add(match, listener);
    }

    /** Sends what is still to be sent and ends the connection. */
    async close(): Promise<void> {
        this.reason ||= "The connection was closed.";
        this.outbox.flush();
        this.transport.socket.resume();
        this.transport.socket.end();
        await this.closed;
    }

    limit(header: Header): number {
        const isReply = header.type === MessageType.reply || header.type === MessageType.error;
        return isReply && this.pending.expects(header) ? MAX_REPLY : this.maxBody;
    }

    message(header: Header, body: Buffer): void {
        switch (header.type) {
            case MessageType.call:
                this.handler?.call(header, body);
                break;
            case MessageType.reply:
            case MessageType.error:
                this.pending.settle(header, body);
                break;
            case MessageType.signal:
                this.subscriptions.dispatch(header, body);
                break;
            default: // The specification wants unknown types ignored.
        }
    }

    oversized(header: Header, size: number): void {
        if (header.type === MessageType.call) this.handler?.oversized(header, size);
        else this.pending.oversized(header, size);
    }

    dropped(): void {
        // Nobody to answer: the header that names the sender is what was wrong.
    }

    private receive(bytes: Buffer): boolean {
        const now = performance.now();
        if (this.turnStarted === 0) this.turnStarted = now;
        try {
            this.framer.push(bytes);
        } catch (error) {
            if (!(error instanceof DecodeError)) throw error;
            this.reason ||= `The bus sent something that is not D-Bus: ${error.message}.`;
            this.transport.socket.destroy();
            return false;
        }
        this.handler?.settled();
        this.outbox.flush();
        return this.mayReadOn(bytes.length);
    }

    /** The event loop hands over a whole buffer again and again while there is more: it is asked to stop in between. */
    private mayReadOn(size: number): boolean {
        const { socket } = this.transport;
        if (this.outbox.pending > MAX_UNSENT) {
            this.turnStarted = 0;
            this.outbox.whenBelow(MAX_UNSENT / 2, () => socket.resume());
            return false;
        }
        const late = performance.now() - this.turnStarted > TURN_MS;
        if (size < READ_BUFFER || late) this.turnStarted = 0;
        if (!late || size < READ_BUFFER) return true;
        setImmediate(() => socket.resume());
        return false;
    }
}
