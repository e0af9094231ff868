// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { KernelPort } from "../kernel/port.js";
import type { Intent, IntentObject } from "./storage.js";
import { volumeName } from "./values.js";

/**
 * Reads the number that the kernel gives the object of this name alone: the disk sequence of a volume or mapping, the inode of a
 * port or subsystem in configfs. 0: this kernel has none; undefined: nothing of that name is there.
 */
export async function numberOf(kernel: KernelPort, object: IntentObject): Promise<number | undefined> {
    switch (object.kind) {
        case "volume": {
            const name = volumeName(object.number);
            return (await kernel.sequences([name])).get(name);
        }
        case "cache": {
            const device = (await kernel.snapshot()).mappings.find((one) => one.name === object.name)?.device;
            return device === undefined ? undefined : ((await kernel.sequences([device])).get(device) ?? 0);
        }
        case "port":
            return (await kernel.readNvmet()).ports.find((one) => one.id === object.id)?.inode;
        case "export":
            return (await kernel.readNvmet()).subsystems.find((one) => one.nqn === object.nqn)?.inode;
    }
}

/**
 * Tells whether the object of that name is another one than a note is about.
 * @param now what {@link numberOf} says
 */
export function isAnother({ number }: Pick<Intent, "number">, now: number | undefined): boolean {
    if (now === undefined || number === undefined) {
        return false;
    }
    return number === null || (number !== 0 && now !== 0 && number !== now);
}
