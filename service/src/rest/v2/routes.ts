// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { jsonName, nameOfPath, renderJson, type Plain, type Request, ROOT } from "../../client/index.js";
import { includes } from "../access/scopes.js";
import { caller, type Context, sendJson } from "../context.js";
import { refusal } from "../errors.js";
import type { Source } from "../hot.js";
import type { Answer } from "./answer.js";
import { Work } from "./async.js";
import type { Idempotency } from "./idempotency.js";
import { kinds, operations, type Operation } from "./operations.js";
import {
    argumentsOf,
    bodySchema,
    fromBus,
    objectSchema,
    positionals,
    schemaOf,
    urlOf,
    type Schema,
} from "./schemas.js";
import { Views, type View } from "./views.js";

const ID: Schema = {
    type: "object",
    properties: { id: { type: "string", minLength: 1, maxLength: 256, description: "Name of the object" } },
    required: ["id"],
};
const LIST = (item: Schema): Schema => ({
    type: "object",
    properties: { items: { type: "array", items: item } },
    required: ["items"],
});

/** Adds the resources and every operation of the interface. @returns what is asked again and again */
export function v2Routes(app: FastifyInstance, context: Context, idempotency: Idempotency): Map<string, Source> {
    const views = new Views(context);
    const work = new Work(context.mirror);
    for (const { kind, spec } of kinds()) {
        const item = objectSchema(spec);
        app.get(
            `/v2/${kind}`,
            { schema: { summary: `List ${kind}`, tags: ["v2"], response: { 200: LIST(item) } } },
            async (request, reply) => sendView(request, reply, await views.list(kind)),
        );
        app.get(
            `/v2/${kind}/:id`,
            { schema: { summary: `Show one of the ${kind}`, tags: ["v2"], params: ID, response: { 200: item } } },
            async (request, reply) => sendView(request, reply, await views.one(kind, idOf(request))),
        );
    }
    app.get(
        "/v2/status",
        { schema: { summary: "The service, what this host can do, and its memory", tags: ["v2"] } },
        async (request, reply) => sendView(request, reply, await views.status()),
    );
    for (const operation of operations()) {
        if (operation.member === "GetResources") {
            addResources(app, context, operation);
        } else if (operation.method === "GET") {
            addReading(app, context, operation, views);
        } else {
            addChange(app, context, operation, { views, work, idempotency });
        }
    }
    return new Map(kinds().map(({ kind }) => [`/v2/${kind}`, () => views.ready(kind)]));
}

function idOf(request: FastifyRequest): string {
    return (request.params as { id: string }).id;
}

function sendView(request: FastifyRequest, reply: FastifyReply, { text, etag }: View): FastifyReply {
    reply.header("etag", etag).header("cache-control", "no-cache");
    const known = request.headers["if-none-match"];
    if (
        known !== undefined &&
        known.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag || tag.trim() === "*")
    ) {
        return reply.code(304).send();
    }
    return sendJson(reply, text);
}

function addResources(app: FastifyInstance, { mirror, figures }: Context, { url, spec }: Operation): void {
    const schema = { summary: spec.doc, tags: ["v2"], response: { 200: LIST({ type: "object" }) } };
    app.get(url, { schema }, async (_request, reply) => {
        await mirror.whenPresent();
        const items = (await figures.resources.get()).map((device) =>
            Object.fromEntries(Object.entries(device).map(([name, value]) => [jsonName(name), value as Plain])),
        );
        return sendJson(reply, renderJson({ items }, 0));
    });
}

/** A method that only reads; its arguments are in the query string. */
function addReading(app: FastifyInstance, context: Context, operation: Operation, views: Views): void {
    const args = positionals(operation.spec);
    const querystring = {
        type: "object",
        properties: Object.fromEntries(
            args.map(({ name, type, doc }) => [name, { ...schemaOf(type), description: doc }]),
        ),
        required: args.map(({ name }) => name),
        additionalProperties: false,
    };
    const schema = {
        summary: operation.summary,
        tags: ["v2"],
        ...(operation.kind === undefined ? {} : { params: ID }),
        ...(args.length === 0 ? {} : { querystring }),
        response: { 200: outSchema(operation) },
    };
    app.get(operation.url, { schema }, async (request, reply) => {
        await context.mirror.whenPresent();
        const path = operation.kind === undefined ? ROOT : views.find(operation.kind, idOf(request)).path;
        const out = await context.performer.send(
            callOf(operation, path, request.query as Record<string, unknown>),
            caller(request),
        );
        return sendJson(reply, renderJson(outOf(operation, out), 0));
    });
}

