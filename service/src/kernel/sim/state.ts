// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What the simulated kernel remembers, as plain data that can be written to a file and read back. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import type {
    BlockDeviceType,
    DeviceContents,
    DeviceUser,
    IoCounters,
    HiddenOrigin,
    Memory,
    ModuleName,
} from "../port.js";
import { MODULES } from "../port.js";
import { freshNvmet, type SimNvmetData } from "./nvmet.js";

export interface SimRamDisk {
    size: number;
    used: number;
    errors: number;
    highestWritten: number;
    /** All of its memory is allocated, and stays so. */
    populated?: boolean;
}

export interface SimDisk {
    devno: string;
    size: number;
    blockSize: number;
    vendor: string;
    model: string;
    removable: boolean;
    type: BlockDeviceType;
    /** Symlinks to it below /dev, whole paths. */
    links: string[];
    /** For a partition: its disk. */
    parent?: string;
}

export interface SimMapping {
    uuid: string;
    minor: number;
    suspended: boolean;
    targets: { start: number; length: number; type: string; params: string; slaves: string[] }[];
    /** Numbers of the status line; the fourteenth of rapiddisk-cache is that of failed I/O of the origin. */
    counters: number[];
    /** What the message seq_cutoff set, until another table is loaded. */
    cutoff?: number;
    /** Bytes on the RAM disk that an earlier table left there. */
    stale?: number;
}

export interface SimData {
    version: 1;
    ramDisks: Record<number, SimRamDisk>;
    disks: Record<string, SimDisk>;
    mappings: Record<string, SimMapping>;
    readOnly: string[];
    /** Kernel name to users; each claims the device exclusively, as a mount does. */
    users: Record<string, DeviceUser[]>;
    openers: Record<string, { command: string; pid: number }[]>;
    io: Record<string, IoCounters>;
    /** What is written on a device, by its kernel name. */
    contents?: Record<string, DeviceContents>;
    /** The sequence number of each disk, RAM disk and mapping by its kernel name, and the last that was given to any. */
    sequences?: Record<string, number>;
    lastSequence?: number;
    /** Origins of saved caches that udev hides since the boot. */
    hiddenOrigins?: HiddenOrigin[];
    memory: Memory;
    loaded: ModuleName[];
    available: ModuleName[];
    /** Most RAM disks that the module attaches. */
    maxRamDisks: number;
    /** Whether the RAM disk module is upstream's, which cannot erase through sysfs. */
    upstreamModule: boolean;
    nvmet: SimNvmetData;
}

const GIB = 2 ** 30;

/** Makes a fresh machine: both modules loaded, everything else available, 8 GiB of RAM, no disks. */
export function freshData(): SimData {
    return {
        version: 1,
        ramDisks: {},
        disks: {},
        mappings: {},
        readOnly: [],
        users: {},
        openers: {},
        io: {},
        memory: { total: 8 * GIB, available: 6 * GIB },
        loaded: ["rapiddisk", "rapiddisk_cache"],
        available: [...MODULES],
        maxRamDisks: 1024,
        upstreamModule: false,
        nvmet: freshNvmet(),
    };
}

/** Reads data saved earlier; undefined when the file does not exist. */
export function loadData(file: string): SimData | undefined {
    let text: string;
    try {
        text = readFileSync(file, "utf8");
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
    }
    const data = JSON.parse(text) as SimData;
    if (data.version !== 1) throw new Error(`${file} is not the state of a simulated kernel.`);
    return data;
}

/** Writes data so that a process killed at any moment leaves the old file or the new one whole. */
export function saveData(file: string, data: SimData): void {
    writeFileSync(`${file}.new`, JSON.stringify(data));
    renameSync(`${file}.new`, file);
}

/** Counts the bytes of the pages that a RAM disk of so many bytes has when none is absent. */
export const wholePages = (size: number): number => Math.ceil(size / 4096) * 4096;

export const zeroCounters = (): IoCounters => ({
    readIos: 0,
    readBytes: 0,
    readMs: 0,
    writeIos: 0,
    writeBytes: 0,
    writeMs: 0,
    discardIos: 0,
    discardBytes: 0,
    inFlight: 0,
    busyMs: 0,
});
