// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { INTERFACE, ROOT } from "../facts/busnames.js";
import { OBJECT_MANAGER, PROPERTIES } from "../facts/dbus.js";
import { Variant } from "../bus/api.js";
import { interfaces, methodOptions } from "../generated/specs.js";
import type {
    CacheProperties,
    ExportProperties,
    JobProperties,
    MethodsOf,
    OptionsOf,
    PortProperties,
    PropertiesOf,
    VolumeProperties,
} from "../generated/types.js";

/** One method call, ready to be sent or to be shown; T is what it answers. */
export interface BusRequest<T = unknown> {
    readonly path: string;
    readonly interface: string;
    readonly member: string;
    /** Signature of the arguments. */
    readonly signature: string;
    readonly args: readonly unknown[];
    /** Whether it needs an authorization, for which a person may have to be asked. */
    readonly authorized: boolean;
    /** Turns the out arguments into the answer. */
    readonly decode: (out: readonly unknown[]) => T;
}

type Callable = (...args: never[]) => Promise<unknown>;
type ArgumentsOf<F> = F extends Callable ? Parameters<F> : never;
type ResultOf<F> = F extends Callable ? Awaited<ReturnType<F>> : never;

/** A volume in a list. */
export type ListedVolume = VolumeProperties & { readonly path: string };
/** A cache mapping in a list. */
export type ListedCache = CacheProperties & { readonly path: string };
/** A port of the NVMe target in a list. */
export type ListedPort = PortProperties & { readonly path: string };
/** An NVMe export in a list. */
export type ListedExport = ExportProperties & { readonly path: string };
/** A job in a list. */
export type ListedJob = JobProperties & { readonly path: string };

/** A block device of the host, as GetResources tells it; sizes in bytes. */
export interface ListedResource {
    readonly name: string;
    readonly path: string;
    readonly size: bigint;
    readonly vendor: string;
    readonly model: string;
    readonly type: string;
    readonly "in-use": boolean;
    readonly users: string[];
    readonly "user-details": Map<string, Variant>[];
    readonly cacheable: boolean;
}

/** Makes the options of a call: those that are undefined are left out. */
export function options(values: Readonly<Record<string, Variant | undefined>> = {}): Map<string, Variant> {
    const given = Object.entries(values).filter((entry): entry is [string, Variant] => entry[1] !== undefined);
    return new Map(given);
}

/** Values of options as a caller has them: whether a word is one of the choices is the service's to say. */
export type OptionValues<M extends keyof OptionsOf> = {
    readonly [K in keyof OptionsOf[M]]: Loose<OptionsOf[M][K]>;
};
type Loose<T> = T extends string ? string : T extends readonly unknown[] ? readonly string[] : T;

/**
 * Makes the options of one method, with the keys and types of dbus/*.xml; those that are undefined are left out.
 * @param method short name of the interface, a dot and the name of the method, for example Volume.Resize
 */
export function optionsFor<M extends keyof OptionsOf>(
    method: M,
    values: OptionValues<NoInfer<M>>,
): Map<string, Variant> {
    const specs = methodOptions[method];
    const variant = ([key, value]: [string, unknown]) => [key, new Variant(specs[key]!.type, value)] as const;
    return new Map(
        Object.entries(values)
            .filter(([, value]) => value !== undefined)
            .map(variant),
    );
}

/** Lists the words that an option takes. @throws Error when dbus/*.xml has no choices for it */
export function choicesOf<M extends keyof OptionsOf>(
    method: M,
    option: keyof OptionsOf[M] & string,
): readonly string[] {
    const { choices } = methodOptions[method][option]!;
    if (choices === undefined) {
        throw new Error(`${method} takes any text as ${option}.`);
    }
    return choices;
}

/** Gives the smallest and the largest number that an option takes, as dbus/*.xml has them. */
export function rangeOf<M extends keyof OptionsOf>(
    method: M,
    option: keyof OptionsOf[M] & string,
): readonly [smallest: number, largest: number] {
    const { minimum = 0, maximum = 0xffffffff } = methodOptions[method][option]!;
    return [minimum, maximum];
}

