// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { MODE_WORDS, MODES, modeOfWord } from "../../facts/modes.js";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { CHANGES, type ActionArguments } from "../../upstream/actions.js";
import { render, statusObject } from "../../upstream/json.js";
import { ActionError } from "../../upstream/outcome.js";
import { MOST_MEBIBYTES } from "../../upstream/sizes.js";
import type { Scope } from "../../facts/scopes.js";
import { caller, type BridgeContext, sendJson } from "../context.js";
import { statusOfKind, toHttpError } from "../errors.js";
import type { Source } from "../fastpath.js";
import { inventory, nvme, serviceStatus, statistics, stateOf, volumeList } from "./answers.js";
import { ANSWERS, STATUS } from "./shapes.js";

/** What a segment of the path that names something may be; nothing of it can lead out of a folder. */
const NAME = {
    type: "string",
    pattern: "^(?!\\.{1,2}$)[A-Za-z0-9_.:+@=-]{1,255}$",
    description: "a name, without any /",
} as const;
const MEBIBYTES = {
    type: "string",
    pattern: "^0*[1-9][0-9]{0,14}$",
    description: `a number of MiB, 1 to ${MOST_MEBIBYTES}, in digits without a unit, for example 64`,
} as const;
const POLICY = { type: "string", enum: MODE_WORDS } as const;

/** Upstream's letters for a mode; empty when it is not one. */
function lettersOf(policy = ""): string {
    const mode = modeOfWord(policy);
    return mode === undefined ? "" : MODES[mode].letters;
}

type Params = Record<string, string>;

/** The changes: what the URL says, the action of the old notation, and how the URL's parts go into it. */
const POSTS: readonly [
    url: string,
    action: string,
    summary: string,
    order: (params: Params) => ActionArguments,
    scope?: Scope,
][] = [
    ["createRapidDisk/:size", "a", "Create a RAM disk", ({ size }) => ({ name: "", size: size! })],
    ["resizeRapidDisk/:volume/:size", "r", "Resize a RAM disk", ({ volume, size }) => ({ name: volume!, size: size! })],
    ["removeRapidDisk/:volume", "d", "Remove a RAM disk", ({ volume }) => ({ name: volume! })],
    ["flushRapidDisk/:volume", "f", "Erase the contents of a RAM disk", ({ volume }) => ({ name: volume! })],
    ["lockRapidDisk/:volume", "L", "Make a RAM disk read-only", ({ volume }) => ({ name: volume! })],
    ["unlockRapidDisk/:volume", "U", "Make a RAM disk writable", ({ volume }) => ({ name: volume! })],
    [
        "createRapidDiskCache/:volume/:source/:policy",
        "m",
        "Put a RAM disk as a cache in front of /dev/SOURCE",
        ({ volume, source, policy }) => ({
            name: volume!,
            device: `/dev/${source!}`,
            policy: lettersOf(policy),
        }),
    ],
    ["removeRapidDiskCache/:mapping", "u", "Remove a cache mapping", ({ mapping }) => ({ name: mapping! })],
];

const SHAPES: Readonly<Record<string, object>> = { size: MEBIBYTES, policy: POLICY };

function paramsSchema(url: string): object {
    const names = [...url.matchAll(/:([a-z]+)/g)].map(([, name]) => name!);
    return {
        type: "object",
        properties: Object.fromEntries(names.map((name) => [name, SHAPES[name] ?? NAME])),
        required: names,
    };
}

/** Adds the 14 endpoints. Bodies and query strings are ignored, as they were. @returns what is asked again and again */
export function v1Routes(app: FastifyInstance, context: BridgeContext): Map<string, Source> {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, _body, done) => done(null, undefined));
    app.setErrorHandler((error, request, reply) => answerV1(context, error, request, reply));
    const [status, list] = [serviceStatus(context), volumeList(context)];
    const gets: readonly [string, string, (request: FastifyRequest) => string | Buffer | Promise<string | Buffer>][] = [
        ["checkServiceStatus", "Whether the service is there, and its version", async () => (await status.make()).text],
        ["listAllResources", "Memory and block devices", () => inventory(context)],
        ["listRapidDiskVolumes", "RAM disks and cache mappings", async () => (await list.make()).text],
        [
            "showRapidDiskCacheStats/:mapping",
            "Statistics of a cache mapping",
            (request) => statistics(context, (request.params as Params).mapping!, caller(request)),
        ],
        ["listAllNVMeTargets", "NVMe exports", () => nvme(context, "targets")],
        ["listAllNVMePorts", "NVMe ports", () => nvme(context, "ports")],
    ];
    for (const [url, summary, answer] of gets) {
        const response = { 200: ANSWERS[url.split("/")[0]!]!, default: STATUS };
        const schema = { summary, tags: ["v1"], params: paramsSchema(url), response };
        app.get(`/v1/${url}`, { schema, config: { v1: true, scope: "read" } }, async (request, reply) =>
            sendJson(reply, await answer(request)),
        );
    }
    for (const [url, action, summary, order] of POSTS) {
        const response = { 200: STATUS, default: STATUS };
        const schema = { summary, tags: ["v1"], params: paramsSchema(url), response };
        const scope = ({ policy }: Params): Scope => (lettersOf(policy) === "wb" ? "admin" : "operate");
        app.post(`/v1/${url}`, { schema, config: { v1: true, scope } }, async (request, reply) => {
            await context.objects.whenPresent();
            const given = order(request.params as Params);
            const message = await CHANGES[action]!(stateOf(context, caller(request)), given);
            return sendJson(reply, render(statusObject("Success", message)));
        });
    }
    return new Map([
        ["/v1/checkServiceStatus", status.ready],
        ["/v1/listRapidDiskVolumes", list.ready],
    ]);
}

/** Whether rapiddisk 9 answered with 400 where we answer with this; everything else was 200 there. */
function wasBadRequest(error: unknown, request: FastifyRequest): boolean {
    const { validation } = error as { validation?: { params: Params; instancePath: string }[] };
    const stats = request.routeOptions.url?.includes("showRapidDiskCacheStats") === true;
    return stats || validation?.[0]?.instancePath === "/policy";
}

/** Answers with an error in the shape of rapiddisk 9. */
export function answerV1(
    context: BridgeContext,
    error: unknown,
    request: FastifyRequest,
    reply: FastifyReply,
): FastifyReply {
    const { statusCode, message, headers } = toHttpError(error);
    let status = error instanceof ActionError ? statusOfKind(error.kind) : statusCode;
    const text = error instanceof ActionError ? error.message : message;
    const refused = status === 401 || status === 403 || status === 421 || status === 429;
    if (context.settings.v1Status === "upstream" && !refused) {
        status = wasBadRequest(error, request) || request.routeOptions.url === undefined ? 400 : 200;
    }
    return sendJson(reply.code(status).headers(headers), render(statusObject("Failed", text)));
}
