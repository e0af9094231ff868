// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { ANNOTATION } from "../../facts/busnames.js";
import type { ArgSpec, InterfaceSpec, OptionSpecs } from "../api.js";
import { defined } from "../../system/defined.js";

const DOCTYPE =
    '<!DOCTYPE node PUBLIC "-//freedesktop//DTD D-BUS Object Introspection 1.0//EN"\n' +
    ' "http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd">\n';
const DOC = "org.gtk.GDBus.DocString";
const EMITS = "org.freedesktop.DBus.Property.EmitsChangedSignal";

const known = new WeakMap<InterfaceSpec, string>();

/**
 * Introspection data of one node (D-Bus specification, "Introspection Data Format").
 * @param specs interfaces of the object; none when only a path leads through here
 * @param children names of the nodes directly below
 */
export function introspectionXml(specs: Iterable<InterfaceSpec>, children: Iterable<string>): string {
    let xml = `${DOCTYPE}<node>\n`;
    for (const spec of specs) xml += interfaceXml(spec);
    for (const child of children) xml += `  <node name="${child}"/>\n`;
    return `${xml}</node>\n`;
}

function interfaceXml(spec: InterfaceSpec): string {
    let xml = known.get(spec);
    if (xml === undefined) {
        xml = element("interface", { name: spec.name }, 1, [
            annotation(DOC, spec.doc, 2),
            ...optionAnnotations(ANNOTATION.commonOption, spec.commonOptions, 2),
            ...Object.entries(spec.methods).map(([name, method]) =>
                element("method", { name }, 2, [
                    annotation(DOC, method.doc, 3),
                    ...(method.action === undefined ? [] : [annotation(ANNOTATION.action, method.action, 3)]),
                    ...method.in.map((arg) => argument(arg, "in")),
                    ...method.out.map((arg) => argument(arg, "out")),
                ]),
            ),
            ...Object.entries(spec.properties).map(([name, { type, access, emits, doc }]) =>
                element("property", { name, type, access }, 2, [annotation(DOC, doc, 3), annotation(EMITS, emits, 3)]),
            ),
            ...Object.entries(spec.signals).map(([name, signal]) =>
                element("signal", { name }, 2, [
                    annotation(DOC, signal.doc, 3),
                    ...signal.args.map((arg) => argument(arg)),
                ]),
            ),
        ]);
        known.set(spec, xml);
    }
    return xml;
}

function argument(arg: ArgSpec, direction?: "in" | "out"): string {
    const attributes = { name: arg.name, type: arg.type, ...defined({ direction }) };
    return element("arg", attributes, 3, [
        annotation(DOC, arg.doc, 4),
        ...optionAnnotations(ANNOTATION.option, arg.options, 4),
    ]);
}

/** Writes the descriptions of options (dbus/README.md) as the same annotations as in dbus/*.xml. */
function optionAnnotations(prefix: string, options: OptionSpecs = {}, depth: number): string[] {
    return Object.entries(options).flatMap(([key, { type, choices, ...facts }]) => [
        annotation(`${prefix}${key}`, type, depth),
        ...Object.entries({ ...facts, choices: choices?.join(" ") }).flatMap(([fact, value]) =>
            value === undefined
                ? []
                : [annotation(`${prefix}${key}.${fact[0]!.toUpperCase()}${fact.slice(1)}`, String(value), depth)],
        ),
    ]);
}

function annotation(name: string, value: string, depth: number): string {
    return element("annotation", { name, value }, depth, []);
}

function element(tag: string, attributes: Record<string, string>, depth: number, children: string[]): string {
    const indent = "  ".repeat(depth);
    const text = Object.entries(attributes)
        .map(([name, value]) => ` ${name}="${escape(value)}"`)
        .join("");
    if (children.length === 0) return `${indent}<${tag}${text}/>\n`;
    return `${indent}<${tag}${text}>\n${children.join("")}${indent}</${tag}>\n`;
}

function escape(text: string): string {
    return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
