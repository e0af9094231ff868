// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { JsonSchema } from "../jsonschema.js";
import { THROUGH_STATISTICS, WRITEBACK_STATISTICS } from "../../statisticnames.js";

const text: JsonSchema = { type: "string" };
const whole: JsonSchema = { type: "integer" };
const list = (items: JsonSchema): JsonSchema => ({ type: "array", items });

/** Makes the schema of an object with these keys and no others, all required except the optional ones. */
function object(properties: Readonly<Record<string, JsonSchema>>, ...optional: string[]): JsonSchema {
    const required = Object.keys(properties).filter((key) => !optional.includes(key));
    return { type: "object", properties, required, additionalProperties: false };
}

function both(one: JsonSchema, other: JsonSchema): JsonSchema {
    return { type: "array", prefixItems: [one, other], items: false };
}

const PORTS = list(object({ port: whole, address: text, protocol: text }));
const counts = (names: readonly string[]): JsonSchema =>
    object({ device: text, ...Object.fromEntries(names.map((name) => [name, whole])) });
const VOLUME = object({
    device: text,
    size: whole,
    usage: whole,
    status: { enum: ["locked", "unlocked", "unavailable"] },
});
const CACHE = object({ device: text, cache: text, source: text, mode: text });
const TARGET = object({
    nqn: text,
    namespace: whole,
    device: text,
    enabled: { enum: ["true", "false"] },
    allowed_hosts: list(object({ host: text })),
    assigned_ports: PORTS,
});

/** What a change answers, and whatever fails. */
export const STATUS = object({ status: { enum: ["Success", "Failed"] }, message: text }, "message");

/** What each reading endpoint answers, by its name. */
export const ANSWERS: Readonly<Record<string, JsonSchema>> = {
    checkServiceStatus: object({ status: text, version: text }),
    listAllResources: object({
        resources: both(
            object({ memory: list(object({ mem_total: whole, mem_free: whole })) }),
            object({ volumes: list(object({ device: text, size: whole, vendor: text, model: text })) }),
        ),
    }),
    listRapidDiskVolumes: object({
        volumes: both(object({ rapiddisk: list(VOLUME) }), object({ rapiddisk_cache: list(CACHE) })),
    }),
    showRapidDiskCacheStats: object({
        statistics: list(
            object({ cache_stats: list({ anyOf: [counts(THROUGH_STATISTICS), counts(WRITEBACK_STATISTICS)] }) }),
        ),
    }),
    listAllNVMeTargets: object({ targets: list(object({ nvmet_targets: list(TARGET) })) }),
    listAllNVMePorts: object({ targets: list(object({ nvmet_ports: PORTS })) }),
};
