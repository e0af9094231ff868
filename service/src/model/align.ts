// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { ramDiskNumber } from "../kernel/names.js";
import type { BlockDevice, RamDisk } from "../kernel/port.js";
import type { Volume } from "./types.js";
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
    const major = majorOf(devices);
    const added = now.filter((disk) => !there.has(volumeName(disk.number))).map((disk) => ramDevice(disk, major));
    return [...kept, ...added];
}

/**
 * Does the same for one RAM disk, at no cost for the others.
 * @param disk as it is now; undefined: there is none
 */
export function alignRamDisk(devices: BlockDevice[], number: number, disk: RamDisk | undefined): BlockDevice[] {
    const name = volumeName(number);
    const index = devices.findIndex((device) => device.name === name);
    const known = devices[index];
    if (disk === undefined) {
        return known === undefined ? devices : devices.toSpliced(index, 1);
    }
    if (known === undefined) {
        return [...devices, ramDevice(disk, majorOf(devices))];
    }
    const { size, readOnly } = disk;
    const isSame = known.size === size && known.readOnly === readOnly;
    return isSame ? devices : devices.with(index, { ...known, size, readOnly });
}

/** Puts one RAM disk, as it is now, into the list in the order of the numbers. @param disk undefined: there is none */
export function withRamDisk(disks: readonly RamDisk[], number: number, disk: RamDisk | undefined): RamDisk[] {
    const found = disks.findIndex((one) => one.number >= number);
    const at = found < 0 ? disks.length : found;
    return disks.toSpliced(at, disks[at]?.number === number ? 1 : 0, ...(disk === undefined ? [] : [disk]));
}

/** A RAM disk that was read alone, and when that reading began. */
export interface ReadAlone {
    at: number;
    /** Undefined: it was not there. */
    disk: RamDisk | undefined;
}

/**
 * Puts RAM disks that were read alone into a reading of all that began before that.
 * @param alone those of an earlier time are dropped from it
 * @param began when the reading of all began
 */
export function withThoseReadAlone(disks: RamDisk[], alone: Map<number, ReadAlone>, began: number): RamDisk[] {
    let now = disks;
    for (const [number, { at, disk }] of alone) {
        if (at < began) {
            alone.delete(number);
        } else {
            now = withRamDisk(now, number, disk);
        }
    }
    return now;
}

/** Tells whether nothing of a RAM disk changed but how much it holds and what went wrong. @param before undefined: it was not there */
export function isSameButUsage(before: RamDisk | undefined, now: RamDisk): boolean {
    const { size, readOnly, populated } = now;
    return before?.size === size && before.readOnly === readOnly && before.populated === populated;
}

/** Puts one volume, as it is now, among the others in the order of the numbers. @param volume undefined: there is none */
export function withVolume(
    volumes: ReadonlyMap<string, Volume>,
    number: number,
    volume: Volume | undefined,
): Map<string, Volume> {
    const name = volumeName(number);
    const isKnown = volumes.has(name);
    const all = new Map(isKnown ? volumes : []);
    if (volume === undefined) {
        all.delete(name);
        return isKnown ? all : new Map(volumes);
    }
    if (!isKnown) {
        // A map keeps the order in which its entries came.
        for (const [other, one] of volumes) {
            if (one.number > number) {
                all.set(name, volume);
            }
            all.set(other, one);
        }
    }
    return all.set(name, volume);
}

/** The major number of all RAM disks; undefined when none of the devices is one whose number is known. */
function majorOf(devices: readonly BlockDevice[]): string | undefined {
    return devices.find(({ name, devno }) => devno !== "" && ramDiskNumber(name) !== undefined)?.devno.split(":")[0];
}

/** @param major without it, the number of the device is not known; its minor is the number of the RAM disk */
function ramDevice({ number, size, readOnly }: RamDisk, major: string | undefined): BlockDevice {
    const devno = major === undefined ? "" : `${major}:${number}`;
    const name = volumeName(number);
    return {
        ...{ name, path: `/dev/${name}`, devno, size, blockSize: 512, readOnly, removable: false },
        ...{ vendor: "", model: "", type: "ram", holders: [], slaves: [], partitions: [], users: [] },
    };
}
