// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { INTERFACE, ROOT } from "../facts/busnames.js";
import type { ManagerClient, ListedCache, ListedVolume } from "../client/index.js";
import { getProperties, listCaches, listVolumes } from "../client/index.js";
import { ActionError, STATUS } from "./outcome.js";

/** What every action of the old notation looks at before it does anything. */
export interface UpstreamState {
    manager: Pick<ManagerClient, "send">;
    volumes: readonly ListedVolume[];
    caches: readonly ListedCache[];
    /** Bytes of RAM in all, and available. */
    memory: { total: bigint; available: bigint };
}

/**
 * Reads RAM disks, mappings and modules.
 * @throws ActionError 255 when rapiddisk or rapiddisk-cache is not loaded, in this order
 */
export async function readState<M extends ManagerClient>(manager: M): Promise<UpstreamState & { manager: M }> {
    const [root, volumes, caches] = await Promise.all([
        manager.send(getProperties(INTERFACE.manager, ROOT)),
        manager.send(listVolumes()),
        manager.send(listCaches()),
    ]);
    for (const [name, file] of [
        ["rapiddisk", "rapiddisk"],
        ["rapiddisk_cache", "rapiddisk-cache"],
    ] as const) {
        if (!root.Modules.get(name)) {
            throw new ActionError(
                STATUS.failed,
                `The kernel module ${file} is not loaded. Load it with: rapiddisk modules load`,
            );
        }
    }
    return { manager, volumes, caches, memory: { total: root.MemoryTotal, available: root.MemoryAvailable } };
}

/** @throws ActionError when there is no RAM disk at all */
export function needVolumes(state: UpstreamState, status: number): void {
    if (state.volumes.length === 0) {
        throw new ActionError(status, "Unable to locate any RapidDisk devices.", "NotFound");
    }
}

/** @throws ActionError when there is no such RAM disk */
export function findVolume(state: UpstreamState, name: string, status: number = STATUS.notFound): ListedVolume {
    const volume = state.volumes.find((one) => one.Name === name);
    if (!volume) {
        throw new ActionError(status, `Error. Device ${name} does not exist.`, "NotFound");
    }
    return volume;
}

/** @throws ActionError when there is no such mapping */
export function findCache(state: UpstreamState, name: string, status: number = STATUS.notFound): ListedCache {
    const cache = state.caches.find((one) => one.Name === name);
    if (!cache) {
        throw new ActionError(status, `Error. Cache target ${name} does not exist.`, "NotFound");
    }
    return cache;
}

/**
 * Whether a mount is among the users of a device: the one use that rapiddisk 9 looked for itself.
 * @param refusal what the service said: it looks again before it refuses, so that this may be newer than the list
 */
export function isMounted({ Users: users }: { Users: readonly string[] }, refusal: string): boolean {
    return users.some((line) => line.startsWith("mounted on ")) || /[:,] mounted on /.test(refusal);
}
