// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { RouteOptions } from "fastify";
import type { Scope } from "../access/scopes.js";
import type { Schema } from "./schemas.js";

/** A route as OpenAPI sees it. */
export interface Documented {
    method: string;
    /** With {name} where a part of the path varies. */
    path: string;
    summary: string;
    tags: readonly string[];
    scope: Scope;
    params: Schema | undefined;
    querystring: Schema | undefined;
    body: Schema | undefined;
    response: Readonly<Record<string, Schema>>;
}

/** What a route's own options say of it: the very schemas that validate it. */
export function documented({ method, url, schema, config }: RouteOptions): Documented[] {
    const given = (schema ?? {}) as Partial<Documented> & { hide?: boolean };
    const { scope } = config ?? {};
    const needed = typeof scope === "function" ? scope({}) : (scope ?? "read");
    return [method].flat().flatMap((verb) =>
        verb === "HEAD" || given.hide === true
            ? []
            : [
                  {
                      method: verb,
                      path: url.replace(/:([a-z]+)/g, "{$1}"),
                      summary: given.summary ?? "",
                      tags: given.tags ?? [],
                      scope: needed,
                      params: given.params,
                      querystring: given.querystring,
                      body: given.body,
                      response: given.response ?? {},
                  },
              ],
    );
}

const PROBLEM: Schema = {
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

/** The OpenAPI 3.1 document of all routes. */
export function openApi(routes: readonly Documented[], version: string): Schema {
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

function operation(route: Documented): Schema {
    const problem = { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } };
    const answers = Object.entries(route.response).map(([status, schema]) => [
        status,
        { description: "Done", content: { "application/json": { schema } } },
    ]);
    const plain = route.method === "DELETE" ? "204" : "200";
    return {
        operationId: `${route.method.toLowerCase()}${route.path.replace(/[^A-Za-z0-9]+/g, "_")}`,
        summary: route.summary,
        tags: route.tags,
        parameters: [...parameters(route.params, "path"), ...parameters(route.querystring, "query")],
        ...(route.body === undefined
            ? {}
            : { requestBody: { content: { "application/json": { schema: route.body } } } }),
        responses: {
            ...(answers.length > 0 ? Object.fromEntries(answers) : { [plain]: { description: "Done" } }),
            ...(route.scope === "read" ? {} : { 202: { description: "It takes long: Location names its job" } }),
            default: { description: "Refused or failed", content: route.path.startsWith("/v1/") ? {} : problem },
        },
        ...(route.scope === "read" ? {} : { security: [{ token: [] }] }),
        "x-scope": route.scope,
    };
}

function parameters(schema: Schema | undefined, where: "path" | "query"): Schema[] {
    const required = (schema?.required ?? []) as string[];
    return Object.entries((schema?.properties ?? {}) as Record<string, Schema>).map(([name, one]) => ({
        name,
        in: where,
        required: where === "path" || required.includes(name),
        schema: one,
    }));
}
