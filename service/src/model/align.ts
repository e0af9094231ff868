// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { BlockDevice, RamDisk } from "../kernel/port.js";
import { volumeName } from "./values.js";

/**
 * Brings block devices in line with a younger reading of the RAM disks, so that what was made a moment ago is a device as
 * well. Who uses a new one is not known yet, but what the NVMe target says of it.
 * @param before the RAM disks as they were when the devices were read
 * @param now the younger reading
 */
export function alignRamDisks(
    devices: BlockDevice[],
    before: readonly RamDisk[],
    now: readonly RamDisk[],
): BlockDevice[] {
    if (before === now) {
        return devices;
    }
    const known = new Map(before.map((disk) => [disk.number, disk]));
    const same = (disk: RamDisk): boolean => {
        const old = known.get(disk.number);
        return old?.size === disk.size && old.readOnly === disk.readOnly;
    };
    if (before.length === now.length && now.every(same)) {
        return devices;
    }
    const disks = new Map(now.map((disk) => [volumeName(disk.number), disk]));
    const gone = new Set(before.map(({ number }) => volumeName(number)).filter((name) => !disks.has(name)));
    const kept = devices
        .filter(({ name }) => !gone.has(name))
        .map((device) => {
            const disk = disks.get(device.name);
            return disk === undefined ? device : { ...device, size: disk.size, readOnly: disk.readOnly };
        });
    const there = new Set(kept.map(({ name }) => name));
    const added = now.filter((disk) => !there.has(volumeName(disk.number))).map(ramDevice);
    return [...kept, ...added];
}

/** Puts one RAM disk as it is now into the list, which stays in the order of their numbers. @param disk undefined: there is none */
export function withRamDisk(disks: readonly RamDisk[], number: number, disk: RamDisk | undefined): RamDisk[] {
    const others = disks.filter((one) => one.number !== number);
    return disk === undefined ? others : [...others, disk].sort((a, b) => a.number - b.number);
}

function ramDevice({ number, size, readOnly }: RamDisk): BlockDevice {
    const name = volumeName(number);
    return {
        ...{ name, path: `/dev/${name}`, devno: "", size, blockSize: 512, readOnly, removable: false },
        ...{ vendor: "", model: "", type: "ram", holders: [], slaves: [], partitions: [], users: [] },
    };
}
