// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Block devices that the contestants are made of: RAM disks of three kinds, slow and fast origins, mappings. */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { run } from "../exec.js";
import type { Stage } from "../stage.js";

const MGMT = "/sys/kernel/rapiddisk/mgmt";
const NULL_BLK = "/sys/kernel/config/nullb";

/** Loads a kernel module by name. */
export async function modprobe(name: string, ...parameters: string[]): Promise<void> {
    await run("modprobe", [name, ...parameters]);
}

/** Waits until udev has looked at every new device, so that its probing does not disturb what is measured. */
export async function settle(): Promise<void> {
    await run("udevadm", ["settle", "--timeout=120"], { timeoutMs: 130_000, anyStatus: true });
}

/**
 * Attaches /dev/rd`number` of `bytes` bytes and gives its path. Whichever rapiddisk module is loaded does it.
 * The predecessor's detaches under a reader, so udev is waited for first; not for each `oneOfMany`, which only ours makes.
 */
export function attachRapidDisk(stage: Stage, number: number, bytes: number, oneOfMany = false): string {
    const path = `/dev/rd${number}`;
    if (existsSync(`/sys/block/rd${number}`)) throw new Error(`${path} is there already`);
    writeFileSync(MGMT, `rapiddisk attach ${number} ${bytes}\n`);
    stage.defer(path, async () => {
        if (!oneOfMany) await settle();
        await patiently(() => writeFileSync(MGMT, `rapiddisk detach ${number}\n`));
    });
    return path;
}

/** Loads brd with one disk of `bytes` bytes and gives its path. */
export async function attachBrd(stage: Stage, bytes: number): Promise<string> {
    await modprobe("brd", "rd_nr=1", `rd_size=${bytes / 1024}`, "max_part=0");
    stage.defer("brd", async () => {
        await settle();
        await run("rmmod", ["brd"]);
    });
    return "/dev/ram0";
}

/** Makes a zram disk with the given compressor and gives its path. */
export async function attachZram(stage: Stage, bytes: number, compressor: string): Promise<string> {
    await modprobe("zram", "num_devices=0");
    const number = readFileSync("/sys/class/zram-control/hot_add", "utf8").trim();
    const sysfs = `/sys/block/zram${number}`;
    stage.defer(`zram${number}`, async () => {
        await settle();
        await patiently(() => writeFileSync("/sys/class/zram-control/hot_remove", number));
        await run("rmmod", ["zram"]);
    });
    writeFileSync(`${sysfs}/comp_algorithm`, compressor);
    writeFileSync(`${sysfs}/disksize`, String(bytes));
    return `/dev/zram${number}`;
}

/** What a simulated origin is like. */
export interface Origin {
    /** Bytes, a multiple of 1 MiB. */
    bytes: number;
    /** Keeps what is written (in RAM), so that it may also be read back. */
    keepsData: boolean;
    /** Time until a request completes, from a timer interrupt; 0 completes at once. */
    latencyNs: number;
}

/** Makes a null_blk disk as origin and gives its path. */
export async function attachOrigin(stage: Stage, name: string, origin: Origin): Promise<string> {
    if (!existsSync(NULL_BLK)) await modprobe("null_blk", "nr_devices=0");
    const directory = `${NULL_BLK}/${name}`;
    mkdirSync(directory);
    stage.defer(directory, async () => {
        await settle();
        await patiently(() => writeFileSync(`${directory}/power`, "0"));
        rmdirSync(directory);
    });
    const settings: Record<string, number> = {
        size: origin.bytes / 2 ** 20,
        blocksize: 512,
        queue_mode: 2,
        submit_queues: 1,
        hw_queue_depth: 256,
        memory_backed: origin.keepsData ? 1 : 0,
        irqmode: origin.latencyNs > 0 ? 2 : 0,
        completion_nsec: origin.latencyNs,
    };
    for (const [key, value] of Object.entries(settings)) writeFileSync(`${directory}/${key}`, `${value}\n`);
    writeFileSync(`${directory}/power`, "1\n");
    const index = readFileSync(`${directory}/index`, "utf8").trim();
    return existsSync(`/sys/block/${name}`) ? `/dev/${name}` : `/dev/nullb${index}`;
}

/** Size of a block device in 512-byte sectors. */
export function sectors(device: string): number {
    return Number(readFileSync(`/sys/class/block/${basename(device)}/size`, "utf8"));
}

/** Reads and writes that reached a device since it was made: I/Os and sectors, from its stat file. */
export function ioCounters(device: string): { reads: number; readSectors: number; writes: number; flushes: number } {
    const fields = readFileSync(`/sys/class/block/${basename(device)}/stat`, "utf8")
        .trim()
        .split(/\s+/)
        .map(Number);
    return { reads: fields[0]!, readSectors: fields[2]!, writes: fields[4]!, flushes: fields[15] ?? 0 };
}

/** Makes a mapping from one table line and gives its path. */
export async function createMapping(stage: Stage, name: string, table: string): Promise<string> {
    await run("dmsetup", ["create", name, "--table", table]);
    stage.defer(name, async () => {
        await settle();
        await run("dmsetup", ["remove", "--retry", name]);
    });
    return `/dev/mapper/${name}`;
}

/** The kernel's name of a path such as /dev/mapper/x: the last part. Only for devices whose node has the kernel's name. */
function basename(device: string): string {
    return device.slice(device.lastIndexOf("/") + 1);
}

/** Tries again for a while what fails with EBUSY because udev still has the device open. */
export async function patiently(action: () => void): Promise<void> {
    for (let attempt = 0; ; attempt++) {
        try {
            action();
            return;
        } catch (error) {
            if ((error as NodeJS.ErrnoException).code !== "EBUSY" || attempt >= 200) throw error;
            await new Promise((resolve) => setTimeout(resolve, 100));
        }
    }
}
