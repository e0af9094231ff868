// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { ArgSpec, InterfaceSpec, OptionSpecs } from "../../service/src/bus/api.js";
import { parseSignature, type Type } from "../../service/src/bus/wire/signature.js";
import { shortName } from "./names.js";

/** Text of types.ts: the TypeScript types of properties and methods of every interface. */
export function typesText(interfaces: readonly InterfaceSpec[]): string {
    const lines = [
        "// SPDX-License-Identifier: LGPL-2.1-or-later",
        "// Copyright (C) 2026 The RapidDisk Manager authors",
        "// Generated from dbus/*.xml by tools/generate.ts: do not edit.",
        'import type { Variant } from "../bus/api.js";',
        "",
        "/** A dictionary to send: a Map or a plain object. */",
        "export type Dictionary<V> = ReadonlyMap<string, V> | Readonly<Record<string, V>>;",
    ];
    for (const spec of interfaces) {
        const short = shortName(spec.name);
        lines.push("", `/** Properties of ${spec.name}. */`, `export interface ${short}Properties {`);
        for (const [name, property] of Object.entries(spec.properties)) {
            const lock = property.access === "read" ? "readonly " : "";
            lines.push(`    /** ${comment(property.doc)} */`, `    ${lock}${name}: ${received(one(property.type))};`);
        }
        lines.push("}", "", `/** Methods of ${spec.name}. */`, `export interface ${short}Methods {`);
        for (const [name, method] of Object.entries(spec.methods)) {
            lines.push(...methodDoc(method.doc, method.in, method.out, method.action));
            const args = method.in.map((arg) => `${identifier(arg.name)}: ${sent(one(arg.type))}`).join(", ");
            lines.push(`    ${name}(${args}): Promise<${result(method.out)}>;`);
        }
        lines.push("}");
    }
    lines.push("", "/** Properties of every interface, by its name. */", "export interface PropertiesOf {");
    for (const spec of interfaces) lines.push(`    ${JSON.stringify(spec.name)}: ${shortName(spec.name)}Properties;`);
    lines.push("}", "", "/** Methods of every interface, by its name. */", "export interface MethodsOf {");
    for (const spec of interfaces) lines.push(`    ${JSON.stringify(spec.name)}: ${shortName(spec.name)}Methods;`);
    lines.push("}", "", ...optionTypes(interfaces), "");
    return lines.join("\n");
}

/** Types of the options of every method that has options, and of those that all of them share. */
function optionTypes(interfaces: readonly InterfaceSpec[]): string[] {
    const lines = ["/** Options of every method with options, by the short name of its interface and its own name. */"];
    lines.push("export interface OptionsOf {");
    for (const { name, options } of methodsWithOptions(interfaces)) {
        const members = optionMembers(options).map((line) => `    ${line}`);
        const type = members.length === 0 ? ["Readonly<Record<never, never>>;"] : ["{", ...members, "    };"];
        lines.push(`    ${JSON.stringify(name)}: ${type.join("\n")}`);
    }
    lines.push("}", "", "/** Options that each of them takes besides. */", "export interface CommonOptions {");
    for (const { commonOptions = {} } of interfaces) lines.push(...optionMembers(commonOptions));
    return [...lines, "}"];
}

/** A method with options. */
interface MethodWithOptions {
    spec: InterfaceSpec;
    member: string;
    /** Short name of the interface, a dot and the name of the method. */
    name: string;
    options: OptionSpecs;
}

/** Every method that takes options. */
export function methodsWithOptions(interfaces: readonly InterfaceSpec[]): MethodWithOptions[] {
    return interfaces.flatMap((spec) =>
        Object.entries(spec.methods).flatMap(([member, method]) => {
            const { options } = method.in.at(-1) ?? {};
            return options === undefined ? [] : [{ spec, member, name: `${shortName(spec.name)}.${member}`, options }];
        }),
    );
}

function optionMembers(options: OptionSpecs): string[] {
    return Object.entries(options).flatMap(([key, { type, doc, choices }]) => {
        const word = choices === undefined ? "string" : choices.map((one) => JSON.stringify(one)).join(" | ");
        const list = choices === undefined ? "string[]" : `(${word})[]`;
        const value = { b: "boolean", u: "number", s: word, as: list }[type];
        return [`    /** ${comment(doc)} */`, `    readonly ${JSON.stringify(key)}?: ${value} | undefined;`];
    });
}

function methodDoc(text: string, args: readonly ArgSpec[], out: readonly ArgSpec[], action?: string): string[] {
    const lines = ["    /**", `     * ${comment(text)}`];
    for (const arg of args) lines.push(`     * @param ${identifier(arg.name)} ${comment(arg.doc)}`);
    for (const arg of out) lines.push(`     * @returns ${comment(arg.doc)}`);
    if (action !== undefined) lines.push(`     * Authorized by the polkit action ${action}.`);
    return [...lines, "     */"];
}

/** Text that cannot end the comment it stands in. */
export function comment(text: string): string {
    return text.replaceAll("*/", "* /");
}

function result(out: readonly ArgSpec[]): string {
    if (out.length === 0) return "void";
    const types = out.map((arg) => received(one(arg.type)));
    return types.length === 1 ? types.join("") : `[${types.join(", ")}]`;
}

function one(signature: string): Type {
    const type = parseSignature(signature)?.[0];
    if (type === undefined) throw new Error(`${signature} is not a type`);
    return type;
}

/** Argument names of the bus may hold dashes; those of TypeScript may not. */
function identifier(name: string): string {
    return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** Type of a value that came from the bus. */
function received(type: Type): string {
    const basic = scalar(type.code);
    if (basic !== undefined) return basic;
    if (type.code === "x" || type.code === "t") return "bigint";
    if (type.code === "(") return `[${type.children.map(received).join(", ")}]`;
    const element = only(type);
    if (element.code === "y") return "Uint8Array";
    if (element.code === "{") return `Map<${element.children.map(received).join(", ")}>`;
    return `${received(element)}[]`;
}

/** Type of a value to send: wider than what is received. */
function sent(type: Type): string {
    const basic = scalar(type.code);
    if (basic !== undefined) return basic;
    if (type.code === "x" || type.code === "t") return "bigint | number";
    if (type.code === "(") return `readonly [${type.children.map(sent).join(", ")}]`;
    const element = only(type);
    if (element.code === "y") return "Uint8Array";
    if (element.code === "{") {
        const [key, value] = element.children.map(sent);
        return key === "string" ? `Dictionary<${value}>` : `ReadonlyMap<${key}, ${value}>`;
    }
    return `readonly (${sent(element)})[]`;
}

function scalar(code: string): string | undefined {
    if ("ynqiud".includes(code)) return "number";
    if ("sog".includes(code)) return "string";
    if (code === "b") return "boolean";
    return code === "v" ? "Variant" : undefined;
}

function only(type: Type): Type {
    const element = type.children[0];
    if (element === undefined) throw new Error(`array without an element type: ${type.signature}`);
    return element;
}
