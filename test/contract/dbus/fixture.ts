// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What a promise of the D-Bus contract needs around the bus: a kernel below the service, and somebody else. */
import type { BusClient, Variant } from "../../../service/src/bus/index.js";
import { call, ROOT } from "./calls.js";

/** Undoes something; calling it twice is harmless. */
export type Undo = () => Promise<void>;

/** Things that only some hosts can do; a promise that needs one is skipped, with the reason, where it is missing. */
export type Ability = "writecache" | "unprivileged" | "nvmet";

/** The service on a bus, over one kernel, real or simulated. */
export interface ServiceFixture {
    readonly client: BusClient;
    /** Why an ability is missing here; undefined when it is there. */
    lacks(ability: Ability): string | undefined;
    /** Path of a disk of at least 64 MiB that holds nothing of worth and that nobody uses. */
    origin(): Promise<string>;
    /** Whether the kernel itself (not the service) has a block device of this name. */
    kernelHas(device: string): Promise<boolean>;
    /** Mounts something on the device. Returns where. */
    mount(device: string): Promise<{ path: string; undo: Undo }>;
    /** Another process opens the device, not exclusively. Returns its name. */
    hold(device: string): Promise<{ command: string; undo: Undo }>;
    /** Done behind the service's back. */
    readonly other: {
        attach(number: number, size: number): Promise<void>;
        detach(number: number): Promise<void>;
        createCache(name: string, volume: string, origin: string): Promise<void>;
        removeMapping(name: string): Promise<void>;
    };
    close(): Promise<void>;
}

/** One promise of the contract. */
export interface Promised {
    name: string;
    needs?: Ability[];
    run: (fixture: ServiceFixture) => Promise<void>;
}

export type Rows = Map<string, Variant>[];

/** Removes every export and port, every cache, then every volume. */
export async function clean({ client }: ServiceFixture): Promise<void> {
    for (const [list, iface] of [
        ["ListExports", "Export"],
        ["ListPorts", "Port"],
        ["ListCaches", "Cache"],
        ["ListVolumes", "Volume"],
    ] as const) {
        const [rows] = (await call(client, ROOT, "", list, "", [])) as [Rows];
        for (const row of rows) {
            await call(client, row.get("path")?.value as string, iface, "Remove", "a{sv}", [{}]);
        }
    }
}
