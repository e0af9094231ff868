// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { FastifyInstance, FastifyRequest } from "fastify";
import { ENCODED, refusal } from "../errors.js";

/** A string, or what begins, ends or divides objects and arrays. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[[\]{},:]/g;

/**
 * The first name that an object in a JSON text has twice: parsers differ in which of the two they take, so that what one program
 * has checked would not be what another does.
 * @param text JSON that can be parsed
 */
export function repeatedName(text: string): string | undefined {
    /** The names of each object that is open; undefined for an array. */
    const open: (Set<string> | undefined)[] = [];
    let last = "";
    for (const [token] of text.matchAll(TOKEN)) {
        if (token === "{" || token === "[") {
            open.push(token === "{" ? new Set() : undefined);
        } else if (token === "}" || token === "]") {
            open.pop();
        } else if (token === ":") {
            const names = open.at(-1);
            const name = JSON.parse(last) as string;
            if (names?.has(name) === true) {
                return name;
            }
            names?.add(name);
        }
        last = token;
    }
    return undefined;
}

/** Has a part of the application take JSON alone as bodies, and only such as means one thing. */
export function takeJson(app: FastifyInstance): void {
    app.removeContentTypeParser(["text/plain", "application/json"]);
    const parse = app.getDefaultJsonParser("error", "error");
    // Many clients send the type always, also with a DELETE; whether a body is needed is for the schema to say.
    app.addContentTypeParser("application/json", { parseAs: "string" }, (request: FastifyRequest, body, done) => {
        if (body === "") {
            done(null, null);
            return;
        }
        void parse(request, body as string, (error, value) => {
            const twice = error === null ? repeatedName(body as string) : undefined;
            if (twice !== undefined) {
                done(refusal("InvalidArgument", `The body has ${JSON.stringify(twice)} twice in one object.`));
            } else {
                done(error, value);
            }
        });
    });
    app.addHook("preParsing", async ({ headers }, _reply, payload) => {
        const encoding = headers["content-encoding"];
        if (encoding !== undefined && encoding !== "identity") {
            throw Object.assign(new Error("The body is encoded."), { statusCode: 415, code: ENCODED });
        }
        return payload;
    });
}
