// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { RouteOptions } from "fastify";
import type { Scope } from "../../facts/scopes.js";
import { documentedPath } from "../errors.js";
import type { JsonSchema } from "../jsonschema.js";

/** A route as OpenAPI sees it. */
export interface Documented {
    method: string;
    /** Whether HEAD is answered as well. */
    hasHead: boolean;
    /** With {name} where a part of the path varies. */
    path: string;
    summary: string;
    tags: readonly string[];
    scope: Scope;
    params: JsonSchema | undefined;
    querystring: JsonSchema | undefined;
    headers: JsonSchema | undefined;
    body: JsonSchema | undefined;
    response: Readonly<Record<string, JsonSchema>>;
}

/** Describes a route by its own options: the schemas that validate it. */
export function documented({ method, url, schema, config, exposeHeadRoute }: RouteOptions): Documented[] {
    const given = (schema ?? {}) as Partial<Documented> & { hide?: boolean };
    const { scope } = config ?? {};
    const needed = typeof scope === "function" ? scope({}) : (scope ?? "read");
    return [method].flat().flatMap((verb) =>
        verb === "HEAD" || given.hide === true
            ? []
            : [
                  {
                      method: verb,
                      hasHead: verb === "GET" && exposeHeadRoute !== false,
                      path: documentedPath(url),
                      summary: given.summary ?? "",
                      tags: given.tags ?? [],
                      scope: needed,
                      params: given.params,
                      querystring: given.querystring,
                      headers: given.headers,
                      body: given.body,
                      response: given.response ?? {},
                  },
              ],
    );
}

const PROBLEM: JsonSchema = {
    type: "object",
    description: "RFC 9457",
    properties: {
        type: { type: "string", format: "uri" },
        title: { type: "string" },
        status: { type: "integer" },
        detail: { type: "string", description: "One sentence for a person" },
        error: { type: "string", description: "D-Bus error name" },
    },
    required: ["type", "title", "status", "detail", "error"],
};

/** Makes the OpenAPI 3.1 document of all routes. */
export function openApi(routes: readonly Documented[], version: string): JsonSchema {
    const paths: Record<string, Record<string, unknown>> = {};
    for (const route of routes) {
        (paths[route.path] ??= {})[route.method.toLowerCase()] = operation(route);
    }
    return {
        openapi: "3.1.0",
        info: {
            title: "RapidDisk Manager",
            version,
            description: "RAM disks, RAM caches and NVMe exports. Sizes are bytes; errors of v2 are problem+json.",
            license: { name: "LGPL-2.1-or-later", identifier: "LGPL-2.1-or-later" },
        },
        servers: [{ url: "/" }],
        paths,
        components: {
            securitySchemes: { token: { type: "http", scheme: "bearer" } },
            schemas: { Problem: PROBLEM },
        },
    };
}

/** Headers that tell of an answer, by its status. */
const TELLING: Readonly<Record<string, readonly string[]>> = {
    200: ["ETag"],
    201: ["Location", "ETag"],
    202: ["Location", "Retry-After"],
};

function operation(route: Documented): JsonSchema {
    const { method, path, body, response, scope } = route;
    const { default: failure = { $ref: "#/components/schemas/Problem" }, ...rest } = response;
    const isConditional = route.headers !== undefined;
    const answers = Object.entries(rest).map(([status, schema]) => [
        status,
        {
            description: status === "202" ? "It takes long: this job tells how it goes" : "Done",
            ...(isConditional ? { headers: headers(TELLING[status] ?? []) } : {}),
            content: { [typeOf(schema, "application/json")]: { schema } },
        },
    ]);
    const needsBody = ((body?.required ?? []) as string[]).length > 0;
    return {
        operationId: `${method.toLowerCase()}${path.replace(/[^A-Za-z0-9]+/g, "_")}`,
        summary: route.summary,
        tags: route.tags,
        parameters: [
            ...parameters(route.params, "path"),
            ...parameters(route.querystring, "query"),
            ...parameters(route.headers, "header"),
        ],
        ...(body === undefined
            ? {}
            : { requestBody: { required: needsBody, content: { "application/json": { schema: body } } } }),
        responses: {
            ...(method === "DELETE" ? { 204: { description: "Done" } } : {}),
            ...(answers.length > 0 || method === "DELETE" ? {} : { 200: { description: "Done" } }),
            ...Object.fromEntries(answers),
            default: {
                description: "Refused or failed",
                content: {
                    [path.startsWith("/v1/") ? "application/json" : "application/problem+json"]: { schema: failure },
                },
            },
        },
        // Reading needs a token only where anybody could ask.
        security: [...(scope === "read" ? [{}] : []), { token: [] }],
        "x-scope": scope,
    };
}

/** Gives the media type of a text, which its schema names. */
function typeOf({ contentMediaType }: JsonSchema, otherwise: string): string {
    return typeof contentMediaType === "string" ? contentMediaType : otherwise;
}

function headers(names: readonly string[]): JsonSchema {
    return Object.fromEntries(names.map((name) => [name, { schema: { type: "string" } }]));
}

function parameters(schema: JsonSchema | undefined, where: "path" | "query" | "header"): JsonSchema[] {
    const required = (schema?.required ?? []) as string[];
    return Object.entries((schema?.properties ?? {}) as Record<string, JsonSchema>).map(([name, one]) => ({
        name: where === "header" ? name.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase()) : name,
        in: where,
        required: where === "path" || required.includes(name),
        schema: one,
    }));
}
