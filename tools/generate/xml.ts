// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { ANNOTATION } from "../../service/src/facts/busnames.js";
import type { ArgSpec, InterfaceSpec } from "../../service/src/bus/api.js";
import { parseSignature } from "../../service/src/bus/wire/signature.js";
import { readOptions } from "./options.js";

const DOC = "org.gtk.GDBus.DocString";
const EMITS = "org.freedesktop.DBus.Property.EmitsChangedSignal";
const LISTS = ["interface", "method", "property", "signal", "arg", "annotation"];

type Element = Record<string, unknown>;
type Property = InterfaceSpec["properties"][string];

/**
 * Reads the interfaces of one introspection file.
 * @param text the XML
 * @param file its name, for errors
 * @throws Error when the XML is malformed, a signature is invalid or holds `h`, or a member has no documentation,
 *         or an option is not described as dbus/README.md says
 */
export function readInterfaces(text: string, file: string): InterfaceSpec[] {
    const valid = XMLValidator.validate(text);
    if (valid !== true) throw new Error(`${file}:${valid.err.line}: ${valid.err.msg}`);
    const parser = new XMLParser({
        ignoreAttributes: false,
        attributeNamePrefix: "@",
        isArray: (name) => LISTS.includes(name),
        parseAttributeValue: false,
        processEntities: true,
    });
    const document = parser.parse(text) as { node?: Element };
    return children(document.node ?? {}, "interface").map((element) => readInterface(element, file));
}

function readInterface(element: Element, file: string): InterfaceSpec {
    const name = attribute(element, "name", file);
    const where = (member: string) => `${file}: ${name}.${member}`;
    const common = readOptions(annotations(element), ANNOTATION.commonOption, `${file}: ${name}`);
    const spec: InterfaceSpec = {
        name,
        doc: doc(element, `${file}: ${name}`),
        ...(Object.keys(common).length === 0 ? {} : { commonOptions: common }),
        methods: {},
        properties: {},
        signals: {},
    };
    for (const method of children(element, "method")) {
        const member = attribute(method, "name", file);
        const args = children(method, "arg");
        const side = (direction: string) =>
            args.filter((arg) => (arg["@direction"] ?? "in") === direction).map((arg) => readArg(arg, where(member)));
        const action = annotation(method, ANNOTATION.action);
        spec.methods[member] = {
            in: side("in"),
            out: side("out"),
            doc: doc(method, where(member)),
            ...(action === undefined ? {} : { action }),
        };
    }
    for (const property of children(element, "property")) {
        const member = attribute(property, "name", file);
        spec.properties[member] = {
            type: signature(attribute(property, "type", where(member)), where(member)),
            access: oneOf(attribute(property, "access", where(member)), ["read", "readwrite"], where(member)),
            emits: readEmits(annotation(property, EMITS), where(member)),
            doc: doc(property, where(member)),
        };
    }
    for (const signal of children(element, "signal")) {
        const member = attribute(signal, "name", file);
        const args = children(signal, "arg").map((arg) => readArg(arg, where(member)));
        spec.signals[member] = { args, doc: doc(signal, where(member)) };
    }
    return spec;
}

function readArg(element: Element, where: string): ArgSpec {
    const name = attribute(element, "name", where);
    const type = signature(attribute(element, "type", where), where);
    const options = readOptions(annotations(element), ANNOTATION.option, `${where}(${name})`);
    const takesOptions = name === "options" && type === "a{sv}" && element["@direction"] === "in";
    if (!takesOptions && Object.keys(options).length > 0) {
        throw new Error(`${where}(${name}): only an argument "options" of the type a{sv} can have options`);
    }
    return { name, type, doc: doc(element, `${where}(${name})`), ...(takesOptions ? { options } : {}) };
}

function readEmits(value: string | undefined, where: string): Property["emits"] {
    return oneOf(value ?? "true", ["true", "const", "false", "invalidates"], where);
}

function signature(text: string, where: string): string {
    if (text.includes("h")) throw new Error(`${where}: type ${text} holds a file descriptor, which is not supported`);
    const types = parseSignature(text);
    if (types === undefined || types.length !== 1) {
        throw new Error(`${where}: ${text} is not exactly one complete type`);
    }
    return text;
}

function oneOf<T extends string>(value: string, allowed: readonly T[], where: string): T {
    const found = allowed.find((word) => word === value);
    if (found === undefined) throw new Error(`${where}: "${value}" should be one of ${allowed.join(", ")}`);
    return found;
}

function children(element: Element, name: string): Element[] {
    return (element[name] as Element[] | undefined) ?? [];
}

function attribute(element: Element, name: string, where: string): string {
    const value = element[`@${name}`];
    if (typeof value !== "string" || value === "") throw new Error(`${where}: attribute ${name} is missing`);
    return value;
}

function annotation(element: Element, name: string): string | undefined {
    return annotations(element).find(([key]) => key === name)?.[1];
}

function annotations(element: Element): [name: string, value: string][] {
    return children(element, "annotation").map((child) => [String(child["@name"]), String(child["@value"])]);
}

function doc(element: Element, where: string): string {
    const text = annotation(element, DOC);
    if (!text) throw new Error(`${where}: has no ${DOC} annotation; every member and argument is documented`);
    return text;
}
