// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { createServer, type RequestListener } from "node:http";
import { BusError } from "../client/index.js";
import { log } from "../system/journal.js";
import { ActionError } from "../upstream/outcome.js";
import { type BridgeContext, listenerOf, noteShown, sendJson } from "./context.js";
import { documentedPath, HttpError, refusal } from "./errors.js";
import { FastPath, type Source } from "./fastpath.js";
import { Misses } from "./metrics/misses.js";
import { CONTENT_TYPE, formatFor } from "./metrics/text.js";
import { metrics } from "./metrics/values.js";
import type { Traffic } from "./metrics/traffic.js";
import { answerV1, v1Routes } from "./v1/routes.js";
import { takeJson } from "./v2/body.js";
import type { EventStreams } from "./v2/events.js";
import { documented, openApi, type Documented } from "./v2/openapi.js";
import { page } from "./v2/page.js";
import { answerProblem } from "./v2/problem.js";
import { v2Routes } from "./v2/routes.js";
import { compilers } from "./validation.js";

/** Largest body that is read, in bytes. */
export const MOST_BODY = 64 * 1024;

/** What the routes keep between requests. */
export interface Parts {
    traffic: Traffic;
    events: EventStreams;
}

/** Makes the application: every route, guarded. @returns what answers a request, and what ends it all */
export async function createApp(
    context: BridgeContext,
    parts: Parts,
): Promise<{ handle: RequestListener; close(): Promise<void> }> {
    let handle: RequestListener | undefined;
    const app = fastify({
        serverFactory: (handler) => {
            handle = handler;
            return createServer(handler);
        },
        bodyLimit: MOST_BODY,
        logger: false,
        routerOptions: { maxParamLength: 512, ignoreTrailingSlash: false, ignoreDuplicateSlashes: false },
        schemaController: { compilersFactory: compilers() as object },
        exposeHeadRoutes: true,
        return503OnClosing: true,
        frameworkErrors: (error, request, reply) => void fail(context, error, request, reply),
    });
    guardEverything(app, context, parts.traffic);
    app.setErrorHandler((error, request, reply) => fail(context, error, request, reply));
    const routes: Documented[] = [];
    app.addHook("onRoute", (route) => void routes.push(...documented(route)));
    app.setNotFoundHandler((request, reply) => fail(context, notFound(routes, request), request, reply));
    const sources = new Map<string, Source>();
    const add = (found: ReadonlyMap<string, Source>): void =>
        found.forEach((source, path) => sources.set(path, source));
    await app.register(async (inner) => add(v1Routes(inner, context)));
    await app.register(async (inner) => {
        takeJson(inner);
        add(v2Routes(inner, context));
        parts.events.add(inner);
    });
    about(app, context, parts.traffic, routes);
    await app.ready();
    const fastPath = new FastPath(context.guard, parts.traffic, sources);
    return {
        handle: (request, response) => void (fastPath.answer(request, response) || handle!(request, response)),
        close: () => app.close(),
    };
}

/** Lets nobody in who may not, counts, and sets what every answer carries. */
function guardEverything(app: FastifyInstance, context: BridgeContext, traffic: Traffic): void {
    app.decorateRequest("identity", null as never);
    app.addHook("onRequest", async (request, reply) => {
        const began = traffic.began();
        const isStream = request.routeOptions.config.stream === true;
        reply.raw.once("close", () => traffic.ended(reply.raw.statusCode, isStream ? undefined : began));
        reply.header("x-content-type-options", "nosniff");
        const { scope = "read", v1 = false } = request.routeOptions.config;
        const needed = typeof scope === "function" ? scope(request.params as Record<string, string>) : scope;
        request.identity = await context.guard.admit(request.raw, listenerOf(request.raw), needed, v1);
        noteShown(request.raw.socket, request.identity);
    });
}

function fail(context: BridgeContext, error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const expected = error instanceof HttpError || error instanceof BusError || error instanceof ActionError;
    const { statusCode = 500 } = error as { statusCode?: number };
    if (!expected && statusCode >= 500) {
        log(
            "error",
            `${request.method} ${documentedPath(request.routeOptions.url ?? "-")} failed: ${String((error as Error).stack)}`,
        );
    }
    if (request.raw.complete === false) {
        reply.header("connection", "close"); // What is left of the request is not worth reading.
    }
    return request.url.startsWith("/v1/") ? answerV1(context, error, request, reply) : answerProblem(error, reply);
}

/** Answers 405 where the path exists for other methods, else 404. */
function notFound(routes: readonly Documented[], request: FastifyRequest): HttpError {
    const path = request.url.split("?", 1)[0]!;
    const found = routes.filter((route) =>
        new RegExp(`^${route.path.replace(/[.]/g, "\\.").replace(/\{[a-z]+\}/g, "[^/]+")}$`).test(path),
    );
    const methods = found.flatMap(({ method, hasHead }) => (hasHead ? [method, "HEAD"] : [method]));
    if (methods.length === 0) {
        return refusal("NotFound", "There is nothing at this path; / lists what there is.");
    }
    const { errorName } = refusal("NotSupported", "");
    const allow = [...new Set(methods)].join(", ");
    return new HttpError(405, errorName, `This path takes ${allow}, not ${request.method}.`, { allow });
}

/** Gives what `make` made when it was first called. */
function once<T>(make: () => T): () => T {
    let made: { value: T } | undefined;
    return () => (made ??= { value: make() }).value;
}

/** Adds the routes that are not resources: metrics, documentation. */
function about(app: FastifyInstance, context: BridgeContext, traffic: Traffic, routes: readonly Documented[]): void {
    const about = (summary: string, contentMediaType: string): object => ({
        summary,
        tags: ["about"],
        response: { 200: { type: contentMediaType === "application/json" ? "object" : "string", contentMediaType } },
    });
    const misses = new Misses();
    app.get("/metrics", { schema: about("Metrics for Prometheus", "text/plain") }, async (request, reply) => {
        const format = formatFor(request.headers.accept);
        const text = await metrics(context, traffic, misses);
        return reply.header("content-type", CONTENT_TYPE[format]).header("vary", "accept").send(text.text(format));
    });
    // Neither changes while the bridge runs, and all routes are known only when the first request comes.
    const document = once(() => Buffer.from(JSON.stringify(openApi(routes, context.version))));
    const overview = once(() => Buffer.from(page(routes, context.version)));
    const description = about("This interface as OpenAPI 3.1", "application/json");
    app.get("/openapi.json", { schema: description }, async (_request, reply) => sendJson(reply, document()));
    app.get("/", { schema: about("This interface as a page", "text/html") }, async (_request, reply) =>
        reply
            .header("content-type", "text/html; charset=utf-8")
            .header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
            .send(overview()),
    );
}
