// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { createHash } from "node:crypto";
import { refusal } from "../errors.js";
import type { HttpAnswer } from "./answer.js";

/** What a key may be. */
export const KEY = "^[\\x21-\\x7e]{1,128}$";
const KEEP_MS = 10 * 60_000;
const MOST = 4096;

interface RememberedRequest {
    request: string;
    answer: Promise<HttpAnswer>;
    until: number;
}

/**
 * Remembers the answers to requests with an Idempotency-Key, so that one sent again is not done again: for ten minutes,
 * for the one who sent it first. An answer of 5xx is not kept, for trying again is what it asks for.
 */
export class Idempotency {
    private readonly kept = new Map<string, RememberedRequest>();

    constructor(private readonly now: () => number = () => performance.now()) {}

    /** How many answers are remembered now. */
    get size(): number {
        this.forget();
        return this.kept.size;
    }

    /**
     * Does the work, or gives the answer that the same key got before.
     * @param key what the client sent, undefined: nothing is remembered
     * @param request all that makes the request what it is
     * @throws HttpError 400 for a key that is none, 422 when the key was used for something else
     */
    async run(
        key: string | undefined,
        identity: string,
        request: readonly unknown[],
        work: () => Promise<HttpAnswer>,
    ): Promise<HttpAnswer> {
        if (key === undefined) {
            return await work();
        }
        if (!new RegExp(KEY).test(key)) {
            throw refusal(
                "InvalidArgument",
                "An Idempotency-Key is 1 to 128 printable ASCII characters, without blanks.",
            );
        }
        this.forget();
        const id = `${identity}\n${key}`;
        const fingerprint = createHash("sha256").update(JSON.stringify(request)).digest("base64");
        const known = this.kept.get(id);
        if (known !== undefined) {
            if (known.request !== fingerprint) {
                throw refusal("InvalidArgument", "This Idempotency-Key was used for another request.", 422);
            }
            const first = await known.answer;
            const answer = first.now?.() ?? first;
            return { ...answer, headers: { ...answer.headers, "idempotency-replayed": "true" } };
        }
        if (this.kept.size >= MOST) {
            throw refusal("LimitsExceeded", "Too many Idempotency-Keys are remembered; try again later.");
        }
        const whole = work();
        const answer = whole.then(withoutSecrets);
        this.kept.set(id, { request: fingerprint, answer, until: this.now() + KEEP_MS });
        const drop = (): void => void this.kept.delete(id);
        answer.then(({ status }) => status >= 500 && drop(), drop);
        return await whole;
    }

    private forget(): void {
        const now = this.now();
        for (const [id, { until }] of this.kept) {
            if (until > now) {
                return; // They are in the order of their time.
            }
            this.kept.delete(id);
        }
    }
}

/** Gives what may be sent again: what is shown only once is dropped here, so that it is not kept either. */
function withoutSecrets(answer: HttpAnswer): HttpAnswer {
    const rest = { ...answer };
    delete rest.once;
    return rest;
}
