// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { createHash, timingSafeEqual } from "node:crypto";
import { INTERFACE, ROOT } from "../../facts/busnames.js";
import { wallClock } from "../../clock.js";
import type { ManagerClient } from "../../client/index.js";
import { options, record, request } from "../../client/index.js";
import type { Scope } from "../../facts/scopes.js";
import type { ObjectCache } from "./objectcache.js";

/** A token that the service knows. */
export interface KnownToken {
    id: string;
    name: string;
    scope: Scope;
    /** Seconds since 1970. */
    expires: bigint;
    /** SHA-256 in hexadecimal. */
    digest: string;
}

/** Why a token was not accepted. */
export type Rejection = "unknown" | "expired";

/** Checks tokens against the service's digests, which are read again when the service says that they changed. */
export class Digests {
    private known: Promise<Map<string, KnownToken>> | undefined;
    private revision: unknown;

    constructor(
        private readonly manager: Pick<ManagerClient, "send">,
        private readonly objects: Pick<ObjectCache, "tokens" | "whenPresent" | "on">,
        private readonly now: () => number = wallClock,
    ) {
        objects.on("gone", () => (this.known = undefined));
    }

    /** Compares in constant time. @throws BusError when the service cannot be asked */
    async check(token: string): Promise<KnownToken | Rejection> {
        const known = (await this.load()).get(idOf(token));
        const digest = createHash("sha256").update(token).digest();
        const expected = known === undefined ? Buffer.alloc(digest.length) : Buffer.from(known.digest, "hex");
        if (!timingSafeEqual(digest, expected) || known === undefined) {
            return "unknown";
        }
        return known.expires * 1000n > BigInt(this.now()) ? known : "expired";
    }

    private load(): Promise<Map<string, KnownToken>> {
        if (this.known === undefined || this.revision !== this.objects.tokens) {
            this.revision = this.objects.tokens;
            const reading = this.read().catch((error: unknown) => {
                if (this.known === reading) {
                    this.known = undefined;
                }
                throw error;
            });
            this.known = reading;
        }
        return this.known;
    }

    /** @throws BusError when the service is not there: anyone who shows a token does not start what the administrator stopped */
    private async read(): Promise<Map<string, KnownToken>> {
        await this.objects.whenPresent();
        const rows = await this.manager.send(request(INTERFACE.tokens, ROOT, "GetTokenDigests", options()));
        return new Map(rows.map((row) => record<KnownToken>(row)).map((token) => [token.id, token]));
    }
}

function idOf(token: string): string {
    return /^rdt_([0-9a-f]{12})_/.exec(token)?.[1] ?? "";
}
