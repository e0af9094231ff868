// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What a promise about the kernel port needs around the port: a kernel, disks to play with, and somebody else. */
import assert from "node:assert/strict";
import {
    type AttachOptions,
    KernelError,
    type KernelPort,
    type KernelSnapshot,
} from "../../../service/src/kernel/index.js";

export const MIB = 2 ** 20;

/** Undoes something. Calling it twice is harmless. */
export type Undo = () => Promise<void>;

/** Things that only some fixtures can do; a promise that needs one is skipped, with the reason, where it is missing. */
export type Ability =
    "cache" | "writecache" | "suspend" | "by-id" | "our-module" | "nvmet" | "nvmet-tcp" | "nvmet-auth";

/** One kernel, real or simulated, for one promise. */
export interface KernelFixture {
    readonly kernel: KernelPort;
    /** Why this fixture lacks an ability; undefined when it has it. */
    lacks(ability: Ability): string | undefined;
    /** A RAM disk number that is free, different at each call. */
    freeNumber(): number;
    /** A mapping name that is free, different at each call. */
    freeName(): string;
    /** Kernel name of a disk of at least 64 MiB that holds nothing of worth and that nobody uses; the same at each call. */
    origin(): Promise<string>;
    /** Makes a file system where needed and mounts the device. Returns the mount point and how to undo it. */
    mount(device: string): Promise<{ path: string; undo: Undo }>;
    /** Makes an ext4 file system. @param blockSize bytes of its blocks */
    format(device: string, blockSize: number): Promise<void>;
    /** Makes the device swap space and uses it. */
    swap(device: string): Promise<Undo>;
    /** Cuts the device into two partitions of 4 MiB each. Returns their kernel names. */
    partition(device: string): Promise<[string, string]>;
    /** Another process opens the device, not exclusively. */
    hold(device: string): Promise<{ command: string; pid: number; undo: Undo }>;
    /** The origin of a saved cache is hidden by udev, as since a boot. @param source a path below /dev/disk/by-id */
    hideOrigin(name: string, source: string): Promise<void>;
    /** Writes data of no meaning and waits until the device has it. */
    write(number: number, offset: number, length: number): Promise<void>;
    /** The same verbs, done behind the port's back. */
    readonly other: {
        attach(number: number, size: number): Promise<void>;
        detach(number: number): Promise<void>;
        resize(number: number, size: number): Promise<void>;
        setReadOnly(device: string, readOnly: boolean): Promise<void>;
        createLinear(name: string, device: string, sectors: number): Promise<void>;
        removeMapping(name: string): Promise<void>;
        suspend(name: string, suspended: boolean): Promise<void>;
        removeNvmet(subsystem: string): Promise<void>;
    };
    /** Waits until nobody but users looks at devices (udev is done). */
    settle(): Promise<void>;
    /** Waits until earlier changes raise no more events. */
    quiet(): Promise<void>;
    /** Takes away everything that the promise left: its mappings, then its RAM disks. */
    clean(): Promise<void>;
}

/** One promise of the port. */
export interface Promised {
    name: string;
    needs?: Ability[];
    run: (fixture: KernelFixture) => Promise<void>;
}

/** Asserts that a verb is refused with one of these errnos and says so in one sentence. */
export async function refused(attempt: Promise<unknown>, ...errnos: string[]): Promise<KernelError> {
    let error: unknown;
    try {
        await attempt;
    } catch (thrown) {
        error = thrown;
    }
    assert.ok(error !== undefined, `succeeded, though ${errnos.join(" or ")} was due`);
    assert.ok(error instanceof KernelError, "threw something else than a KernelError");
    assert.ok(
        errnos.includes(error.errno),
        `failed with ${error.errno} (${error.message}), not ${errnos.join(" or ")}`,
    );
    assert.match(error.message, /^[^\n]+[.]$/, "the message is not one sentence");
    return error;
}

/** Runs a verb that must succeed, again, up to a hundred times, while udev holds the device open. */
export async function patiently(fixture: KernelFixture, verb: () => Promise<void>): Promise<void> {
    for (let tries = 1; ; tries++) {
        try {
            await verb();
            return;
        } catch (error) {
            if (!(error instanceof KernelError) || error.errno !== "EBUSY" || tries === 100) throw error;
            await fixture.settle();
            await new Promise((resolve) => setTimeout(resolve, 50));
        }
    }
}

/** Attaches a RAM disk at a free number. Returns the number. */
export async function attach(fixture: KernelFixture, size: number, options?: AttachOptions): Promise<number> {
    const number = fixture.freeNumber();
    await fixture.kernel.attachRamDisk(number, size, options);
    await fixture.settle();
    return number;
}

/** The RAM disk, the block device and the mapping of a name out of a fresh snapshot. */
export async function look(fixture: KernelFixture): Promise<{
    all: KernelSnapshot;
    ram: (number: number) => KernelSnapshot["ramDisks"][number] | undefined;
    device: (name: string) => KernelSnapshot["blockDevices"][number] | undefined;
    mapping: (name: string) => KernelSnapshot["mappings"][number] | undefined;
}> {
    const all = await fixture.kernel.snapshot();
    return {
        all,
        ram: (number) => all.ramDisks.find((disk) => disk.number === number),
        device: (name) => all.blockDevices.find((device) => device.name === name),
        mapping: (name) => all.mappings.find((mapping) => mapping.name === name),
    };
}
