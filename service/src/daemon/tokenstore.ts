// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { createHash, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isScope, type Scope } from "../facts/scopes.js";
import { wallClock } from "../clock.js";
import { ModelError } from "../model/errors.js";
import { quote } from "../model/values.js";
import { SerialQueue } from "../system/serialqueue.js";
import { makeDirectory, writeWhole } from "./files.js";

/** A token as it is kept: the secret itself is not. */
export interface Token {
    id: string;
    name: string;
    scope: Scope;
    /** Seconds since 1970. */
    created: number;
    /** Seconds since 1970. */
    expires: number;
    /** SHA-256 of the whole token, in hexadecimal. The secret has 256 random bits, so nothing slower is needed. */
    digest: string;
}

const FORMAT = 1;
const LARGEST = 2 ** 20;
const WORDS = "The file of tokens";
const MOST = 256;
const DEFAULT_LIFETIME = 90 * 86_400;
const SHORTEST = 60;
const LONGEST = 3650 * 86_400;

/** The tokens in STATE_DIR/tokens.json (mode 0600). One that cannot be understood is never overwritten. */
export class TokenStore {
    private readonly path: string;
    private tokens: Promise<Token[]> | undefined;
    /** Changes of the file come one after the other. */
    private readonly changes = new SerialQueue();

    /** @param now milliseconds since 1970 */
    constructor(
        stateDir: string,
        private readonly now: () => number = wallClock,
    ) {
        this.path = join(stateDir, "tokens.json");
    }

    /** Lists all tokens, oldest first. @throws ModelError Failed when the file is damaged */
    list(): Promise<readonly Token[]> {
        this.tokens ??= this.load().catch((error: unknown) => {
            this.tokens = undefined;
            throw error;
        });
        return this.tokens;
    }

    /**
     * Checks what a new token shall be, without making it.
     * @param lifetime seconds, {@link SHORTEST} to {@link LONGEST}
     * @throws ModelError InvalidArgument
     */
    check(name: string, scope: string, lifetime = DEFAULT_LIFETIME): asserts scope is Scope {
        if (!/^[A-Za-z0-9._@-]([A-Za-z0-9 ._@-]{0,62}[A-Za-z0-9._@-])?$/.test(name)) {
            const rule = "1 to 64 letters, digits, blanks and . _ @ -, no blank at either end";
            throw new ModelError(
                "InvalidArgument",
                `${quote(name)} is not a valid name for a token: it must be ${rule}.`,
            );
        }
        if (!isScope(scope)) {
            throw new ModelError(
                "InvalidArgument",
                `Scope ${quote(scope)} is unknown; there are read, operate, admin.`,
            );
        }
        if (!Number.isInteger(lifetime) || lifetime < SHORTEST || lifetime > LONGEST) {
            const rule = `${SHORTEST} to ${LONGEST} seconds`;
            throw new ModelError("InvalidArgument", `A lifetime of ${lifetime} seconds is out of range: ${rule}.`);
        }
    }

    /**
     * Makes a token; those that have expired are forgotten on this occasion.
     * @returns its id, and the token itself, which is not kept
     * @throws ModelError InvalidArgument; LimitsExceeded with {@link MOST} tokens; Failed when the file cannot be used
     */
    create(name: string, scope: string, lifetime = DEFAULT_LIFETIME): Promise<{ id: string; token: string }> {
        return this.changes.run(async () => {
            this.check(name, scope, lifetime);
            const created = Math.floor(this.now() / 1000);
            const living = (await this.list()).filter(({ expires }) => expires > created);
            if (living.length >= MOST) {
                throw new ModelError("LimitsExceeded", `There are ${MOST} tokens already; revoke one first.`);
            }
            const id = randomBytes(6).toString("hex");
            const token = `rdt_${id}_${randomBytes(32).toString("base64url")}`;
            const digest = createHash("sha256").update(token).digest("hex");
            await this.save([...living, { id, name, scope, created, expires: created + lifetime, digest }]);
            return { id, token };
        });
    }

    /** Forgets a token. @throws ModelError NotFound */
    revoke(id: string): Promise<void> {
        return this.changes.run(async () => {
            const tokens = await this.list();
            const others = tokens.filter((token) => token.id !== id);
            if (others.length === tokens.length) {
                throw new ModelError("NotFound", `There is no token ${quote(id)}.`);
            }
            await this.save(others);
        });
    }

    private async save(tokens: Token[]): Promise<void> {
        await makeDirectory(dirname(this.path));
        await writeWhole(this.path, `${JSON.stringify({ format: FORMAT, tokens }, null, 2)}\n`, WORDS);
        this.tokens = Promise.resolve(tokens);
    }

    private async load(): Promise<Token[]> {
        let text: string;
        try {
            text = await readFile(this.path, "utf8");
        } catch (error) {
            const { code } = error as NodeJS.ErrnoException;
            if (code === "ENOENT") {
                return [];
            }
            throw this.unusable(`could not be read (${code})`);
        }
        try {
            const { format, tokens } = JSON.parse(text.slice(0, LARGEST)) as { format?: unknown; tokens?: unknown };
            if (format === FORMAT && Array.isArray(tokens) && tokens.every(isToken)) {
                return tokens;
            }
        } catch {
            // Told below.
        }
        throw this.unusable("is damaged; repair it or move it away");
    }

    private unusable(what: string): ModelError {
        return new ModelError("Failed", `${WORDS} ${this.path} ${what}.`);
    }
}

function isToken(entry: unknown): entry is Token {
    const { id, name, scope, created, expires, digest } = (entry ?? {}) as Record<string, unknown>;
    return (
        [id, name].every((text) => typeof text === "string") &&
        isScope(scope) &&
        [created, expires].every(Number.isSafeInteger) &&
        typeof digest === "string" &&
        /^[0-9a-f]{64}$/.test(digest)
    );
}
