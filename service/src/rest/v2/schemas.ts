// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import {
    jsonName,
    nameOfPath,
    optionsOf,
    Variant,
    type ArgSpec,
    type InterfaceSpec,
    type MethodSpec,
    type OptionSpec,
    type Plain,
} from "../../client/index.js";

import { PRINTABLE } from "../errors.js";
import type { JsonSchema } from "../jsonschema.js";
import { kindOfPath } from "../state/objectcache.js";
import { dereferenced, referenceSchema } from "./references.js";

const LARGEST = Number.MAX_SAFE_INTEGER;
const INTEGERS: Readonly<Record<string, [number, number]>> = {
    y: [0, 255],
    n: [-32768, 32767],
    q: [0, 65535],
    i: [-2147483648, 2147483647],
    u: [0, 4294967295],
    x: [-LARGEST, LARGEST],
    t: [0, LARGEST],
};

/** Makes the schema of a D-Bus type, as a value has it in JSON. */
export function schemaOf(type: string): JsonSchema {
    const range = INTEGERS[type];
    if (range !== undefined) {
        return { type: "integer", minimum: range[0], maximum: range[1] };
    }
    switch (type) {
        case "b":
            return { type: "boolean" };
        case "d":
            return { type: "number" };
        case "s":
            return { type: "string", maxLength: 4096, pattern: PRINTABLE };
        case "o":
            return { type: ["string", "null"], format: "uri-reference" };
        case "a{sv}":
            return { type: "object" };
        case "v":
            return {};
    }
    if (type.startsWith("a{s")) {
        return { type: "object", additionalProperties: schemaOf(type.slice(3, -1)) };
    }
    if (type.startsWith("a")) {
        return { type: "array", items: schemaOf(type.slice(1)), maxItems: 4096 };
    }
    throw new Error(`There is no JSON for the D-Bus type ${type}.`);
}

/** Makes the schema of an option: its type, and the range, the choices and the words that its description has. */
export function optionSchema({
    type,
    doc,
    default: preset,
    minimum,
    maximum,
    choices,
    secret,
}: OptionSpec): JsonSchema {
    const schema: Record<string, unknown> = { ...schemaOf(type) };
    if (minimum !== undefined) {
        schema.minimum = minimum;
    }
    if (maximum !== undefined) {
        schema.maximum = maximum;
    }
    if (choices !== undefined && type === "as") {
        schema.items = { type: "string", enum: choices };
    } else if (choices !== undefined) {
        return { type: "string", enum: choices, description: described(doc, preset) };
    }
    return { ...schema, description: described(doc, preset), ...(secret === true ? { writeOnly: true } : {}) };
}

function described(doc: string, preset: string | undefined): string {
    return preset === undefined ? doc : `${doc} Default: ${preset}.`;
}

/** Lists the arguments of a method that have a place of their own. */
export function positionals(method: MethodSpec): readonly ArgSpec[] {
    return method.in.filter((arg) => !isOptions(arg));
}

function isOptions({ name, type }: ArgSpec): boolean {
    return name === "options" && type === "a{sv}";
}

/** Makes the schema of a body that carries the arguments and options of a method. */
export function bodySchema(method: MethodSpec): JsonSchema {
    const args = positionals(method);
    return {
        type: "object",
        properties: {
            ...Object.fromEntries(
                args.map(({ name, type, doc }) => [
                    jsonName(name),
                    referenceSchema(name, { ...schemaOf(type), description: doc }),
                ]),
            ),
            ...Object.fromEntries(
                Object.entries(optionsOf(method)).map(([name, option]) => [
                    jsonName(name),
                    referenceSchema(name, optionSchema(option)),
                ]),
            ),
        },
        required: args.map(({ name }) => jsonName(name)),
        additionalProperties: false,
    };
}

/** Takes the arguments of a method out of a body that its schema has accepted. @param cookie goes into the options */
export function argumentsOf(method: MethodSpec, body: Readonly<Record<string, unknown>>, cookie?: string): unknown[] {
    const given = Object.entries(optionsOf(method)).filter(([name]) => body[jsonName(name)] !== undefined);
    const options = new Map(
        given.map(([name, { type }]) => [name, new Variant(type, toBus(name, type, body[jsonName(name)]))]),
    );
    if (cookie !== undefined) {
        options.set("cookie", new Variant("s", cookie));
    }
    const args = positionals(method).map(({ name, type }) => toBus(name, type, body[jsonName(name)]));
    return method.in.some(isOptions) ? [...args, options] : args;
}

function toBus(name: string, type: string, value: unknown): unknown {
    return type === "t" || type === "x" ? BigInt(value as number) : dereferenced(name, type, value);
}

/** Makes the schema of an object of an interface, as {@link viewOf} shows it. */
export function objectSchema(spec: InterfaceSpec): JsonSchema {
    const properties = Object.entries(spec.properties).map(([name, { type, doc }]) => [
        jsonName(name),
        { ...schemaOf(type), description: doc },
    ]);
    return {
        type: "object",
        description: spec.doc,
        properties: { self: { type: "string", format: "uri-reference" }, ...Object.fromEntries(properties) },
        required: ["self", ...properties.map(([name]) => name)],
    };
}

/** Gives the URL of the object at a path of the service; null for any other. */
export function urlOf(path: string): string | null {
    const kind = kindOfPath(path);
    return kind === undefined ? null : `/v2/${kind}/${encodeURIComponent(nameOfPath(path))}`;
}

/** Turns a value from the bus into JSON: object paths become URLs, dictionaries objects. */
export function fromBus(type: string, value: unknown): Plain {
    if (value instanceof Variant) {
        return fromBus(value.signature, value.value);
    }
    if (type === "o") {
        return urlOf(value as string);
    }
    if (value instanceof Map) {
        const inner = type.slice(3, -1);
        return Object.fromEntries(
            [...(value as Map<string, unknown>)].map(([key, item]) => [jsonName(key), fromBus(inner, item)]),
        );
    }
    return Array.isArray(value) ? value.map((item) => fromBus(type.slice(1), item)) : (value as Plain);
}

/** Turns an object's properties into JSON, in the order of the description. */
export function viewOf(spec: InterfaceSpec, properties: Readonly<Record<string, unknown>>): Record<string, Plain> {
    const entries = Object.entries(spec.properties).filter(([name]) => properties[name] !== undefined);
    return Object.fromEntries(entries.map(([name, { type }]) => [jsonName(name), fromBus(type, properties[name])]));
}
