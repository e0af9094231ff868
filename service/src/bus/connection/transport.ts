// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import handshake from "dbus-next/lib/handshake.js";
import { connect, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { socketPaths } from "./address.js";

/** Bytes read at once. */
export const READ_BUFFER = 64 * 1024;

/** An authenticated byte stream to a bus daemon. */
export interface BusTransport {
    readonly socket: Socket;
    /**
     * Sets who gets the bytes. The buffer is used again for the next bytes, so that reading allocates nothing.
     * @param listener returns false to pause; {@link Socket.resume} goes on
     */
    onBytes(listener: (bytes: Buffer) => boolean): void;
}

/**
 * Connects to a bus and authenticates as the user that we run as (SASL EXTERNAL, by dbus-next). File descriptors are
 * negotiated though none is wanted: dbus-broker cuts off who did not negotiate them and is sent one. The kernel closes
 * those that come, since the socket is read without room for them (unix(7), SCM_RIGHTS).
 * @throws Error saying which address refused and why
 */
export async function openTransport(address: string): Promise<BusTransport> {
    const failures: string[] = [];
    for (const path of socketPaths(address)) {
        try {
            return await open(path);
        } catch (error) {
            failures.push(`${path.replace("\0", "@")}: ${(error as Error).message}`);
        }
    }
    throw new Error(`No connection to the bus (${failures.join("; ")}).`);
}

function open(path: string): Promise<BusTransport> {
    return new Promise((resolve, reject) => {
        let listener: (bytes: Buffer) => boolean = (bytes) => sasl.push(Buffer.from(bytes));
        const socket = connect({
            path,
            onread: {
                buffer: Buffer.allocUnsafeSlow(READ_BUFFER),
                callback: (size, buffer) => listener(Buffer.from(buffer.buffer, buffer.byteOffset, size)),
            },
        });
        const stream = new Duplex({
            read: () => undefined,
            write: (chunk: Buffer, _encoding, done) => void socket.write(chunk, done),
        });
        const sasl = Object.assign(stream, { supportsUnixFd: true });
        const refuse = (reason: string) => {
            socket.destroy();
            reject(new Error(reason));
        };
        const onError = (error: Error) => refuse(error.message);
        const onClose = () => refuse("the connection was closed before we were authenticated");
        sasl.on("error", onError);
        socket.on("error", onError).on("close", onClose);
        socket.once("connect", () => {
            handshake(sasl, { authMethods: ["EXTERNAL"] }, (error) => {
                if (error) {
                    return refuse(`authentication failed: ${error instanceof Error ? error.message : "refused"}`);
                }
                socket.off("error", onError).off("close", onClose);
                resolve({ socket, onBytes: (next) => void (listener = next) });
            });
        });
    });
}
