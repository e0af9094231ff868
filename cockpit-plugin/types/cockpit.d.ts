// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * The parts of Cockpit's base1/cockpit.js that the page uses, as its guide documents them. A test asserts on a real host
 * that each of them exists.
 */
declare module "cockpit" {
    /** A value in a variant, as the bridge passes it: its signature, and the value. 64-bit integers are numbers. */
    interface DBusVariant {
        readonly t: string;
        readonly v: unknown;
    }

    /** What a rejected call or a closed channel says: `problem` for a channel, `name` for an error of the D-Bus peer. */
    interface CockpitError {
        readonly problem?: string | null;
        readonly name?: string;
        readonly message?: string;
    }

    interface EventSource {
        addEventListener(name: string, listener: (event: Event, ...details: never[]) => void): void;
        removeEventListener(name: string, listener: (event: Event, ...details: never[]) => void): void;
    }

    interface DBusMatch {
        path?: string;
        path_namespace?: string;
        interface?: string;
        member?: string;
        arg0?: string;
    }

    /** A connection to one name on a bus; events: owner (name or null), close ({problem}). */
    interface DBusClient extends EventSource {
        readonly unique_name: string | null;
        call(
            path: string,
            iface: string,
            method: string,
            args?: readonly unknown[],
            options?: { type?: string; timeout?: number; flags?: string },
        ): Promise<unknown[]>;
        subscribe(
            match: DBusMatch,
            callback: (path: string, iface: string, signal: string, args: unknown[]) => void,
        ): { remove(): void };
        proxy(iface: string, path: string): DBusProxy;
        close(problem?: string): void;
    }

    /** An object of a bus with its properties as members; event: changed. */
    interface DBusProxy extends EventSource {
        readonly valid: boolean;
        readonly data: Readonly<Record<string, unknown>>;
        wait(): Promise<void>;
    }

    /** A process; the promise resolves with its output. */
    interface Spawn extends Promise<string> {
        stream(callback: (data: string) => void): Spawn;
        close(problem?: string): void;
    }

    /** Where the page is: path components and options of the URL's hash; event on cockpit: locationchanged. */
    interface Location {
        readonly path: string[];
        readonly options: Readonly<Record<string, string | string[]>>;
        readonly href: string;
        go(path: string | string[], options?: Record<string, string | string[]>): void;
        replace(path: string | string[], options?: Record<string, string | string[]>): void;
    }

    interface Cockpit extends EventSource {
        dbus(
            name: string | null,
            options?: { bus?: "system" | "session" | "internal"; superuser?: "try" | "require"; track?: boolean },
        ): DBusClient;
        variant(signature: string, value: unknown): DBusVariant;
        spawn(argv: string[], options?: { superuser?: "try" | "require"; err?: "out" | "message" | "ignore" }): Spawn;
        gettext(text: string): string;
        gettext(context: string, text: string): string;
        ngettext(one: string, many: string, count: number): string;
        format(template: string, ...args: unknown[]): string;
        format_bytes(bytes: number, options?: { base2?: boolean; precision?: number }): string;
        format_bytes_per_sec(rate: number): string;
        readonly location: Location;
        readonly hidden: boolean;
        readonly language: string;
        readonly language_direction: "ltr" | "rtl";
        jump(path: string | string[], host?: string): void;
        transport: { wait(callback: () => void): void };
    }

    const cockpit: Cockpit;
    export default cockpit;
    export type { Cockpit, CockpitError, DBusClient, DBusProxy, DBusVariant, EventSource, Location, Spawn };
}
