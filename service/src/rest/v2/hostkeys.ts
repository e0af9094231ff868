// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { INTERFACE } from "../../facts/busnames.js";
import { options, renderJson, request, type Plain } from "../../client/index.js";
import type { caller, BridgeContext } from "../context.js";
import type { HttpAnswer } from "./answer.js";
import type { ApiOperation } from "./operations.js";
import type { JsonSchema } from "../jsonschema.js";

/** Methods for which the service makes keys of hosts, and how the body names the hosts. */
const HOSTS_OF: Readonly<Record<string, (body: Readonly<Record<string, unknown>>) => unknown>> = {
    CreateExport: ({ hosts }) => hosts,
    AllowHost: ({ host }) => [host],
};

/** Whether the answer to a change may hold keys. */
export function answersKeys({ member }: Pick<ApiOperation, "member">): boolean {
    return Object.hasOwn(HOSTS_OF, member);
}

/** Makes the schema of an answer with the keys that were made. */
export function withKeys(schema: JsonSchema): JsonSchema {
    const keys = {
        type: "object",
        additionalProperties: { type: "string" },
        readOnly: true,
        description: "Keys that were made for hosts, by their NQNs: no other answer has them",
    };
    return { ...schema, properties: { ...(schema.properties as JsonSchema), keys } };
}

/**
 * Takes the keys that the service made for the hosts of a change, and puts them into its answer: the one place where they are shown.
 * @param path of the export
 * @param keyed hosts of it that have a key: the others are not asked for
 */
export async function plusKeys(
    { performer }: Pick<BridgeContext, "performer">,
    { member }: Pick<ApiOperation, "member">,
    from: { body: unknown; caller: ReturnType<typeof caller> },
    { path, keyed }: { path: string; keyed: readonly string[] },
    answer: HttpAnswer,
): Promise<HttpAnswer> {
    const named = HOSTS_OF[member]?.((from.body ?? {}) as Record<string, unknown>);
    const hosts = (Array.isArray(named) ? (named as string[]) : []).filter((host) => keyed.includes(host));
    if (hosts.length === 0) {
        return answer;
    }
    // What was asked for is done, whether they can be had or not: a key that is lost is replaced by host-keys.
    const taken = await performer
        .send(request(INTERFACE.export, path, "TakeHostKeys", hosts, options()), from.caller)
        .catch(() => new Map<string, string>());
    if (taken.size === 0) {
        return answer;
    }
    const shown = { ...(JSON.parse(answer.text) as Record<string, Plain>), keys: Object.fromEntries(taken) };
    return { ...answer, headers: { ...answer.headers, "cache-control": "no-store" }, text: renderJson(shown, 0) };
}
