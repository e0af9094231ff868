// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Bodies may name an object as answers do, by its URL; the bus takes names, paths of devices and numbers. */
import type { ObjectKind } from "../../facts/busnames.js";
import type { JsonSchema } from "../jsonschema.js";

/** What the bus takes for an object of each kind. */
const ON_THE_BUS: Readonly<Partial<Record<ObjectKind, (name: string) => string>>> = {
    volumes: (name) => `/dev/${name}`,
    caches: (name) => `/dev/mapper/${name}`,
    ports: (name) => name,
};

/** Arguments and options that name a volume, a device or ports. */
const REFERENCES: readonly string[] = ["volume", "source", "device", "port", "ports"];

/** Adds to the schema of an argument or option that the URL of an object is taken. */
export function referenceSchema(name: string, schema: JsonSchema): JsonSchema {
    if (!REFERENCES.includes(name)) {
        return schema;
    }
    const isNumber = schema.type === "integer";
    const kinds = isNumber || name === "ports" ? ["ports"] : Object.keys(ON_THE_BUS).filter((kind) => kind !== "ports");
    return {
        ...schema,
        ...(isNumber ? { type: ["integer", "string"], pattern: "^/v2/ports/[1-9][0-9]{0,4}$" } : {}),
        description: `${String(schema.description)} Or its URL: ${kinds.map((kind) => `/v2/${kind}/…`).join(", ")}`,
    };
}

/**
 * Turns the URL of an object into what the bus takes for it.
 * @param name of the argument or option
 * @param type of it on the bus
 * @param value as the body has it; anything but a URL of an object is left for the service to judge
 */
export function dereferenced(name: string, type: string, value: unknown): unknown {
    if (!REFERENCES.includes(name)) {
        return value;
    }
    if (Array.isArray(value)) {
        return value.map((item) => dereferenced(name, type.slice(1), item));
    }
    const [, kind, label] = (typeof value === "string" && /^\/v2\/([a-z]+)\/([^/]+)$/.exec(value)) || [];
    const write = kind !== undefined && Object.hasOwn(ON_THE_BUS, kind) ? ON_THE_BUS[kind as ObjectKind] : undefined;
    if (write === undefined) {
        return value;
    }
    const found = write(decoded(label!));
    return type === "s" ? found : Number(found);
}

function decoded(label: string): string {
    try {
        return decodeURIComponent(label);
    } catch {
        return label;
    }
}
