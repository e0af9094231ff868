// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { INTERFACE, type ObjectKind, ROOT } from "../../facts/busnames.js";
import { modeOfWord } from "../../facts/modes.js";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { jsonName, nameOfPath, renderJson, type Plain, type BusRequest } from "../../client/index.js";
import { interfaces } from "../../generated/specs.js";
import type { Scope } from "../../facts/scopes.js";
import { includes } from "../access/scopes.js";
import { caller, type BridgeContext, sendJson } from "../context.js";
import { documentedPath, refusal } from "../errors.js";
import type { Source } from "../fastpath.js";
import type { JsonSchema } from "../jsonschema.js";
import type { HttpAnswer } from "./answer.js";
import { AsyncWork } from "./async.js";
import { admitted, CHANGE_HEADERS, isConditional, names, READ_HEADERS } from "./conditions.js";
import { answersKeys, plusKeys, withKeys } from "./hostkeys.js";
import { kinds, operations, type ApiOperation } from "./operations.js";
import { argumentsOf, bodySchema, fromBus, objectSchema, positionals, schemaOf, urlOf } from "./schemas.js";
import { KeyedMutex } from "../../system/keyedmutex.js";
import { tagOf, Views, type View } from "./views.js";

const ID: JsonSchema = {
    type: "object",
    properties: { id: { type: "string", minLength: 1, maxLength: 256, description: "Name of the object" } },
    required: ["id"],
};
const LIST = (item: JsonSchema): JsonSchema => ({
    type: "object",
    properties: { items: { type: "array", items: item } },
    required: ["items"],
});

/** Adds the resources and every operation of the interface. @returns what is asked again and again */
export function v2Routes(app: FastifyInstance, context: BridgeContext): Map<string, Source> {
    const views = new Views(context);
    const changes = { views, work: new AsyncWork(context.objects), mutex: new KeyedMutex() };
    refuseUnknownQueries(app);
    for (const { kind, spec } of kinds()) {
        const item = objectSchema(spec);
        app.get(
            `/v2/${kind}`,
            { schema: { summary: `List ${kind}`, tags: ["v2"], headers: READ_HEADERS, response: { 200: LIST(item) } } },
            async (request, reply) => sendView(request, reply, await views.list(kind)),
        );
        const summary = `Show one of the ${kind}`;
        app.get(
            `/v2/${kind}/:id`,
            { schema: { summary, tags: ["v2"], params: ID, headers: READ_HEADERS, response: { 200: item } } },
            async (request, reply) => sendView(request, reply, await views.one(kind, idOf(request))),
        );
    }
    app.get(
        "/v2/status",
        {
            schema: {
                summary: "The service, what this host can do, and its memory",
                tags: ["v2"],
                headers: READ_HEADERS,
                response: { 200: objectSchema(interfaces[INTERFACE.manager]!) },
            },
        },
        async (request, reply) => sendView(request, reply, await views.status()),
    );
    for (const operation of operations()) {
        if (operation.member === "GetResources") {
            addResources(app, context, operation);
        } else if (operation.method === "GET") {
            addReading(app, context, operation, views);
        } else {
            addChange(app, context, operation, changes);
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
    if (known !== undefined && names(known, etag)) {
        return reply.code(304).send();
    }
    return sendJson(reply, text);
}

function addResources(app: FastifyInstance, { objects, polled }: BridgeContext, { url, spec }: ApiOperation): void {
    const response = { 200: LIST({ type: "object" }) };
    const schema = { summary: spec.doc, tags: ["v2"], headers: READ_HEADERS, response };
    app.get(url, { schema }, async (request, reply) => {
        await objects.whenPresent();
        const items = (await polled.resources.get()).map((device) =>
            Object.fromEntries(Object.entries(device).map(([name, value]) => [jsonName(name), value as Plain])),
        );
        const text = renderJson({ items }, 0);
        return sendView(request, reply, { text, etag: tagOf(text) });
    });
}

/** Refuses a query where none is taken: an option that is put there by mistake is not to be lost without a word. */
function refuseUnknownQueries(app: FastifyInstance): void {
    app.addHook("preValidation", async ({ query, routeOptions }) => {
        const [first] = Object.keys(query as object);
        if (first !== undefined && routeOptions.schema?.querystring === undefined) {
            const where = routeOptions.method === "GET" ? "has no options" : "takes its options in the body, as JSON";
            const path = documentedPath(routeOptions.url ?? "");
            throw refusal("InvalidArgument", `The query has ${JSON.stringify(first)}: ${path} ${where}.`);
        }
    });
}

/** What changes share. */
interface Changes {
    views: Views;
    work: AsyncWork;
    mutex: KeyedMutex;
}

/** A method that only reads; its arguments are in the query string. */
function addReading(app: FastifyInstance, context: BridgeContext, operation: ApiOperation, views: Views): void {
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
        await context.objects.whenPresent();
        const path = operation.kind === undefined ? ROOT : views.find(operation.kind, idOf(request)).path;
        const out = await context.performer.send(
            callOf(operation, path, request.query as Record<string, unknown>),
            caller(request),
        );
        return sendJson(reply, renderJson(outOf(operation, out), 0));
    });
}

