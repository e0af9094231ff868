// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { printable } from "../system/printable.js";

/**
 * What this room offers: a D-Bus service and client that survive hostile callers. It knows nothing of RAM disks.
 *
 * JavaScript values by signature: y n q i u d → number; x t → bigint (numbers are accepted when sending); b → boolean;
 * s o g → string; a… → array; ay → Uint8Array; a{…} → Map (plain objects are accepted when sending);
 * v → {@link Variant}; (…) → array. `h` is not supported. When sending, an {@link EncodedArray} is accepted for an array.
 */

/** A D-Bus variant: the signature of exactly one complete type and its value. */
export class Variant<T = unknown> {
    constructor(
        readonly signature: string,
        readonly value: T,
    ) {}
}

/** An array to send whose elements are bytes already; encodeArray() makes it. It may stand wherever a value of its type may. */
export class EncodedArray {
    constructor(
        readonly signature: string,
        /** The elements, without the length before them. */
        readonly bytes: Uint8Array,
    ) {}
}

/** Description of one option: a key that the `a{sv}` named options of a method may hold. None is ever needed. */
export interface OptionSpec {
    type: "b" | "u" | "s" | "as";
    doc: string;
    /** What holds when it is left out, for people: a value, or words that say how it is found. */
    default?: string;
    /** Smallest and largest value of a number. */
    minimum?: number;
    maximum?: number;
    /** The only words that it may be, or that may be in it. */
    choices?: string[];
    /** Its value is shown to nobody. */
    secret?: boolean;
}

/** Options by their keys. */
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** Description of one argument. */
export interface ArgSpec {
    name: string;
    type: string;
    doc: string;
    /** Of the argument `a{sv} options` of a method only: the keys that it may hold, besides the common ones. */
    options?: OptionSpecs;
}

/** Description of a method. */
export interface MethodSpec {
    in: ArgSpec[];
    out: ArgSpec[];
    doc: string;
    /** The polkit action that authorizes it; absent for what only reads. */
    action?: string;
}

/** Finds the options of a method: those of its last argument, when it is `a{sv} options`; otherwise none. */
export function optionsOf(method: MethodSpec): OptionSpecs {
    return method.in.at(-1)?.options ?? {};
}

/** Description of an interface, generated from dbus/*.xml. */
export interface InterfaceSpec {
    name: string;
    doc: string;
    /** Options that every method with options takes, of any interface of the service. */
    commonOptions?: OptionSpecs;
    methods: Record<string, MethodSpec>;
    properties: Record<
        string,
        { type: string; access: "read" | "readwrite"; emits: "true" | "const" | "false" | "invalidates"; doc: string }
    >;
    signals: Record<string, { args: ArgSpec[]; doc: string }>;
}

/** An error that reaches the caller as it stands: a D-Bus error name and one sentence for a person. */
export class BusError extends Error {
    constructor(
        /** Full D-Bus error name. */
        readonly errorName: string,
        message: string,
    ) {
        // The service answers with these and every client shows them, with names in them that anybody may have made up.
        super(printable(message));
        this.name = "BusError";
    }
}

/** The caller of a method, and how it called. */
export interface Call {
    /** Unique bus name of the caller. */
    readonly sender: string;
    /** Object path that the call is for. */
    readonly path: string;
    /** Whether the caller allows a person to be asked (header flag 0x4). */
    readonly interactive: boolean;
    /** Aborted when the caller leaves the bus or the service stops. */
    readonly signal: AbortSignal;
    /**
     * Uid that the bus daemon vouches for. Asked once for each unique name; what was told stays true when the caller leaves.
     * @throws BusError when the caller left before the bus could be asked
     */
    uid(): Promise<number>;
}

/** Handles one method: gets the decoded arguments, returns the out arguments in order (or nothing when there are none). */
export type MethodHandler = (
    args: readonly unknown[],
    call: Call,
) => Promise<readonly unknown[] | void> | readonly unknown[] | void;

