// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { FastifyReply } from "fastify";
import { STATUS_CODES } from "node:http";
import { sendJson } from "../context.js";
import { toHttpError } from "../errors.js";

/** Answers with an error as problem+json (RFC 9457), with its D-Bus name. */
export function answerProblem(error: unknown, reply: FastifyReply): FastifyReply {
    const { statusCode, errorName, message, headers } = toHttpError(error);
    const problem = {
        type: `urn:rapiddisk:error:${errorName.slice(errorName.lastIndexOf(".") + 1)}`,
        title: STATUS_CODES[statusCode] ?? "Error",
        status: statusCode,
        detail: message,
        error: errorName,
    };
    return sendJson(reply.code(statusCode).headers(headers), JSON.stringify(problem), "application/problem+json");
}
