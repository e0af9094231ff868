// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { PEER, STANDARD_ERROR } from "../facts/dbus.js";
import type { BusClient } from "./api.js";
import { systemBusAddress } from "./connection/address.js";
import { type CallHandler, BusConnection } from "./connection/connection.js";
import { emptyHeader, Flag, type Header, MessageType } from "./wire/header.js";

/**
 * Connects to a bus to call others.
 * @param address default: the system bus
 * @throws Error when the bus cannot be reached
 */
export async function connectClient(address = systemBusAddress()): Promise<BusClient> {
    const connection = await BusConnection.open(address, (line) => console.error(line));
    connection.handler = new NothingHere(connection);
    return connection;
}

/** Answers calls to a client, which serves nothing: no caller of ours shall wait for a timeout. */
class NothingHere implements CallHandler {
    constructor(private readonly connection: BusConnection) {}

    call(header: Header): void {
        const isPing = header.interface === PEER && header.member === "Ping";
        this.answer(header, isPing ? "" : `${STANDARD_ERROR}.UnknownObject`);
    }

    oversized(header: Header): void {
        this.answer(header, `${STANDARD_ERROR}.LimitsExceeded`);
    }

    settled(): void {
        // Nothing is kept.
    }

    private answer(header: Header, errorName: string): void {
        if ((header.flags & Flag.noReplyExpected) !== 0) return;
        const reply = emptyHeader(errorName === "" ? MessageType.reply : MessageType.error);
        reply.flags = Flag.noReplyExpected;
        reply.serial = this.connection.outbox.nextSerial();
        reply.errorName = errorName;
        reply.replySerial = header.serial;
        reply.destination = header.sender;
        this.connection.outbox.send(reply);
    }
}
