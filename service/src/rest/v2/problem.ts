// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { FastifyReply } from "fastify";
import { STATUS_CODES } from "node:http";
import { sendJson } from "../context.js";
import { type HttpError, toHttpError } from "../errors.js";

/** Writes an error as problem+json (RFC 9457), with its D-Bus name. */
export function problemText({ statusCode, errorName, message }: HttpError): string {
    return JSON.stringify({
        type: `urn:rapiddisk:error:${errorName.slice(errorName.lastIndexOf(".") + 1)}`,
        title: STATUS_CODES[statusCode] ?? "Error",
        status: statusCode,
        detail: message,
        error: errorName,
    });
}

/** Answers with an error. */
export function answerProblem(error: unknown, reply: FastifyReply): FastifyReply {
    const told = toHttpError(error);
    return sendJson(reply.code(told.statusCode).headers(told.headers), problemText(told), "application/problem+json");
}
