// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { NvmetTree } from "../kernel/port.js";
import type { ModelContext } from "./context.js";
import { readTarget } from "./exportbacking.js";
import { plusExports, withExports } from "./deriveexports.js";
import { DeviceGraph } from "./graph.js";
import type { User } from "./users.js";

/**
 * Finds what uses a device now, by a fresh look at it and at all that is stacked on it.
 * @param device kernel name
 * @param nvmet the NVMe target as it was read a moment ago, by a caller who has to read it anyway
 */
export async function usersNow(context: ModelContext, device: string, nvmet?: NvmetTree): Promise<User[]> {
    return (await lookNow(context, device, nvmet)).users;
}

/** Finds the same, and whether the device is read-only. */
export async function lookNow(
    context: ModelContext,
    device: string,
    nvmet?: NvmetTree,
): Promise<{ users: User[]; readOnly: boolean }> {
    const { kernel, tree } = context;
    const roles = new Map(
        [...tree.caches.values()].map((cache) => [
            cache.device,
            { mapping: cache.name, volume: cache.volume, origin: "" },
        ]),
    );
    const stack =
        nvmet === undefined
            ? withExports(...(await Promise.all([kernel.readStack(device), readTarget(context)])))
            : plusExports(await kernel.readStack(device), nvmet);
    const byDevice = new Map(
        stack.flatMap((one) => {
            const role = roles.get(one.path);
            return role === undefined ? [] : [[one.name, role] as const];
        }),
    );
    const readOnly = stack.find((one) => one.name === device)?.readOnly === true;
    return { users: new DeviceGraph(stack, byDevice).usersOf(device), readOnly };
}
