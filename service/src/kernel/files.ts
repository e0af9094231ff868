// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * Reading thousands of small kernel files without holding up the event loop. Files of sysfs and procfs answer from
 * memory, so plain reads are used: each costs a few microseconds, where a promise costs twenty times that. Anyone who
 * reads many calls {@link Slices.pause} between them.
 */
import { closeSync, openSync, readdirSync, readlinkSync, readSync, statSync } from "node:fs";
import { errnoOf } from "./errno.js";

let buffer = Buffer.allocUnsafe(16 * 1024);

/** Reads the whole text of a small kernel file, or undefined when it cannot be read (absent, gone, refused). */
export function readText(path: string): string | undefined {
    let fd: number;
    try {
        fd = openSync(path, "r");
    } catch {
        return undefined;
    }
    try {
        let length = 0;
        for (;;) {
            if (length === buffer.length) buffer = Buffer.concat([buffer], buffer.length * 2);
            const count = readSync(fd, buffer, length, buffer.length - length, null);
            if (count === 0) break;
            length += count;
            // sysfs attributes come whole in one read of up to a page.
            if (length < 4096 && path.includes("/sys/") && buffer[length - 1] === 0x0a) break;
        }
        return buffer.toString("utf8", 0, length);
    } catch {
        return undefined;
    } finally {
        closeSync(fd);
    }
}

/** Reads the first line without white space at its ends; "" when the file cannot be read. */
export function readLine(path: string): string {
    const text = readText(path);
    if (text === undefined) return "";
    const end = text.indexOf("\n");
    return (end < 0 ? text : text.slice(0, end)).trim();
}

/** Reads the number that a file holds; undefined when it is absent or does not hold one that is exact. */
export function readNumber(path: string): number | undefined {
    const text = readLine(path);
    if (!/^\d+$/.test(text)) return undefined;
    const number = Number(text);
    return Number.isSafeInteger(number) ? number : undefined;
}

/** Names in a directory; none when it cannot be read. */
export function readNames(path: string): string[] {
    try {
        return readdirSync(path);
    } catch {
        return [];
    }
}

/** Reads the target of a symlink, or undefined. */
export function readLink(path: string): string | undefined {
    try {
        return readlinkSync(path);
    } catch {
        return undefined;
    }
}

/** Reads the inode of a directory; undefined when there is no directory. Each that is made in configfs has another. */
export function inodeOf(path: string): number | undefined {
    try {
        const found = statSync(path, { throwIfNoEntry: false });
        return found?.isDirectory() === true ? found.ino : undefined;
    } catch {
        return undefined;
    }
}

/** Tells whether a file is there; one that cannot be looked at counts as there. */
export function exists(path: string): boolean {
    try {
        return statSync(path, { throwIfNoEntry: false }) !== undefined;
    } catch (error) {
        return errnoOf(error) !== "ENOTDIR";
    }
}

/** Reads major:minor of a block device node, without opening it; undefined when the path is none. */
export function blockDeviceNumber(path: string): string | undefined {
    try {
        const stats = statSync(path, { throwIfNoEntry: false });
        return stats?.isBlockDevice() ? devnoText(stats.rdev) : undefined;
    } catch {
        return undefined;
    }
}

/** Writes major:minor of a dev_t in the C library's 64-bit form (gnu_dev_makedev(3)). */
export function devnoText(rdev: number): string {
    const low = rdev % 2 ** 32;
    const high = Math.floor(rdev / 2 ** 32);
    const major = ((low >>> 8) & 0xfff) + (high & 0xfffff000);
    const minor = (low & 0xff) + ((low >>> 12) & 0xfff00) + (high & 0xfff) * 2 ** 20;
    return `${major}:${minor}`;
}

/** Cuts a long row of synchronous work into slices of a few milliseconds. */
export class Slices {
    private started = performance.now();

    constructor(private readonly milliseconds = 5) {}

    /** Lets the event loop run when the slice is used up. */
    async pause(): Promise<void> {
        if (performance.now() - this.started < this.milliseconds) return;
        await new Promise<void>((resolve) => setImmediate(resolve));
        this.started = performance.now();
    }
}
