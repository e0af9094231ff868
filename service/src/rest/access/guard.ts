// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { IncomingMessage } from "node:http";
import { peerOf } from "../context.js";
import { HttpError, refusal } from "../errors.js";
import type { Settings } from "../settings.js";
import type { Digests } from "../state/digests.js";
import { Credentials } from "./credentials.js";
import { isAllowedHost, isCrossSite, isForwarded, isUnambiguous } from "./headers.js";
import { identify, unauthenticated, type ListeningSocket, type ClientIdentity, type Proofs } from "./identity.js";
import type { Scope } from "../../facts/scopes.js";
import { includes } from "./scopes.js";
import { Throttle } from "./throttle.js";

/** What to do for one who shows nothing: the ways in, the shortest for the administrator included. @param v1 URLs of rapiddisk 9 */
function howToGetIn(needed: Scope, v1: boolean): string {
    const ways = [
        `This needs a token of the scope ${needed}: rapiddisk token create NAME --scope ${needed} makes one, ` +
            "and it is sent in the header Authorization: Bearer TOKEN.",
        "Root needs none through the unix socket: curl --unix-socket /run/rapiddisk-rest/admin.sock.",
    ];
    if (v1) {
        ways.push(
            "The setting insecure-open-v1 = yes in /etc/rapiddisk/rest.conf opens /v1/ to every user of this host.",
        );
    }
    return ways.join(" ");
}

/** Lets requests in, or not. */
export class Guard {
    private readonly proofs: Proofs;

    constructor(
        private readonly settings: Pick<Settings, "hosts" | "scopes" | "insecureV1">,
        digests: Digests,
        credentials = new Credentials(),
    ) {
        this.proofs = { digests, throttle: new Throttle(), credentials };
    }

    /**
     * Whether a request may read though it shows nothing that says who it is: what {@link admit} would say, at once.
     * False when that has to be asked.
     */
    letsAnybodyRead(request: IncomingMessage, { kind }: ListeningSocket): boolean {
        const { headers, socket } = request;
        return (
            headers.authorization === undefined &&
            isUnambiguous(request) &&
            !isForwarded(headers) &&
            this.settings.scopes.includes("read") &&
            (kind === "unix" ||
                (kind === "loopback" &&
                    isAllowedHost(headers.host, this.settings.hosts, socket.localAddress ?? "") &&
                    !isCrossSite(headers, false)))
        );
    }

    /**
     * Says who asks, when that one may.
     * @param needed scope of the route
     * @param v1 whether the route is one of rapiddisk 9
     * @throws HttpError 400, 401, 403, 421 or 429
     */
    async admit(
        request: IncomingMessage,
        listener: ListeningSocket,
        needed: Scope,
        v1: boolean,
    ): Promise<ClientIdentity> {
        const { headers, socket } = request;
        if (!isUnambiguous(request)) {
            throw refusal("InvalidArgument", "A request has a path that begins with /, and one Host header.");
        }
        if (listener.kind !== "unix") {
            if (!isAllowedHost(headers.host, this.settings.hosts, socket.localAddress ?? "")) {
                const message = "The Host header names none of this bridge's names; the setting hosts adds one.";
                throw refusal("NotAuthorized", message, 421);
            }
            if (isCrossSite(headers, listener.kind === "network" || headers["x-forwarded-proto"] === "https")) {
                throw refusal("NotAuthorized", "A page of another site may not use this bridge.");
            }
        }
        const identity = await identify(request, listener, peerOf(request), needed, this.proofs);
        if (!this.settings.scopes.includes(needed)) {
            throw refusal("NotAuthorized", `The settings of this bridge allow nobody the scope ${needed}.`);
        }
        if (includes(identity.scope, needed)) {
            return identity;
        }
        const isHere = listener.kind === "loopback" && !isForwarded(headers);
        if (v1 && this.settings.insecureV1 && isHere && !identity.known) {
            return { name: "anonymous (insecure-open-v1)", scope: needed, known: false };
        }
        if (!identity.known) {
            throw unauthenticated(howToGetIn(needed, v1));
        }
        throw refusal("NotAuthorized", `This needs the scope ${needed}; ${identity.name} has ${identity.scope}.`);
    }

    /** Whether one who was let in would be let in now as well; true also when the service cannot be asked. */
    async stillAdmits(request: IncomingMessage, listener: ListeningSocket, needed: Scope): Promise<boolean> {
        try {
            await this.admit(request, listener, needed, false);
            return true;
        } catch (error) {
            return !(error instanceof HttpError && (error.statusCode === 401 || error.statusCode === 403));
        }
    }
}
