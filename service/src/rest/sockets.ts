// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { chmodSync, rmSync, statSync } from "node:fs";
import { createServer, type RequestListener, type Server, type ServerOptions, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { once } from "node:events";
import type { ListeningSocket } from "./access/identity.js";
import type { Peers } from "./access/peers.js";
import { noteListener, notePeer } from "./context.js";
import { MOST_CONNECTIONS, shareConnections } from "./crowd.js";
import { refusal } from "./errors.js";
import { type Reach, reachOf } from "./passed.js";
import { type Address, isLoopback, NEEDS_TLS, type Settings, SettingsError } from "./settings.js";
import { Certificates } from "./tls.js";
import { problemText } from "./v2/problem.js";

/** Limits of every connection; times in ms. A request that dawdles is answered 408 and the connection closed. */
export const LIMITS: ServerOptions = {
    headersTimeout: 5_000,
    requestTimeout: 15_000,
    keepAliveTimeout: 30_000,
    connectionsCheckingInterval: 1_000,
    maxHeaderSize: 16 * 1024,
    requireHostHeader: true,
    insecureHTTPParser: false,
};
/** Connections that may wait to be taken: one that finds no room is tried again only after a second. */
const BACKLOG = 4096;
/** A client that reads nothing of an answer for so many ms loses its connection. */
const STALLED = 20_000;

/** Where to listen: a socket that systemd passed, an address, or the path of a unix socket. */
type ListenAddress = { fd: number } | Address | { path: string };

/** Listening sockets. */
export class Sockets {
    private readonly servers: Server[] = [];

    private constructor(
        private readonly handle: RequestListener,
        private readonly settings: Settings,
        private readonly peers: Peers,
    ) {}

    /**
     * Listens everywhere.
     * @throws SettingsError when an address can be reached from elsewhere and there is no TLS for it, or none that can be used;
     * what was passed is still open then
     */
    static async open(
        settings: Settings,
        passed: readonly { fd: number }[],
        handle: RequestListener,
        peers: Peers,
    ): Promise<Sockets> {
        const sockets = new Sockets(handle, settings, peers);
        const own: ListenAddress[] = [
            ...settings.listen,
            ...(settings.adminSocket === undefined ? [] : [{ path: settings.adminSocket }]),
        ];
        try {
            const places: ListenAddress[] = passed.length > 0 ? [...passed] : own;
            const made: [ListenAddress, Reach, Server][] = [];
            for (const place of places) {
                const kind = kindOf(place);
                made.push([place, kind, await sockets.make(kind)]);
            }
            for (const one of made) {
                const [place] = one;
                try {
                    await sockets.listen(...one);
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

    /** Makes the server of a socket, before anything is listened on. */
    private async make(kind: Reach): Promise<Server> {
        const { tls } = this.settings;
        if (kind === "network" && tls === undefined) {
            throw new SettingsError(NEEDS_TLS);
        }
        const listener: ListeningSocket = {
            kind,
            clients: kind === "network" && tls !== undefined ? tls.clients : new Map(),
        };
        const latest = new WeakMap<Socket, ServerResponse>();
        const handler: RequestListener = (request, response) => {
            latest.set(request.socket, response);
            noteListener(request, listener);
            this.handle(request, response);
        };
        const server = kind === "network" ? await this.tlsServer(handler) : createServer(LIMITS, handler);
        server.on(kind === "network" ? "secureConnection" : "connection", notePeer);
        if (kind === "unix") {
            server.maxConnections = MOST_CONNECTIONS;
        } else {
            shareConnections(server, this.peers, latest);
        }
        // Nothing came and nothing went: fine while an answer is being made, or a stream has nothing to say.
        server.setTimeout(STALLED, (socket) => {
            if (latest.get(socket)?.writableFinished !== false || socket.writableLength > 0) {
                socket.destroy();
            }
        });
        server.on("clientError", (error: NodeJS.ErrnoException, connection: Socket) => refuse(error, connection));
        return server;
    }

    private async listen(place: ListenAddress, kind: Reach, server: Server): Promise<void> {
        if ("path" in place) {
            removeStale(place.path);
        }
        server.listen({ ...place, backlog: BACKLOG });
        await once(server, "listening");
        this.servers.push(server);
        // Anyone who comes in by a socket of the administrator's is one: what has a port must never be taken for it.
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
        const certificates = new Certificates(tls);
        const client = tls.clientCa === undefined ? {} : { requestCert: true };
        const options = { ...LIMITS, ...certificates.options, ...client };
        const server = createTlsServer({ ...options, rejectUnauthorized: false, handshakeTimeout: 5_000 }, handler);
        certificates.follow(server);
        return server;
    }
}

/**
 * Whether listening there failed because the host has no IPv6, and nobody misses it: [::1] beside 127.0.0.1 on the same port,
 * which is the default.
 */
export function isDispensable(place: ListenAddress, listen: readonly Address[], error: NodeJS.ErrnoException): boolean {
    return (
        "host" in place &&
        place.host === "::1" &&
        (error.code === "EADDRNOTAVAIL" || error.code === "EAFNOSUPPORT") &&
        listen.some(({ host, port }) => host === "127.0.0.1" && port === place.port)
    );
}

/** Finds from where an address can be reached. */
function kindOf(place: ListenAddress): Reach {
    if ("path" in place) {
        return "unix";
    }
    return "fd" in place ? reachOf(place.fd) : isLoopback(place.host) ? "loopback" : "network";
}

/** Removes a unix socket that a killed process has left behind. */
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
    const [status, detail]: [string, string] =
        error.code === "HPE_HEADER_OVERFLOW"
            ? ["431 Request Header Fields Too Large", "The head of the request is over 16 KiB."]
            : error.code === "ERR_HTTP_REQUEST_TIMEOUT"
              ? ["408 Request Timeout", "The request did not come in time."]
              : ["400 Bad Request", "This is not HTTP/1.1."];
    const code = Number(status.slice(0, 3));
    const body = problemText(refusal("InvalidArgument", detail, code));
    socket.end(
        `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: application/problem+json\r\n` +
            `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
}
