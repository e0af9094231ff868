// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** I/O counters of block devices (Documentation/block/stat.rst, Documentation/admin-guide/iostats.rst). */
import { SECTOR } from "../facts/sizes.js";
import { readText, Slices } from "./files.js";
import { checkDeviceName } from "./names.js";
import type { Paths } from "./paths.js";
import { KernelError, type IoCounters } from "./port.js";

/** Reads the counters of one device. @throws KernelError ENODEV */
export function readIoCounters(paths: Paths, device: string): IoCounters {
    const counters = countersOf(paths, device);
    if (counters === undefined) throw new KernelError("ENODEV", `There is no block device ${device}.`);
    return counters;
}

/**
 * Reads the counters of many devices by their kernel names. One file tells of all devices; what it leaves out is looked for in the
 * device's own, so that a thousand volumes do not cost a thousand files.
 * @returns without those that are not there
 */
export async function readAllIoCounters(paths: Paths, devices: readonly string[]): Promise<Map<string, IoCounters>> {
    const found = new Map<string, IoCounters>();
    if (devices.length === 0) return found;
    const wanted = new Set(devices);
    const slices = new Slices();
    for (const line of (readText(paths.diskStats) ?? "").split("\n")) {
        await slices.pause();
        const [, , name, ...fields] = line.trim().split(/ +/);
        // The kernel writes "!" in a name of sysfs as "/" here.
        const device = name?.replaceAll("/", "!") ?? "";
        if (wanted.delete(device)) found.set(device, parse(fields));
    }
    for (const device of wanted) {
        await slices.pause();
        const counters = countersOf(paths, device);
        if (counters !== undefined) found.set(device, counters);
    }
    return found;
}

function countersOf(paths: Paths, device: string): IoCounters | undefined {
    checkDeviceName(device);
    const text = readText(`${paths.block(device)}/stat`);
    return text === undefined ? undefined : parse(text.trim().split(/\s+/));
}

function parse(fields: readonly string[]): IoCounters {
    const at = (index: number): number => Number(fields[index] ?? 0);
    return {
        readIos: at(0),
        readBytes: at(2) * SECTOR,
        readMs: at(3),
        writeIos: at(4),
        writeBytes: at(6) * SECTOR,
        writeMs: at(7),
        inFlight: at(8),
        busyMs: at(9),
        discardIos: at(11),
        discardBytes: at(13) * SECTOR,
    };
}
