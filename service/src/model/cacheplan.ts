// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { MODES, type ModeModule } from "../facts/modes.js";
import type { BlockDevice, KernelSnapshot } from "../kernel/port.js";
import type { ModelContext } from "./context.js";
import { originObstacle, type Derived } from "./derive.js";
import { ModelError, toModelError } from "./errors.js";
import { contentBytes } from "./savedas.js";
import { busy } from "./retrybusy.js";
import { CACHE_BLOCK } from "./tables.js";
import type { NewMode, Volume } from "./types.js";
import { checkCacheName, formatBytes, quote } from "./values.js";

/** A cache to be made, with everything looked up and checked. */
export interface CachePlan {
    name: string;
    mode: NewMode;
    volume: Volume;
    origin: BlockDevice;
    /** Bytes of the volume that hold data now and will be lost. */
    used: number;
}

/** Looks up the device that a path means. @param path below /dev @throws ModelError InvalidArgument, NotFound */
export async function resolveOrigin(context: ModelContext, path: string): Promise<string> {
    if (!path.startsWith("/dev/") || path.includes("\0") || path.length > 4096) {
        throw new ModelError(
            "InvalidArgument",
            `Source ${quote(path)} is not a device path; it must begin with /dev/, for example /dev/sdb.`,
        );
    }
    try {
        return await context.kernel.resolveDevice(path);
    } catch (error) {
        throw toModelError(error, path);
    }
}

/** Makes the default name of a mapping: rc-wt_, rc-wa_ or rc-wb_ and the last part of the source's path. */
export function defaultName(mode: NewMode, source: string): string {
    const last = source.slice(source.lastIndexOf("/") + 1);
    return `rc-${MODES[mode].letters}_${last}`;
}

/**
 * Checks whether a cache could be made now.
 * @param state a fresh reading of the kernel
 * @param originName kernel name of the origin
 * @throws ModelError InvalidArgument, AlreadyExists, Busy, NotFound, NotSupported, Failed
 */
export function planCache(
    state: Derived & { snapshot: KernelSnapshot },
    available: (module: ModeModule) => boolean,
    request: { volumeName: string; originName: string; source: string; mode: NewMode; name: string | undefined },
): CachePlan {
    const { mode, volumeName } = request;
    const { module } = MODES[mode];
    if (!available(module)) {
        throw new ModelError("NotSupported", `Mode ${mode} needs the kernel module ${module}, which is not installed.`);
    }
    const name = request.name ?? defaultName(mode, request.source);
    checkCacheName(name);
    if (state.snapshot.mappings.some((mapping) => mapping.name === name)) {
        throw new ModelError("AlreadyExists", `The mapping ${name} exists already (EEXIST).`);
    }
    const volume = state.volumes.get(volumeName);
    if (volume === undefined) {
        throw new ModelError("NotFound", `There is no volume ${volumeName} (ENODEV).`);
    }
    const origin = state.graph.get(request.originName);
    if (origin === undefined) {
        throw new ModelError("NotFound", `There is no block device ${request.originName} (ENODEV).`);
    }
    checkOrigin(origin, volume, state);
    checkVolume(volume, mode);
    checkSize(origin);
    const disk = state.snapshot.ramDisks.find(({ number }) => number === volume.number);
    const used = disk === undefined ? 0 : contentBytes(disk);
    return { name, mode, volume, origin, used };
}

function checkOrigin(origin: BlockDevice, volume: Volume, state: Derived): void {
    if (origin.name === volume.name) {
        throw new ModelError("InvalidArgument", `${volume.name} cannot be a cache of itself; name another source.`);
    }
    if (state.graph.below(origin.name).has(volume.name)) {
        throw new ModelError("InvalidArgument", `${origin.path} lies on ${volume.name} itself; name another source.`);
    }
    const obstacle = originObstacle(origin, state.graph);
    if (obstacle !== undefined) {
        const kind = obstacle.startsWith("is in use") ? "Busy" : "InvalidArgument";
        throw new ModelError(kind, `${origin.path} ${obstacle}.`);
    }
}

function checkVolume(volume: Volume, mode: NewMode): void {
    if (volume.users.length > 0) {
        throw busy(volume.name, volume.users);
    }
    if (volume.readOnly) {
        throw new ModelError("Failed", `${volume.name} is locked (EROFS); unlock it before it can hold cached blocks.`);
    }
    const least = MODES[mode].smallestVolume;
    if (volume.size < least) {
        throw new ModelError(
            "InvalidArgument",
            `${volume.name} has ${formatBytes(volume.size)}; a ${mode} cache needs at least ${formatBytes(least)}.`,
        );
    }
}

function checkSize(origin: BlockDevice): void {
    if (origin.size < CACHE_BLOCK) {
        throw new ModelError(
            "InvalidArgument",
            `${origin.path} has ${origin.size} bytes; the origin of a cache needs at least ${CACHE_BLOCK}.`,
        );
    }
}
