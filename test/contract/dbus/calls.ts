// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Calls of our interfaces, for tests that know nothing but the bus. */
import { type BusClient, BusError } from "../../../service/src/bus/index.js";

export const BUS_NAME = "org.rapiddisk.Manager";
export const ROOT = "/org/rapiddisk/Manager";
export const MIB = 2 ** 20;
export const GIB = 2 ** 30;

/** Calls a method of ours. @param iface the part of the interface name after org.rapiddisk.Manager, "" for the root's */
export function call(
    client: BusClient,
    path: string,
    iface: "" | "Volume" | "Cache" | "Port" | "Export" | "Job" | "Tokens",
    member: string,
    signature: string,
    args: readonly unknown[],
    interactive = false,
): Promise<unknown[]> {
    const name = iface === "" ? BUS_NAME : `${BUS_NAME}.${iface}`;
    return client.call({ destination: BUS_NAME, path, interface: name, member }, signature, args, {
        interactive,
        timeoutMs: 20_000,
    });
}

/** The D-Bus error name and message that a call ends with. */
export async function refusal(work: Promise<unknown>): Promise<{ name: string; message: string }> {
    try {
        await work;
    } catch (error) {
        if (error instanceof BusError) {
            return { name: error.errorName, message: error.message };
        }
        throw error;
    }
    throw new Error("it did not fail");
}

/**
 * Polls until something holds. The limit counts in polls, one every 10 ms: where the machine is emulated, or kept busy by
 * somebody else, they take longer, as the service's own work does.
 * @returns how long it took, in ms
 */
export async function until(what: string, holds: () => boolean | Promise<boolean>, limitMs = 2000): Promise<number> {
    const start = performance.now();
    for (let polls = 0; !(await holds()); polls++) {
        if (polls >= limitMs / 10) {
            throw new Error(
                `${what}: not within ${limitMs} ms (${(performance.now() - start).toFixed(0)} ms by the clock)`,
            );
        }
        await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return performance.now() - start;
}

/** Waits for something however long it takes; that it comes at all is for the test's own limit to say. */
export async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10));
}
