// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { FastifyReply, FastifyRequest } from "fastify";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { ListeningSocket, ClientIdentity } from "./access/identity.js";
import type { Guard } from "./access/guard.js";
import type { Peers } from "./access/peers.js";
import type { Scope } from "../facts/scopes.js";
import type { HttpCaller, Performer } from "./perform.js";
import type { Settings } from "./settings.js";
import type { PolledState } from "./state/polledstate.js";
import type { ObjectCache } from "./state/objectcache.js";

/** What every route works with. */
export interface BridgeContext {
    settings: Settings;
    objects: ObjectCache;
    polled: PolledState;
    guard: Guard;
    peers: Peers;
    performer: Performer;
    /** Version of the bridge. */
    version: string;
}

declare module "fastify" {
    /** What the description of a route says besides its schemas. */
    interface FastifySchema {
        summary?: string;
        tags?: readonly string[];
    }
    interface FastifyContextConfig {
        /** Scope that the route needs, by the parts of its path where they matter; read when not given. */
        scope?: Scope | ((params: Record<string, string>) => Scope);
        /** Whether it is a URL of rapiddisk 9. */
        v1?: boolean;
        /** Whether its answer goes on for as long as its reader likes. */
        stream?: boolean;
    }
    interface FastifyRequest {
        /** The client of the request; set before any handler runs. */
        identity: ClientIdentity;
    }
}

const LISTENER = Symbol("listener");

/** Notes on which socket a request came in. */
export function noteListener(request: IncomingMessage, listener: ListeningSocket): void {
    (request as { [LISTENER]?: ListeningSocket })[LISTENER] = listener;
}

/** Gives the socket on which a request came in; where none was noted, the least trusted one. */
export function listenerOf(request: IncomingMessage): ListeningSocket {
    return (request as { [LISTENER]?: ListeningSocket })[LISTENER] ?? { kind: "network", clients: new Map() };
}

const peers = new WeakMap<Socket, string>();

/** Notes who is at the other end of a connection that has just come: once it was reset nobody can say. */
export function notePeer(socket: Socket): void {
    if (socket.remoteAddress !== undefined) {
        peers.set(socket, socket.remoteAddress);
    }
}

/** Says where a request came from, for the journal and for counting failures: an address, or "local" for the unix socket alone. */
export function peerOf(request: IncomingMessage): string {
    return listenerOf(request).kind === "unix" ? "local" : (peers.get(request.socket) ?? "unknown");
}

const shown = new WeakMap<Socket, string>();

/** Notes that somebody has shown on a connection who it is, so that it keeps its place. */
export function noteShown(socket: Socket, { name, known }: ClientIdentity): void {
    if (known) {
        shown.set(socket, name);
    }
}

/** Gives the name of the client that has authenticated on a connection. */
export function shownBy(socket: Socket): string | undefined {
    return shown.get(socket);
}

/** Answers with JSON text that is ready; text that is sent often is kept as bytes. */
export function sendJson(reply: FastifyReply, text: string | Buffer, type = "application/json"): FastifyReply {
    return reply.header("content-type", `${type}; charset=utf-8`).send(text);
}

/** Describes the client of a request, and what it asks for. */
export function caller(request: FastifyRequest): HttpCaller {
    return {
        identity: request.identity.name,
        known: request.identity.known,
        connection: request.raw.socket,
        from: peerOf(request.raw),
        route: `${request.method} ${request.routeOptions.url ?? "-"}`,
    };
}