function addChange(
    app: FastifyInstance,
    context: Context,
    operation: Operation,
    { views, work, idempotency }: { views: Views; work: Work; idempotency: Idempotency },
): void {
    const body = bodySchema(operation.spec);
    const needsBody = (body.required as string[]).length > 0;
    const schema = {
        summary: operation.summary,
        tags: ["v2"],
        ...(operation.kind === undefined ? {} : { params: ID }),
        body: needsBody ? body : { ...body, type: ["object", "null"] },
        response:
            operation.method === "DELETE" ? {} : { [operation.makes === undefined ? 200 : 201]: outSchema(operation) },
    };
    app.route({
        method: operation.method,
        url: operation.url,
        schema,
        config: { scope: operation.scope },
        handler: async (request, reply) => {
            requireMore(operation, request);
            const key = request.headers["idempotency-key"];
            const answer = await idempotency.run(
                Array.isArray(key) ? key.join() : key,
                request.identity.name,
                [request.method, request.url, request.body ?? null, request.headers["if-match"] ?? null],
                () => change(context, operation, views, work, request),
            );
            reply.code(answer.status).headers(answer.headers);
            return answer.text === "" ? reply.send() : sendJson(reply, answer.text);
        },
    });
}

/** What polkit asks in addition, the scopes ask in addition as well. */
function requireMore({ member }: Operation, { body, identity }: FastifyRequest): void {
    const mode = (body as { mode?: unknown } | null)?.mode;
    if (
        member === "CreateCache" &&
        (mode === "writeback" || mode === "write-back") &&
        !includes(identity.scope, "admin")
    ) {
        const message = `A writeback cache needs the scope admin; ${identity.name} has ${identity.scope || "none"}.`;
        throw refusal("NotAuthorized", message);
    }
}

async function change(
    context: Context,
    operation: Operation,
    views: Views,
    work: Work,
    request: FastifyRequest,
): Promise<Answer> {
    const { mirror, performer } = context;
    await mirror.whenPresent();
    const path = operation.kind === undefined ? ROOT : checked(operation.kind, views, request);
    const call = callOf(operation, path, (request.body ?? {}) as Record<string, unknown>);
    const send = (): Promise<readonly unknown[]> => performer.send(call, caller(request));
    const outcome = await work.resultOrJob(path, send, request.headers.prefer);
    if ("job" in outcome) {
        const job = mirror.all("jobs").get(outcome.job);
        const text = job === undefined ? "" : renderJson(views.plain("jobs", outcome.job, job), 0);
        return { status: 202, headers: { location: urlOf(outcome.job)!, "retry-after": "1" }, text };
    }
    if (operation.member === "Remove") {
        return { status: 204, headers: {}, text: "" };
    }
    if (operation.makes !== undefined) {
        const made = outcome.result[0] as string;
        const { text, etag } = await views.one(operation.makes, nameOfPath(made));
        return { status: 201, headers: { location: urlOf(made)!, etag }, text };
    }
    if (operation.kind !== undefined && operation.spec.out.length === 0 && mirror.all(operation.kind).has(path)) {
        const { text, etag } = await views.one(operation.kind, idOf(request));
        return { status: 200, headers: { etag }, text };
    }
    return { status: 200, headers: {}, text: renderJson(outOf(operation, outcome.result), 0) };
}

/** The object's path, once If-Match has been looked at (RFC 9110 section 13.1.1). @throws HttpError 404, 409, 412 */
function checked(kind: NonNullable<Operation["kind"]>, views: Views, request: FastifyRequest): string {
    const { path, properties } = views.find(kind, idOf(request));
    const header = request.headers["if-match"];
    if (header !== undefined && !views.matches(header, kind, path, properties)) {
        throw refusal("Failed", "The object has changed since its entity tag was read; read it again.", 412);
    }
    if (kind === "jobs" && properties.State !== "running") {
        throw refusal("Failed", `Job ${idOf(request)} has ended already: it is ${String(properties.State)}.`, 409);
    }
    return path;
}

function callOf(operation: Operation, path: string, values: Record<string, unknown>): Request<readonly unknown[]> {
    return {
        path,
        interface: operation.face,
        member: operation.member,
        signature: operation.spec.in.map(({ type }) => type).join(""),
        args: argumentsOf(operation.spec, values),
        authorized: operation.spec.action !== undefined,
        decode: (out) => out,
    };
}

/** What a method answers, by the names of its out arguments; a lone dictionary stands for itself. */
function outOf({ spec }: Operation, out: readonly unknown[]): Plain {
    const values = spec.out.map(({ name, type }, index) => [jsonName(name), fromBus(type, out[index])] as const);
    const alone = spec.out.length === 1 && spec.out[0]!.type === "a{sv}";
    return alone ? values[0]![1] : Object.fromEntries(values);
}

function outSchema({ spec, makes, kind }: Operation): Schema {
    if (makes !== undefined || (kind !== undefined && spec.out.length === 0)) {
        const shown = kinds().find((one) => one.kind === (makes ?? kind));
        return shown === undefined ? { type: "object" } : objectSchema(shown.spec);
    }
    if (spec.out.length === 1 && spec.out[0]!.type === "a{sv}") {
        return { type: "object", description: spec.out[0]!.doc };
    }
    return {
        type: "object",
        properties: Object.fromEntries(
            spec.out.map(({ name, type, doc }) => [jsonName(name), { ...schemaOf(type), description: doc }]),
        ),
    };
}
