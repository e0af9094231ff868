// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { ModelContext } from "./context.js";

/**
 * Tells the hosts that have the volume its new size. A refusal leaves them with the old one, which is safe: the volume
 * has its new size, whether they are told or not.
 */
export async function tellHosts({ kernel, log }: ModelContext, name: string): Promise<void> {
    const failed =
        (whose: string) =>
        (error: unknown): void =>
            log(`The hosts${whose} could not be told of the new size of ${name}: ${(error as Error).message}`);
    const tree = await kernel.readNvmet().catch((error: unknown) => failed("")(error));
    for (const { nqn, namespaces } of tree?.subsystems ?? []) {
        for (const { id } of namespaces.filter((one) => one.enabled && one.devicePath === `/dev/${name}`)) {
            await kernel.nvmetWrite({ kind: "namespace", nqn, id }, "revalidate_size", "1").catch(failed(` of ${nqn}`));
        }
    }
}