/** Keys of options whose values are shown to nobody, of any method. */
export const SECRET_OPTIONS: ReadonlySet<string> = new Set(
    Object.values(methodOptions).flatMap((specs) => Object.keys(specs).filter((key) => specs[key]!.secret === true)),
);

/**
 * Makes a call of one of the service's own methods, checked by the compiler against dbus/*.xml.
 * @param path object that it is for
 */
export function request<I extends keyof MethodsOf, M extends keyof MethodsOf[I] & string>(
    interfaceName: I,
    path: string,
    member: M,
    ...args: ArgumentsOf<MethodsOf[I][M]>
): BusRequest<ResultOf<MethodsOf[I][M]>> {
    const method = interfaces[interfaceName]!.methods[member]!;
    return {
        path,
        interface: interfaceName,
        member,
        signature: method.in.map((argument) => argument.type).join(""),
        args,
        authorized: method.action !== undefined,
        decode: (out) => (method.out.length > 1 ? out : out[0]) as ResultOf<MethodsOf[I][M]>,
    };
}

/** Asks for every property of an interface of an object. */
export function getProperties<I extends keyof PropertiesOf>(
    interfaceName: I,
    path: string,
): BusRequest<PropertiesOf[I]> {
    return {
        path,
        interface: PROPERTIES,
        member: "GetAll",
        signature: "s",
        args: [interfaceName],
        authorized: false,
        decode: ([values]) => record<PropertiesOf[I]>(values),
    };
}

/** Asks for all volumes. */
export function listVolumes(): BusRequest<ListedVolume[]> {
    return decodedAs(request(INTERFACE.manager, ROOT, "ListVolumes"), (items) => items.map(record<ListedVolume>));
}

/** Asks for all cache mappings. */
export function listCaches(): BusRequest<ListedCache[]> {
    return decodedAs(request(INTERFACE.manager, ROOT, "ListCaches"), (items) => items.map(record<ListedCache>));
}

/** Asks for all ports of the NVMe target. */
export function listPorts(): BusRequest<ListedPort[]> {
    return decodedAs(request(INTERFACE.manager, ROOT, "ListPorts"), (items) => items.map(record<ListedPort>));
}

/** Asks for all NVMe exports. */
export function listExports(): BusRequest<ListedExport[]> {
    return decodedAs(request(INTERFACE.manager, ROOT, "ListExports"), (items) => items.map(record<ListedExport>));
}

/** Asks for all block devices of the host. */
export function listResources(): BusRequest<ListedResource[]> {
    const call = request(INTERFACE.manager, ROOT, "GetResources", options());
    return decodedAs(call, (items) => items.map(record<ListedResource>));
}

/** Every object below the root: interfaces by path, properties by interface. */
export type ObjectsByPath = Map<string, Map<string, Map<string, Variant>>>;

/** Asks for all objects at one moment. */
export function getManagedObjects(): BusRequest<ObjectsByPath> {
    return {
        path: ROOT,
        interface: OBJECT_MANAGER,
        member: "GetManagedObjects",
        signature: "",
        args: [],
        authorized: false,
        decode: ([objects]) => objects as ObjectsByPath,
    };
}

/** Asks for all jobs, running and recently finished, in the order of their numbers. */
export function listJobs(): BusRequest<ListedJob[]> {
    return decodedAs(getManagedObjects(), (objects) =>
        [...objects]
            .filter(([, interfacesOfIt]) => interfacesOfIt.has(INTERFACE.job))
            .map(([path, interfacesOfIt]) => ({ path, ...record<JobProperties>(interfacesOfIt.get(INTERFACE.job)) }))
            .sort((one, other) => one.path.localeCompare(other.path, "en", { numeric: true })),
    );
}

function decodedAs<A, B>(call: BusRequest<A>, convert: (answer: A) => B): BusRequest<B> {
    return { ...call, decode: (out) => convert(call.decode(out)) };
}

/** Turns a dictionary of variants into an object of plain values. */
export function record<T>(dictionary: unknown): T {
    const values = [...(dictionary as Map<string, Variant>)].map(([key, variant]) => [key, variant.value] as const);
    return Object.fromEntries(values) as T;
}
