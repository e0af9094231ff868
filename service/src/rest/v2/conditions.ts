// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { FastifyRequest } from "fastify";
import { ROOT } from "../../facts/busnames.js";
import { refusal } from "../errors.js";
import type { ApiOperation } from "./operations.js";
import type { JsonSchema } from "../jsonschema.js";
import type { Views } from "./views.js";

/** Headers that a change may have. */
export const CHANGE_HEADERS: JsonSchema = {
    type: "object",
    properties: {
        "if-match": {
            type: "string",
            description: "Entity tags: 412 unless the object (the list, to create) has one of them.",
        },
        "if-none-match": { type: "string", description: "Entity tags: 412 when the object has one of them." },
    },
};

/** Headers that a read of a resource may have. */
export const READ_HEADERS: JsonSchema = {
    type: "object",
    properties: {
        "if-none-match": { type: "string", description: "Entity tags: 304 when the answer has one of them." },
    },
};

/** Whether a change depends on the state of what it changes. */
export function isConditional({ headers }: Pick<FastifyRequest, "headers">): boolean {
    return headers["if-match"] !== undefined || headers["if-none-match"] !== undefined;
}

/** Whether a header names the entity tag of something that is there. */
export function names(header: string, etag: string): boolean {
    return header.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag || tag.trim() === "*");
}

/**
 * Looks at the conditions of a change (RFC 9110 section 13).
 * @returns the path of the object that it is for
 * @throws HttpError 404, 409, 412
 */
export function admitted(
    { kind, makes }: ApiOperation,
    views: Views,
    { headers, params }: Pick<FastifyRequest, "headers" | "params">,
): string {
    const { "if-match": match, "if-none-match": noneMatch } = headers;
    if (kind === undefined) {
        // What makes an object changes the list; what has no list has no state that could be named.
        const isNamed = (header: string): boolean => makes !== undefined && views.matchesList(header, makes);
        demand(match, noneMatch, isNamed, makes === undefined ? "what this path does" : `the list of ${makes}`);
        return ROOT;
    }
    const { id } = params as { id: string };
    const { path, properties } = views.find(kind, id);
    demand(match, noneMatch, (header) => views.matches(header, kind, path, properties), id);
    if (kind === "jobs" && properties.State !== "running") {
        throw refusal("Failed", `Job ${id} has ended already: it is ${String(properties.State)}.`, 409);
    }
    return path;
}

function demand(
    match: string | undefined,
    noneMatch: string | undefined,
    isNamed: (header: string) => boolean,
    what: string,
): void {
    if (match !== undefined && !isNamed(match)) {
        throw refusal(
            "Failed",
            `If-Match does not name the state of ${what}, which may have changed; read it again.`,
            412,
        );
    }
    if (noneMatch !== undefined && isNamed(noneMatch)) {
        throw refusal("Failed", `If-None-Match names the state of ${what}.`, 412);
    }
}
