// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { InterfaceImplementation, MethodHandler, PropertySource } from "../api.js";
import { EncodeError, Writer } from "../wire/writer.js";
import { type Compiled, type CompiledProperty, compile } from "./compiled.js";

/** Stands for the value of a property that could not be read: the property is left out. */
const FAILED = Symbol("failed");

/** A property whose value is a function, read each time it is asked for. */
interface Dynamic {
    property: CompiledProperty;
    of: ExportedInterface;
    read: () => unknown;
}

type NotePosition = (index: number, at: number) => void;

/** Values of the dynamic properties of an object, in the order of its list. */
export type Readings = readonly unknown[];

/** Types whose values always take the same room, and a value to stand in. */
const FIXED_SIZE = new Map<string, unknown>([
    ["y", 0],
    ["n", 0],
    ["q", 0],
    ["i", 0],
    ["u", 0],
    ["x", 0],
    ["t", 0],
    ["d", 0],
    ["b", false],
]);

/** An interface of an object with its present values. */
export class ExportedInterface {
    readonly compiled: Compiled;
    readonly values = new Map<string, unknown>();
    readonly methods: Readonly<Record<string, MethodHandler>>;
    readonly setters: NonNullable<InterfaceImplementation["setters"]>;
    readonly source: PropertySource | undefined;
    private readonly refresh: PropertySource["refresh"] | undefined;

    /** @throws Error when the implementation lacks something of the spec, or a value does not fit */
    constructor(implementation: InterfaceImplementation) {
        const { spec, methods, properties } = implementation;
        this.compiled = compile(spec);
        this.methods = methods;
        this.setters = implementation.setters ?? {};
        this.source = implementation.source;
        this.refresh = implementation.refresh;
        for (const name of this.compiled.methods.keys()) {
            if (!Object.hasOwn(methods, name)) throw new Error(`${spec.name}.${name} has no handler`);
        }
        for (const property of this.compiled.properties.values()) {
            if (!Object.hasOwn(properties, property.name)) {
                throw new Error(`${spec.name}.${property.name} has no value`);
            }
            this.assign(property.name, properties[property.name]);
        }
    }

    get name(): string {
        return this.compiled.spec.name;
    }

    /** Reads a dynamic property, once what it gives is fresh; the value may be a promise. */
    read(value: () => unknown): unknown {
        const waiting = this.refresh === undefined ? this.source?.refresh() : this.refresh();
        return waiting === undefined ? value() : waiting.then(value);
    }

    /**
     * Gives a property a value.
     * @returns whether it differs from what it was
     * @throws Error when there is no such property or the value does not fit
     */
    assign(name: string, value: unknown): boolean {
        const property = this.compiled.properties.get(name);
        if (property === undefined) throw new Error(`${this.name} has no property ${name}`);
        const before = this.values.get(name);
        if (typeof value === "function") {
            if (property.spec.emits !== "false") {
                throw new Error(`${this.name}.${name} is signalled: it cannot be a function`);
            }
        } else {
            const after = encode(property, value);
            if (before !== undefined && typeof before !== "function" && encode(property, before).equals(after)) {
                return false;
            }
        }
        this.values.set(name, value);
        return true;
    }
}

/** An object with its interfaces, and its properties as bytes. */
export class ExportedObject {
    readonly interfaces = new Map<string, ExportedInterface>();
    private dynamics: Dynamic[] | undefined;
    /** Path and interfaces as they stand in GetManagedObjects, and where the values of the dynamic properties stand. */
    private cached: { bytes: Buffer; places: readonly number[] } | undefined;

    /** @throws Error when an implementation lacks something of its spec, or a value does not fit */
    constructor(
        readonly path: string,
        implementations: readonly InterfaceImplementation[],
        private readonly log: (line: string) => void,
    ) {
        for (const implementation of implementations) {
            const exported = new ExportedInterface(implementation);
            if (this.interfaces.has(exported.name)) throw new Error(`${path} has ${exported.name} twice`);
            this.interfaces.set(exported.name, exported);
        }
    }

    /** A value changed: what was cached is no longer true. */
    changed(): void {
        this.cached = undefined;
        this.dynamics = undefined;
    }

    /** Lists the source of each dynamic property; undefined for one that has none. */
    sources(): (PropertySource | undefined)[] {
        return this.listDynamics().map(({ of }) => of.source);
    }

    /** Reads the dynamic properties; a value may be a promise (see {@link settle}). */
    read(): Readings {
        return this.readings(({ of, read }) => of.read(read));
    }

    /** Gives the values of the dynamic properties as their sources have them, fresh or not. */
    current(): Readings {
        return this.readings(({ read }) => read());
    }

    private readings(read: (dynamic: Dynamic) => unknown): Readings {
        const dynamics = this.listDynamics();
        if (dynamics.length === 0) return dynamics;
        return dynamics.map((dynamic) => {
            try {
                return read(dynamic);
            } catch (error) {
                this.report(dynamic.property, error);
                return FAILED;
            }
        });
    }

    /** Waits for values that are promises; one that rejects becomes a failed reading. */
    async settle(readings: Readings): Promise<Readings> {
        const dynamics = this.listDynamics();
        const settled = await Promise.allSettled(readings);
        return settled.map((result, index) => {
            if (result.status === "fulfilled") return result.value;
            this.report(dynamics[index]?.property, result.reason);
            return FAILED;
        });
    }

