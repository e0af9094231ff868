// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Guard } from "./access/guard.js";
import { listenerOf } from "./context.js";
import type { Traffic } from "./metrics/traffic.js";

/** An answer that is ready to be sent. */
export interface Ready {
    /** JSON. */
    text: Buffer;
    /** What a successful answer has besides its type and length. */
    headers?: Readonly<Record<string, string>>;
}

/** Gives what would be answered now, or undefined when something has to be waited for. Called for every request. */
export type Source = () => Ready | undefined;

/** Bodies up to this many bytes are copied behind their head, so that both are one write. */
const COPIED = 16 * 1024;

interface Prepared {
    head: string[];
    body: string | Buffer;
}

/**
 * Answers the few reads that programs send again and again, from bytes that are ready. Whatever is not the plainest
 * request (a token, a condition, a body, a query, a network) is left to the routes, which answer it the same way. It stays as
 * long as `bench/src/native/fastpath.ts` finds that it takes at most 0.9 times their processor time.
 */
export class FastPath {
    private readonly prepared = new WeakMap<Ready, Prepared>();

    constructor(
        private readonly guard: Guard,
        private readonly traffic: Traffic,
        /** By path. */
        private readonly sources: ReadonlyMap<string, Source>,
    ) {}

    /** Answers when it can. @returns whether it did */
    answer(request: IncomingMessage, response: ServerResponse): boolean {
        if (request.method !== "GET") {
            return false;
        }
        const source = this.sources.get(request.url ?? "");
        if (source === undefined || !isPlain(request) || !this.guard.letsAnybodyRead(request, listenerOf(request))) {
            return false;
        }
        const ready = source();
        if (ready === undefined) {
            return false;
        }
        const began = this.traffic.began();
        const { head, body } = this.prepare(ready);
        response.writeHead(200, head);
        if (typeof body === "string") {
            response.end(body, "latin1");
        } else {
            response.end(body);
        }
        this.traffic.ended(200, began);
        return true;
    }

    private prepare(ready: Ready): Prepared {
        let prepared = this.prepared.get(ready);
        if (prepared === undefined) {
            const { text, headers = {} } = ready;
            const all = {
                "x-content-type-options": "nosniff",
                ...headers,
                "content-type": "application/json; charset=utf-8",
                "content-length": String(text.length),
            };
            prepared = {
                head: Object.entries(all).flat(),
                body: text.length > COPIED ? text : text.toString("latin1"),
            };
            this.prepared.set(ready, prepared);
        }
        return prepared;
    }
}

/** Whether a request has neither a body nor a condition. */
function isPlain({ headers }: IncomingMessage): boolean {
    return (
        headers["content-length"] === undefined &&
        headers["transfer-encoding"] === undefined &&
        headers["if-none-match"] === undefined &&
        headers.expect === undefined &&
        headers.upgrade === undefined
    );
}
