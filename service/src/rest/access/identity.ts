// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { IncomingMessage } from "node:http";
import type { PeerCertificate, TLSSocket } from "node:tls";
import { ERROR_PREFIX } from "../../facts/busnames.js";
import { HttpError, refusal } from "../errors.js";
import type { Reach } from "../passed.js";
import type { Digests } from "../state/digests.js";
import type { Credentials } from "./credentials.js";
import { isForwarded } from "./headers.js";
import { isScope, type Scope } from "../../facts/scopes.js";
import type { Throttle } from "./throttle.js";

/** A listening socket, and what it says of who comes through it. */
export interface ListeningSocket {
    /** unix: the administrator's socket; loopback: from this host only; network: TLS, from anywhere. */
    kind: Reach;
    /** Scope of a client certificate by its common name, when certificates are asked for. */
    clients: ReadonlyMap<string, Scope>;
}

/** The client of a request, and the most that it may do. */
export interface ClientIdentity {
    /** For the journal, for example token:3f2a… (backup-script). */
    name: string;
    /** "" is nobody: not even reading. */
    scope: Scope | "";
    /** Whether something was shown that says who it is. */
    known: boolean;
}

/** What says who somebody is. */
export interface Proofs {
    digests: Digests;
    throttle: Throttle;
    credentials: Credentials;
}

/**
 * Finds out who asks: a bearer token where one is sent, else a client certificate, else the socket,
 * which says nothing of who has a proxy ask.
 * @param from where the request came from
 * @param needed scope of the route: of who only reads over the unix socket the user is not looked up
 * @throws HttpError 401 when a token is not accepted, 429 after too many of them
 */
export async function identify(
    request: IncomingMessage,
    listener: ListeningSocket,
    from: string,
    needed: Scope,
    proofs: Proofs,
): Promise<ClientIdentity> {
    const { authorization } = request.headers;
    if (authorization !== undefined) {
        return await byToken(authorization, from, proofs);
    }
    const wasForwarded = isForwarded(request.headers);
    if (listener.kind === "unix" && !wasForwarded) {
        const user = needed === "read" ? "" : ` uid=${await proofs.credentials.userOf(request.socket)}`;
        return { name: `unix-socket${user}`, scope: "admin", known: true };
    }
    const certificate = listener.clients.size > 0 ? byCertificate(request.socket as TLSSocket, listener) : undefined;
    const isHere = listener.kind === "loopback" && !wasForwarded;
    return certificate ?? { name: "anonymous", scope: isHere ? "read" : "", known: false };
}

async function byToken(header: string, from: string, { digests, throttle }: Proofs): Promise<ClientIdentity> {
    const token = /^Bearer +([A-Za-z0-9_-]{1,128})$/i.exec(header)?.[1] ?? "";
    // The secret first: its holder is let in, however many wrong ones others have sent from there. It has 256 bits, so that
    // nobody finds it by trying; those who do are made to wait only so that they cost little.
    const known = await digests.check(token);
    if (typeof known === "object" && isScope(known.scope)) {
        return { name: `token:${known.id} (${known.name})`, scope: known.scope, known: true };
    }
    const wait = throttle.waitFor(from);
    if (wait > 0) {
        const message = "Too many requests with a wrong token came from there; wait, then try again.";
        throw new HttpError(429, `${ERROR_PREFIX}.LimitsExceeded`, message, {
            "retry-after": String(wait),
        });
    }
    throttle.failed(from);
    const message =
        token === ""
            ? "The header must be Authorization: Bearer TOKEN, with a token as rapiddisk token create prints it."
            : known === "expired"
              ? "The token has expired. rapiddisk token create makes another."
              : "The token is not known here; rapiddisk token list tells which are, rapiddisk token create makes one.";
    throw unauthenticated(message, "invalid_token");
}

function byCertificate(socket: TLSSocket, listener: ListeningSocket): ClientIdentity | undefined {
    if (!socket.authorized) {
        return undefined;
    }
    // A session of TLS 1.3 that is taken up again counts as authorized, also when it began without a certificate.
    const certificate = socket.getPeerCertificate() as Partial<PeerCertificate> | null;
    const CN = certificate?.subject?.CN;
    const name = typeof CN === "string" ? CN : "";
    const scope = listener.clients.get(name);
    return scope === undefined ? undefined : { name: `certificate:${name}`, scope, known: true };
}

/** Makes a 401 with the challenge of RFC 6750. */
export function unauthenticated(message: string, code?: string): HttpError {
    const challenge = `Bearer realm="rapiddisk"${code === undefined ? "" : `, error="${code}"`}`;
    const { errorName } = refusal("NotAuthorized", "");
    return new HttpError(401, errorName, message, { "www-authenticate": challenge });
}
