// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { NvmetTree } from "../kernel/port.js";
import type { Context } from "./context.js";
import { withExports } from "./deriveexports.js";
import { DeviceGraph } from "./graph.js";

/**
 * What uses a device now, one line each, by a fresh look at it and at all that is stacked on it.
 * @param device kernel name
 * @param nvmet the NVMe target as it was read a moment ago, by a caller who has to read it anyway
 */
export async function usersNow({ kernel, tree }: Context, device: string, nvmet?: NvmetTree): Promise<string[]> {
    const roles = new Map(
        [...tree.caches.values()].map((cache) => [
            cache.device,
            { mapping: cache.name, volume: cache.volume, origin: "" },
        ]),
    );
    const [read, target] = await Promise.all([kernel.readStack(device), nvmet ?? kernel.readNvmet()]);
    const stack = withExports(read, target);
    const byDevice = new Map(
        stack.flatMap((one) => {
            const role = roles.get(one.path);
            return role === undefined ? [] : [[one.name, role] as const];
        }),
    );
    return new DeviceGraph(stack, byDevice).usersOf(device);
}
