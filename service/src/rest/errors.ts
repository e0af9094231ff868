// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { ERROR_PREFIX } from "../facts/busnames.js";
import { BusError } from "../client/index.js";
import { printable } from "../system/printable.js";

/** HTTP status by the last part of a D-Bus error name. */
const STATUS: Readonly<Record<string, number>> = {
    InvalidArgument: 400,
    InvalidArgs: 400,
    UnknownOption: 400,
    NotAuthorized: 403,
    InteractiveAuthorizationRequired: 403,
    AccessDenied: 403,
    NotFound: 404,
    UnknownObject: 404,
    AlreadyExists: 409,
    Busy: 409,
    Cancelled: 409,
    LimitsExceeded: 429,
    NotSupported: 501,
    UnknownMethod: 501,
    UnknownInterface: 501,
    ServiceUnknown: 503,
    NameHasNoOwner: 503,
    NoServer: 503,
    Disconnected: 503,
    NoReply: 504,
    Timeout: 504,
    TimedOut: 504,
    NoMemory: 507,
};

/** An answer that is an error: HTTP status, D-Bus error name, one sentence for a person. */
export class HttpError extends Error {
    override name = "HttpError";
    constructor(
        readonly statusCode: number,
        /** D-Bus error name; one of ours, or a standard one. */
        readonly errorName: string,
        message: string,
        readonly headers: Readonly<Record<string, string>> = {},
    ) {
        super(printable(message));
    }
}

/** Gives the HTTP status for the last part of a D-Bus error name. */
export function statusOfKind(kind: string): number {
    return Object.hasOwn(STATUS, kind) ? STATUS[kind]! : 500;
}

/** Makes an error with one of the service's own names. */
export function refusal(kind: string, message: string, status = statusOfKind(kind)): HttpError {
    return new HttpError(status, `${ERROR_PREFIX}.${kind}`, message);
}

/** Code of the error of a body that is compressed, beside those of Fastify. */
export const ENCODED = "RAPIDDISK_BODY_ENCODED";
/** Pattern of text without control characters: no name of anything has them, and D-Bus has no NUL. */
export const PRINTABLE = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$";

/** Writes the path of a route as the documentation does: /v2/volumes/{id}, where Fastify has /v2/volumes/:id. */
export function documentedPath(url: string): string {
    return url.replace(/:([a-z]+)/g, "{$1}");
}

/** The errors of Fastify, Ajv and Node's HTTP parser that a client causes. */
interface ClientError {
    statusCode?: number;
    code?: string;
    validation?: {
        instancePath: string;
        keyword: string;
        params: Record<string, unknown>;
        message?: string;
        parentSchema?: { description?: string };
    }[];
    validationContext?: string;
}

/** Turns anything that was thrown into what the client is told; what is not meant for it becomes a plain statement. */
export function toHttpError(error: unknown): HttpError {
    if (error instanceof HttpError) {
        return error;
    }
    if (error instanceof BusError) {
        const status = statusOfKind(error.errorName.slice(error.errorName.lastIndexOf(".") + 1));
        const wait = status === 503 ? 5 : status === 429 ? 1 : 0;
        const headers = wait > 0 ? { "retry-after": String(wait) } : {};
        return new HttpError(status, error.errorName, error.message, headers);
    }
    const { statusCode = 500, code = "", validation, validationContext } = error as ClientError;
    if (validation !== undefined) {
        const [first] = validation;
        if (validationContext === "params" && first?.keyword === "minLength") {
            return refusal("NotFound", "There is nothing at this path; / lists what there is.");
        }
        return refusal("InvalidArgument", validationSentence(validation, validationContext ?? "request"));
    }
    if (statusCode >= 400 && statusCode < 500 && error instanceof Error) {
        const known = SENTENCES[code] ?? "The request cannot be understood.";
        return new HttpError(statusCode, `${ERROR_PREFIX}.InvalidArgument`, known);
    }
    return refusal("Failed", "The bridge could not do this; its journal says why: journalctl -u rapiddisk-rest", 500);
}

const SENTENCES: Readonly<Record<string, string>> = {
    FST_ERR_CTP_BODY_TOO_LARGE: "The body is too large; the most is 64 KiB.",
    [ENCODED]: "A body must be sent as it is, without Content-Encoding.",
    FST_ERR_CTP_INVALID_MEDIA_TYPE: "A body must be JSON, with Content-Type: application/json.",
    FST_ERR_CTP_INVALID_JSON_BODY: "The body is not JSON.",
    FST_ERR_CTP_INVALID_CONTENT_LENGTH: "The body is not as long as Content-Length says.",
    FST_ERR_BAD_URL: "The URL is not well formed.",
};

/** Names what a problem is about as the documentation does: {id} in the path, a name in the query, body/size. */
function placeOf(where: string, instancePath: string): string {
    const name = instancePath.slice(1);
    switch (where) {
        case "params":
            return `{${name}} in the path`;
        case "querystring":
            return name === "" ? "The query" : `${name} in the query`;
        default:
            return `${where}${instancePath}`;
    }
}

function validationSentence(problems: NonNullable<ClientError["validation"]>, where: string): string {
    const { instancePath, keyword, params, message, parentSchema } = problems[0]!;
    const at = placeOf(where, instancePath);
    switch (keyword) {
        case "required":
            return `${at}: ${String(params.missingProperty)} is missing.`;
        case "additionalProperties":
            return `${at}: ${JSON.stringify(params.additionalProperty)} is unknown.`;
        case "enum":
            return `${at} must be one of ${(params.allowedValues as unknown[]).join(", ")}.`;
        case "pattern":
            if (params.pattern === PRINTABLE) {
                return `${at} must not hold control characters.`;
            }
            return `${at} must be ${parentSchema?.description ?? `like ${String(params.pattern)}`}.`;
        default:
            return `${at} ${message ?? "is wrong"}.`;
    }
}