    /**
     * Writes the entry of this object in GetManagedObjects, `{oa{sa{sv}}}`.
     * @returns where in it the values of the dynamic properties stand; undefined when others cannot be written over them
     */
    writeEntry(writer: Writer, readings: Readings): readonly number[] | undefined {
        writer.align(8);
        const start = writer.length;
        const dynamics = this.listDynamics();
        if (dynamics.every(({ property }, index) => FIXED_SIZE.has(property.type.code) && isPresent(readings[index]))) {
            const { bytes, places } = (this.cached ??= this.encodeCache(dynamics));
            writer.raw(bytes);
            if (this.overwriteEntry(writer, start, places, readings)) return places;
            writer.length = start;
        }
        this.encodeEntry(writer, readings);
        return undefined;
    }

    /**
     * Writes values of the dynamic properties over those in an entry that was written before.
     * @param places what {@link writeEntry} gave
     * @returns whether all of them are there and fit
     */
    overwriteEntry(writer: Writer, start: number, places: readonly number[], readings = this.current()): boolean {
        try {
            return this.listDynamics().every(({ property }, index) => {
                if (!isPresent(readings[index])) return false;
                writer.overwrite(start + (places[index] as number), property.type, readings[index]);
                return true;
            });
        } catch (error) {
            if (error instanceof EncodeError) return false;
            throw error;
        }
    }

    /**
     * Writes the interfaces with their properties, `a{sa{sv}}`.
     * @param note gets the index of each dynamic property and where its value stands
     */
    writeInterfaces(writer: Writer, readings: Readings, note?: NotePosition): void {
        const interfaces = writer.beginArray(8);
        for (const exported of this.interfaces.values()) {
            writer.align(8);
            writer.string(exported.name);
            this.writeProperties(writer, [exported], readings, note);
        }
        writer.endArray(interfaces);
    }

    /** Writes the properties of some of the interfaces, `a{sv}`. One that cannot be read is left out. */
    writeProperties(writer: Writer, of: Iterable<ExportedInterface>, readings: Readings, note?: NotePosition): void {
        const dynamics = this.listDynamics();
        const properties = writer.beginArray(8);
        for (const exported of of) {
            for (const [name, value] of exported.values) {
                const property = exported.compiled.properties.get(name) as CompiledProperty;
                if (typeof value !== "function") {
                    writeProperty(writer, property, value);
                    continue;
                }
                const index = dynamics.findIndex((dynamic) => dynamic.property === property);
                const at = this.writeDynamic(writer, property, readings[index]);
                if (at !== undefined) note?.(index, at);
            }
        }
        writer.endArray(properties);
    }

    /** Writes a dynamic property unless it could not be read or does not fit; gives where its value stands. */
    private writeDynamic(writer: Writer, property: CompiledProperty, reading: unknown): number | undefined {
        if (!isPresent(reading)) return undefined;
        const start = writer.length;
        try {
            return writeProperty(writer, property, reading);
        } catch (error) {
            if (!(error instanceof EncodeError)) throw error;
            writer.length = start;
            this.report(property, error);
            return undefined;
        }
    }

    private encodeEntry(writer: Writer, readings: Readings, note?: NotePosition): void {
        writer.string(this.path);
        this.writeInterfaces(writer, readings, note);
    }

    /** Encodes the entry with stand-ins for dynamic values. */
    private encodeCache(dynamics: readonly Dynamic[]): { bytes: Buffer; places: number[] } {
        const writer = new Writer();
        const places: number[] = [];
        const standIns = dynamics.map(({ property }) => FIXED_SIZE.get(property.type.code));
        this.encodeEntry(writer, standIns, (index, at) => (places[index] = at));
        return { bytes: Buffer.from(writer.bytes()), places };
    }

    private listDynamics(): readonly Dynamic[] {
        if (this.dynamics === undefined) {
            this.dynamics = [];
            for (const exported of this.interfaces.values()) {
                for (const [name, read] of exported.values) {
                    if (typeof read !== "function") continue;
                    const property = exported.compiled.properties.get(name) as CompiledProperty;
                    this.dynamics.push({ property, of: exported, read: read as () => unknown });
                }
            }
        }
        return this.dynamics;
    }

    private report(property: CompiledProperty | undefined, error: unknown): void {
        this.log(`Reading ${property?.name ?? "a property"} of ${this.path} failed: ${String(error)}`);
    }
}

/** Writes one dictionary entry `{sv}` and returns where its value starts. */
export function writeProperty(writer: Writer, property: CompiledProperty, value: unknown): number {
    writer.align(8);
    writer.string(property.name);
    writer.signature(property.type.signature);
    writer.align(property.type.alignment);
    const at = writer.length;
    writer.write(property.type, value);
    return at;
}

function isPresent(reading: unknown): boolean {
    return reading !== undefined && reading !== FAILED && !(reading instanceof Promise);
}

function encode(property: CompiledProperty, value: unknown): Buffer {
    const writer = new Writer(Buffer.allocUnsafe(64));
    writer.write(property.type, value);
    return writer.bytes();
}
