// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { readFileSync } from "node:fs";
import { Variant } from "../api.js";
import { clipped, standardError } from "../errors.js";
import type { BodyWriter } from "../wire/header.js";
import type { RunningCall } from "./callers.js";
import type { ExportedInterface, ExportedObject } from "./exported.js";
import { ManagedObjects } from "./managed.js";
import type { ObjectTree } from "./objects.js";
import { introspectableInterface, objectManagerInterface, peerInterface, propertiesInterface } from "./standard.js";

/** Body of a reply, for the out signature of the method; undefined when it has no out arguments. */
export type ReplyBody = BodyWriter | undefined;
/** A standard method. The object is undefined where only a path is. */
export type Builtin = (
    args: readonly unknown[],
    object: ExportedObject,
    call: RunningCall,
) => ReplyBody | Promise<ReplyBody>;

/** Methods of the standard interfaces. */
export function builtinMethods(tree: ObjectTree): Map<string, Record<string, Builtin>> {
    const managed = new ManagedObjects(tree);
    return new Map<string, Record<string, Builtin>>([
        [peerInterface.name, { Ping: () => undefined, GetMachineId: () => string(machineId()) }],
        [introspectableInterface.name, { Introspect: (_args, _object, call) => introspect(tree, call.path) }],
        [
            propertiesInterface.name,
            {
                Get: ([iface, name], object) => get(object, iface as string, name as string),
                GetAll: ([iface], object) => getAll(object, iface as string),
                Set: ([iface, name, value], object, call) =>
                    set(object, iface as string, name as string, value as Variant, call),
            },
        ],
        [objectManagerInterface.name, { GetManagedObjects: () => managed.answer() }],
    ]);
}

function introspect(tree: ObjectTree, path: string): ReplyBody {
    const xml = tree.introspect(path);
    if (xml === undefined) throw standardError("UnknownObject", `There is no object at ${clipped(path)}.`);
    return string(xml);
}

function get(object: ExportedObject, iface: string, name: string): ReplyBody | Promise<ReplyBody> {
    const exported = findProperty(object, iface, name);
    const { type } = exported.compiled.properties.get(name) as { type: { signature: string } };
    const value = exported.values.get(name);
    if (typeof value !== "function") return variant(type.signature, value);
    const current = exported.read(value as () => unknown);
    if (!(current instanceof Promise)) return variant(type.signature, current);
    return current.then((result) => variant(type.signature, result));
}

function getAll(object: ExportedObject, iface: string): ReplyBody | Promise<ReplyBody> {
    const of = iface === "" ? [...object.interfaces.values()] : [findInterface(object, iface)];
    const readings = object.read();
    const write =
        (settled: typeof readings): BodyWriter =>
        (writer) =>
            object.writeProperties(writer, of, settled);
    if (!readings.some(isPromise)) return write(readings);
    return object.settle(readings).then(write);
}

function set(
    object: ExportedObject,
    iface: string,
    name: string,
    value: Variant,
    call: RunningCall,
): ReplyBody | Promise<ReplyBody> {
    const exported = findProperty(object, iface, name);
    const { type, spec } = exported.compiled.properties.get(name) as {
        type: { signature: string };
        spec: { access: string };
    };
    const setter = Object.hasOwn(exported.setters, name) ? exported.setters[name] : undefined;
    if (spec.access === "read" || setter === undefined) {
        throw standardError("PropertyReadOnly", `The property ${name} cannot be set.`);
    }
    if (value.signature !== type.signature) {
        throw standardError("InvalidArgs", `${name} is of type "${type.signature}", not "${value.signature}".`);
    }
    return setter(value.value, call)?.then(() => undefined);
}

function findInterface(object: ExportedObject, name: string): ExportedInterface {
    const found = object.interfaces.get(name);
    if (found === undefined) {
        throw standardError("UnknownInterface", `${object.path} has no interface ${clipped(name)} with properties.`);
    }
    return found;
}

function findProperty(object: ExportedObject, iface: string, name: string): ExportedInterface {
    const candidates = iface === "" ? object.interfaces.values() : [findInterface(object, iface)];
    for (const exported of candidates) if (exported.compiled.properties.has(name)) return exported;
    throw standardError("UnknownProperty", `${clipped(iface || object.path)} has no property ${clipped(name)}.`);
}

function machineId(): string {
    for (const file of ["/etc/machine-id", "/var/lib/dbus/machine-id"]) {
        try {
            const id = readFileSync(file, "ascii").trim();
            if (/^[0-9a-f]{32}$/.test(id)) return id;
        } catch {
            // The next place may have it.
        }
    }
    throw standardError("FileNotFound", "This machine has no machine id.");
}

function isPromise(value: unknown): boolean {
    return value instanceof Promise;
}

function string(text: string): BodyWriter {
    return (writer) => writer.string(text);
}

function variant(signature: string, value: unknown): BodyWriter {
    return (writer) => writer.writeBody("v", [new Variant(signature, value)]);
}
