// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { ArgSpec, InterfaceSpec } from "../api.js";
import { parseSignature, parseSingle, type Type } from "../wire/signature.js";

/** A method of a spec, made ready for dispatch. */
export interface CompiledMethod {
    readonly name: string;
    readonly in: readonly ArgSpec[];
    /** Signature of all in arguments together. */
    readonly inSignature: string;
    readonly outSignature: string;
    /** It does nothing but answer: it needs no authorization and has something to give back. */
    readonly onlyAnswers: boolean;
}

/** A property of a spec, made ready for encoding. */
export interface CompiledProperty {
    readonly name: string;
    readonly type: Type;
    readonly spec: InterfaceSpec["properties"][string];
}

/** An interface spec, made ready for use. */
export interface Compiled {
    readonly spec: InterfaceSpec;
    readonly methods: ReadonlyMap<string, CompiledMethod>;
    readonly properties: ReadonlyMap<string, CompiledProperty>;
}

const known = new WeakMap<InterfaceSpec, Compiled>();

/**
 * Prepares a spec; the result is remembered, since many objects share one.
 * @throws Error when a signature of the spec is not valid
 */
export function compile(spec: InterfaceSpec): Compiled {
    let compiled = known.get(spec);
    if (compiled === undefined) {
        compiled = { spec, methods: compileMethods(spec), properties: compileProperties(spec) };
        known.set(spec, compiled);
    }
    return compiled;
}

function compileMethods(spec: InterfaceSpec): Map<string, CompiledMethod> {
    const methods = new Map<string, CompiledMethod>();
    for (const [name, method] of Object.entries(spec.methods)) {
        const inSignature = signature(method.in, spec, name);
        const outSignature = signature(method.out, spec, name);
        const onlyAnswers = method.action === undefined && outSignature !== "";
        methods.set(name, { name, in: method.in, inSignature, outSignature, onlyAnswers });
    }
    return methods;
}

function compileProperties(spec: InterfaceSpec): Map<string, CompiledProperty> {
    const properties = new Map<string, CompiledProperty>();
    for (const [name, property] of Object.entries(spec.properties)) {
        const type = parseSingle(property.type);
        if (type === undefined) throw new Error(`${spec.name}.${name}: "${property.type}" is not exactly one type`);
        properties.set(name, { name, type, spec: property });
    }
    return properties;
}

function signature(args: readonly ArgSpec[], spec: InterfaceSpec, member: string): string {
    const text = args.map((arg) => arg.type).join("");
    if (parseSignature(text) === undefined) throw new Error(`${spec.name}.${member}: "${text}" is not a signature`);
    return text;
}
