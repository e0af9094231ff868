// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * What tells an object from a later one of the same name. It is taken before permission is asked, which may take a person
 * minutes, and compared under lock, so that what was authorized is what is acted on. Before permission anybody may ask, so
 * that what is taken then costs no reading of more than one object.
 */
import type { BlockDevice, NvmetPort, NvmetTree } from "../kernel/port.js";
import { ramDiskNumber } from "../kernel/names.js";
import { lockId, type ModelContext } from "./context.js";
import { ModelError, toModelError } from "./errors.js";

/** A block device as it was at some moment. */
export interface DeviceIdentity {
    /** Kernel name. */
    name: string;
    /** The key of the lock on it. */
    key: string;
    /** Differs for another device of the same name; not for the same one with another size. */
    mark: string;
}

/** Makes the refusal to act on something else than was authorized. @param what the object, to begin the sentence with */
export function changedMeanwhile(what: string): ModelError {
    return new ModelError("Failed", `${what} changed while permission was asked; look at it and try again.`);
}

/** Makes the lock key of a block device: one for it and all its partitions. @param device kernel name @throws KernelError ENODEV */
export async function deviceKey({ kernel }: ModelContext, device: string): Promise<string> {
    if (isWhole(device)) {
        return lockId.device(device);
    }
    const one = (await kernel.readStack(device)).find(({ name }) => name === device);
    return lockId.device(one?.parent ?? device);
}

/**
 * Reads the identity of a block device now.
 * @param device kernel name
 * @param shown what the caller calls it, for the message
 * @param known the device as it was read a moment ago, by a caller who must not cost another reading
 * @throws ModelError NotFound
 */
export async function identify(
    { kernel }: ModelContext,
    device: string,
    shown = device,
    known?: BlockDevice,
): Promise<DeviceIdentity> {
    try {
        const sequence = (await kernel.sequences([device])).get(device);
        if (sequence === undefined) {
            throw new ModelError("NotFound", `There is no ${shown} (ENODEV).`);
        }
        if (isWhole(device)) {
            return { name: device, key: lockId.device(device), mark: `${sequence}` };
        }
        const one = known ?? (await kernel.readStack(device)).find(({ name }) => name === device);
        // Partitions have the number of their disk, on which others may be made: their size is what is known to differ.
        const extent = one?.parent === undefined ? "" : ` ${one.size}`;
        return { name: device, key: lockId.device(one?.parent ?? device), mark: `${sequence} ${one?.devno}${extent}` };
    } catch (error) {
        throw toModelError(error, shown);
    }
}

/** Checks the identity of a device. @throws ModelError Failed unless a device is the one that it was */
export async function refuseOther(context: ModelContext, before: DeviceIdentity, shown = before.name): Promise<void> {
    const now = await identify(context, before.name, shown).catch(() => undefined);
    if (now?.mark !== before.mark) {
        throw changedMeanwhile(shown);
    }
}

/** Makes what tells a port from another one of the same number, or from itself at another address. */
export function portMark({ inode, transport, family, address, service, tls }: NvmetPort): string {
    return JSON.stringify([inode, transport, family, address, service, tls]);
}

/** Does the same for several ports, those that are not there left out. */
export function portMarks(tree: NvmetTree, ids: readonly number[]): string {
    return ids
        .map(
            (id) =>
                `${id} ${tree.ports
                    .filter((port) => port.id === id)
                    .map(portMark)
                    .join("")}`,
        )
        .join("\n");
}

/** RAM disks and mappings need no look: their kernel names say that they are no partitions. */
function isWhole(device: string): boolean {
    return ramDiskNumber(device) !== undefined || /^dm-\d+$/.test(device);
}
