// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { chmodSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer, type RequestListener, type Server, type ServerOptions, type ServerResponse } from "node:http";
import { Socket } from "node:net";
import { once } from "node:events";
import type { Door } from "./access/identity.js";
import { noteDoor, notePeer } from "./context.js";
import { type Address, isLoopback, type Settings, SettingsError } from "./settings.js";

/** Limits of every connection; times in ms. A request that dawdles is answered 408 and the connection closed. */
const LIMITS: ServerOptions = {
    headersTimeout: 5_000,
    requestTimeout: 15_000,
    keepAliveTimeout: 30_000,
    connectionsCheckingInterval: 1_000,
    maxHeaderSize: 16 * 1024,
    requireHostHeader: true,
    insecureHTTPParser: false,
};
const MOST_CONNECTIONS = 512;
/** Who takes nothing of an answer for so many ms loses the connection. */
const STALLED = 20_000;

/** Where to listen: a socket that systemd passed, an address, or the path of a unix socket. */
type Place = { fd: number } | Address | { path: string };

/** The sockets that systemd passed (sd_listen_fds(3)). */
export function passedSockets(environment: NodeJS.ProcessEnv, pid: number): { fd: number }[] {
    const count = environment.LISTEN_PID === String(pid) ? Number(environment.LISTEN_FDS ?? 0) : 0;
    return Array.from({ length: Number.isInteger(count) && count > 0 ? count : 0 }, (_, index) => ({ fd: 3 + index }));
}

/** Listening sockets, each a door. */
export class Sockets {
    private readonly servers: Server[] = [];

    private constructor(
        private readonly handle: RequestListener,
        private readonly settings: Settings,
    ) {}

    /**
     * Listens everywhere.
     * @throws SettingsError when an address can be reached from elsewhere and there is no TLS for it
     */
    static async open(
        settings: Settings,
        passed: readonly { fd: number }[],
        handle: RequestListener,
    ): Promise<Sockets> {
        const sockets = new Sockets(handle, settings);
        const own: Place[] = [
            ...settings.listen,
            ...(settings.adminSocket === undefined ? [] : [{ path: settings.adminSocket }]),
        ];
        try {
            for (const place of passed.length > 0 ? passed : own) {
                try {
                    await sockets.listen(place);
                } catch (error) {
                    if (!isDispensable(place, settings.listen, error as NodeJS.ErrnoException)) throw error;
                }
            }
        } catch (error) {
            await sockets.close();
            throw error;
        }
        return sockets;
    }

    /** For the journal. */
    get names(): string[] {
        return this.servers.map((server) => {
            const address = server.address();
            return address === null || typeof address === "string"
                ? String(address)
                : `${address.family === "IPv6" ? `[${address.address}]` : address.address}:${address.port}`;
        });
    }

    /** Takes no more connections; resolves once those there are have ended, idle ones at once. */
    async close(): Promise<void> {
        await Promise.all(
            this.servers.map((server) => {
                const closed = new Promise<void>((resolve) => server.close(() => resolve()));
                server.closeIdleConnections();
                return closed;
            }),
        );
    }

    private async listen(place: Place): Promise<void> {
        if ("path" in place) {
            removeStale(place.path);
        }
        const kind = kindOf(place);
        const { tls } = this.settings;
        if (kind === "network" && tls === undefined) {
            throw new SettingsError(
                "An address that can be reached from elsewhere needs TLS: set tls-certificate and tls-key, or listen on " +
                    "127.0.0.1 or [::1].",
            );
        }
        const door: Door = { kind, clients: kind === "network" && tls !== undefined ? tls.clients : new Map() };
        const latest = new WeakMap<Socket, ServerResponse>();
        const handler: RequestListener = (request, response) => {
            latest.set(request.socket, response);
            noteDoor(request, door);
            this.handle(request, response);
        };
        const server = kind === "network" ? await this.tlsServer(handler) : createServer(LIMITS, handler);
        server.on(kind === "network" ? "secureConnection" : "connection", notePeer);
        server.maxConnections = MOST_CONNECTIONS;
        // Nothing came and nothing went: fine while an answer is being made, or a stream has nothing to say.
        server.setTimeout(STALLED, (socket) => {
            if (latest.get(socket)?.writableFinished !== false || socket.writableLength > 0) {
                socket.destroy();
            }
        });
        server.on("clientError", (error: NodeJS.ErrnoException, connection: Socket) => refuse(error, connection));
        server.listen(place);
        await once(server, "listening");
        this.servers.push(server);
        // Whoever comes in by a socket of the administrator's is one: what has a port must never be taken for it.
        if (kind === "unix" && typeof server.address() === "object" && server.address() !== null) {
            throw new SettingsError("A socket that systemd passed cannot be told apart from a unix socket.");
        }
        if ("path" in place) {
            chmodSync(place.path, 0o660);
        }
    }

    private async tlsServer(handler: RequestListener): Promise<Server> {
        const { createServer: createTlsServer } = await import("node:https"); // Few need it, and it takes its time.
        const tls = this.settings.tls!;
        const read = (path: string): Buffer => {
            try {
                return readFileSync(path);
            } catch (error) {
                throw new SettingsError(`The file ${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
            }
        };
        const client = tls.clientCa === undefined ? {} : { ca: read(tls.clientCa), requestCert: true };
        const options = { ...LIMITS, cert: read(tls.certificate), key: read(tls.key), minVersion: "TLSv1.2" as const };
        return createTlsServer({ ...options, ...client, rejectUnauthorized: false, handshakeTimeout: 5_000 }, handler);
    }
}

/**
 * Whether listening there failed because the host has no IPv6, and nobody misses it: [::1] beside 127.0.0.1 on the same port,
 * which is the default.
 */
export function isDispensable(place: Place, listen: readonly Address[], error: NodeJS.ErrnoException): boolean {
    return (
        "host" in place &&
        place.host === "::1" &&
        (error.code === "EADDRNOTAVAIL" || error.code === "EAFNOSUPPORT") &&
        listen.some(({ host, port }) => host === "127.0.0.1" && port === place.port)
    );
}

/** Who can reach a place. */
function kindOf(place: Place): Door["kind"] {
    if ("path" in place) {
        return "unix";
    }
    // Only asks the passed socket for its address: nothing is read from it, no connection taken, and it stays open.
    const address =
        "host" in place ? place.host : new Socket({ fd: place.fd, readable: false, writable: false }).localAddress;
    return address === undefined ? "unix" : isLoopback(address) ? "loopback" : "network";
}

/** A unix socket that a process which died has left behind is in the way. */
function removeStale(path: string): void {
    if (statSync(path, { throwIfNoEntry: false })?.isSocket() === true) {
        rmSync(path);
    }
}

/** Answers what is not HTTP, or came too slowly. */
function refuse(error: NodeJS.ErrnoException, socket: Socket): void {
    if (error.code === "ECONNRESET" || !socket.writable) {
        socket.destroy();
        return;
    }
    const [status, detail] =
        error.code === "HPE_HEADER_OVERFLOW"
            ? ["431 Request Header Fields Too Large", "The head of the request is over 16 KiB."]
            : error.code === "ERR_HTTP_REQUEST_TIMEOUT"
              ? ["408 Request Timeout", "The request did not come in time."]
              : ["400 Bad Request", "This is not HTTP/1.1."];
    const body = JSON.stringify({
        type: "urn:rapiddisk:error:InvalidArgument",
        title: status.slice(4),
        status: Number(status.slice(0, 3)),
        detail,
        error: "org.rapiddisk.Manager.Error.InvalidArgument",
    });
    socket.end(
        `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: application/problem+json\r\n` +
            `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
}