function addChange(app: FastifyInstance, context: BridgeContext, operation: ApiOperation, changes: Changes): void {
    const body = bodySchema(operation.spec);
    const needsBody = (body.required as string[]).length > 0;
    const { kind, makes, method } = operation;
    const schema = {
        summary: operation.summary,
        tags: ["v2"],
        ...(kind === undefined ? {} : { params: ID }),
        headers: CHANGE_HEADERS,
        body: needsBody ? body : { ...body, type: ["object", "null"] },
        response: {
            ...(method === "DELETE" ? {} : { [makes === undefined ? 200 : 201]: changedSchema(operation) }),
            ...((kind ?? makes ?? "jobs") === "jobs" ? {} : { 202: shownAs("jobs") }),
        },
    };
    app.route({
        method: operation.method,
        url: operation.url,
        schema,
        config: { scope: operation.scope },
        handler: async (request, reply) => {
            requireMore(context.settings.scopes, operation, request);
            const { status, headers, text } = await change(context, operation, changes, request);
            reply.code(status).headers(headers);
            return text === "" ? reply.send() : sendJson(reply, text);
        },
    });
}

/**
 * What polkit asks in addition, the scopes ask in addition as well.
 * @param allowed scopes of the settings: the most that anybody may have
 */
function requireMore(allowed: readonly Scope[], { member }: ApiOperation, { body, identity }: FastifyRequest): void {
    const isAdmin = includes(identity.scope, "admin");
    if (isAdmin && allowed.includes("admin")) {
        return;
    }
    const { mode, persist, lose_unwritten: loses } = (body ?? {}) as Record<string, unknown>;
    const isWriteback = member === "CreateCache" && typeof mode === "string" && modeOfWord(mode) === "writeback";
    const [what] = [
        isWriteback ? "A writeback cache" : undefined,
        persist === true ? "What is made again at each boot" : undefined,
        loses === true ? "The loss of what only a writeback cache holds" : undefined,
    ].filter((one) => one !== undefined);
    if (what !== undefined) {
        const why = isAdmin
            ? "the settings of this bridge allow it nobody"
            : `${identity.name} has ${identity.scope || "none"}`;
        throw refusal("NotAuthorized", `${what} needs the scope admin; ${why}.`);
    }
}

async function change(
    { objects, performer }: BridgeContext,
    operation: ApiOperation,
    { views, work, mutex }: Changes,
    request: FastifyRequest,
): Promise<HttpAnswer> {
    await objects.whenPresent();
    const path = operation.kind === undefined ? ROOT : views.find(operation.kind, idOf(request)).path;
    // What makes an object depends on its list; it does not wait for what else is done at the root, such as restoring.
    const state = operation.makes === undefined ? path : `${path} ${operation.makes}`;
    const outcome = await mutex.run(state, isConditional(request), async () => {
        admitted(operation, views, request);
        const send = (cookie: string): Promise<readonly unknown[]> => {
            const call = callOf(operation, path, (request.body ?? {}) as Record<string, unknown>, cookie);
            return mutex.add(state, performer.send(call, caller(request)));
        };
        return await work.resultOrJob(send);
    });
    if ("job" in outcome) {
        const { job } = outcome;
        const shown = objects.all("jobs").get(job);
        const text = shown === undefined ? "" : renderJson(views.plain("jobs", job, shown), 0);
        return { status: 202, headers: { location: urlOf(job)!, "retry-after": "1" }, text };
    }
    const keysToo = async (of: string, answer: HttpAnswer): Promise<HttpAnswer> => {
        const keyed = answersKeys(operation) ? objects.all("exports").get(of)?.AuthenticatedHosts : undefined;
        const from = { body: request.body, caller: caller(request) };
        return await plusKeys({ performer }, operation, from, { path: of, keyed: (keyed ?? []) as string[] }, answer);
    };
    if (operation.member === "Remove") {
        return { status: 204, headers: {}, text: "" };
    }
    if (operation.makes !== undefined) {
        const made = outcome.result[0] as string;
        const { text, etag } = await views.one(operation.makes, nameOfPath(made));
        return await keysToo(made, { status: 201, headers: { location: urlOf(made)!, etag }, text });
    }
    if (operation.kind !== undefined && operation.spec.out.length === 0 && objects.all(operation.kind).has(path)) {
        const { text, etag } = await views.one(operation.kind, idOf(request));
        return await keysToo(path, { status: 200, headers: { etag }, text });
    }
    return { status: 200, headers: {}, text: renderJson(outOf(operation, outcome.result), 0) };
}

/** @param cookie by which the job is found that the change becomes */
function callOf(
    operation: ApiOperation,
    path: string,
    values: Record<string, unknown>,
    cookie?: string,
): BusRequest<readonly unknown[]> {
    return {
        path,
        interface: operation.iface,
        member: operation.member,
        signature: operation.spec.in.map(({ type }) => type).join(""),
        args: argumentsOf(operation.spec, values, cookie),
        authorized: operation.spec.action !== undefined,
        decode: (out) => out,
    };
}

/** What a method answers, by the names of its out arguments; a lone dictionary stands for itself. */
function outOf({ spec }: ApiOperation, out: readonly unknown[]): Plain {
    const values = spec.out.map(({ name, type }, index) => [jsonName(name), fromBus(type, out[index])] as const);
    const alone = spec.out.length === 1 && spec.out[0]!.type === "a{sv}";
    return alone ? values[0]![1] : Object.fromEntries(values);
}

function changedSchema(operation: ApiOperation): JsonSchema {
    const schema = outSchema(operation);
    return answersKeys(operation) ? withKeys(schema) : schema;
}

function outSchema({ spec, makes, kind }: ApiOperation): JsonSchema {
    const shown = makes ?? (spec.out.length === 0 ? kind : undefined);
    if (shown !== undefined) {
        return shownAs(shown);
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

function shownAs(kind: ObjectKind): JsonSchema {
    return objectSchema(kinds().find((one) => one.kind === kind)!.spec);
}