/** Where the values of properties come from that are functions. */
export interface PropertySource {
    /** Undefined when the values are fresh enough to be read; else resolves when they are. */
    refresh(): Promise<void> | undefined;
    /** Another number whenever one of the values is another. */
    readonly revision: number;
}

/** An interface on an object. Properties hold current values; one with `emits: "false"` may be a function, read when asked. */
export interface InterfaceImplementation {
    spec: InterfaceSpec;
    properties: Record<string, unknown>;
    /** Refreshed before a function among the properties is called: all of them give what it has, at once. */
    source?: PropertySource;
    /** Refreshes the values of this object alone, where they may be fresh before those of all; else the source is asked. */
    refresh?: PropertySource["refresh"];
    methods: Record<string, MethodHandler>;
    /**
     * What Properties.Set does, for properties with access "readwrite": gets a value of the property's type, authorizes
     * by itself and stores it (setProperties). Without a setter a property cannot be set.
     */
    setters?: Record<string, (value: unknown, call: Call) => Promise<void> | void>;
}

/** The serving side. Object paths not added here do not exist; the manager root has ObjectManager. */
export interface BusService {
    /** Adds an object; below the root, InterfacesAdded is sent at once, with every property. */
    addObject(path: string, interfaces: InterfaceImplementation[]): void;
    /** Removes an object and sends InterfacesRemoved. */
    removeObject(path: string): void;
    /** Changes property values; equal values are ignored, the rest is signalled once per turn of the event loop or at flush(). */
    setProperties(path: string, interfaceName: string, values: Record<string, unknown>): void;
    /** Puts every pending signal on the wire now, so that it comes before a reply sent after it. Replies do this by themselves. */
    flush(): void;
    /** Takes the well-known name. Objects should be there first. Rejects when somebody else owns it. */
    requestName(name: string): Promise<void>;
    /** Resolves with a reason when the connection is lost or the name is taken away: the process should then end. */
    readonly lost: Promise<string>;
    /** Stops taking calls, aborts or awaits those under way (at most `timeoutMs`), closes the connection. */
    close(timeoutMs: number): Promise<void>;
}

/** Decides who may: polkit, or uid 0 alone when polkit is not there. */
export interface Authority {
    /**
     * Returns when the caller may; throws BusError otherwise (NotAuthorized, or InteractiveAuthorizationRequired when a
     * person could say yes but the caller did not allow asking). uid 0 is allowed without asking polkit. Never cached.
     * @param action full polkit action id
     * @param details what an administrator's rule may look at, and what the dialog shows
     * @param interactive overrides call.interactive to false when the option auth.no_user_interaction was given
     */
    check(call: Call, action: string, details: Record<string, string>, interactive?: boolean): Promise<void>;
}

/** The calling side, for the CLI, the bridge and tests. */
export interface BusClient {
    /**
     * Calls a method and returns its out arguments.
     * @param timeoutMs 0 = no limit (a person may be typing a password)
     * @param autoStart whether the bus starts a service that does not run; default: yes
     */
    call(
        target: { destination: string; path: string; interface: string; member: string },
        signature: string,
        args: readonly unknown[],
        options?: { timeoutMs?: number; interactive?: boolean; autoStart?: boolean; signal?: AbortSignal },
    ): Promise<unknown[]>;
    /** Listens to signals that match; the callback gets path, member and arguments. */
    subscribe(
        match: {
            sender?: string;
            path?: string;
            pathNamespace?: string;
            interface?: string;
            member?: string;
            arg0?: string;
        },
        listener: (signal: { path: string; interface: string; member: string; args: unknown[] }) => void,
    ): Promise<{ close(): Promise<void> }>;
    /** Our unique name. */
    readonly name: string;
    /** Resolves when the connection ends. */
    readonly closed: Promise<void>;
    close(): Promise<void>;
}
