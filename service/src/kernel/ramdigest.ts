// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * Changes of RAM disks that raise no uevent: failed writes and, with upstream's module, the read-only flag (BLKROSET). Ours
 * tells of that flag; but its notice comes a moment before the change, so that a reading may still have missed it.
 */
import { readLine, readNames, readText } from "./files.js";
import { ramDiskNumber } from "./names.js";
import type { Paths } from "./paths.js";
import { parseSummary } from "./ramdisk-parse.js";

/** RAM disks looked at in one reading: up to so many each reading sees all, beyond it goes round. */
const AT_ONCE = 64;

/** Remembers what it saw of each RAM disk. One reading costs the same with a thousand of them as with sixty-four. */
export class RamDigest {
    private readonly seen = new Map<string, string>();
    private next = 0;
    private changes = 0;

    constructor(private readonly paths: Paths) {}

    /** Text that differs from the one before when a change was seen: of a flag, of the errors, or of which devices exist. */
    read(): string {
        const names = readNames(this.paths.classBlock);
        const disks = names.filter((name) => ramDiskNumber(name) !== undefined);
        for (let count = Math.min(AT_ONCE, disks.length); count > 0; count--) {
            this.next = (this.next + 1) % disks.length;
            this.look(disks[this.next] ?? "");
        }
        if (this.seen.size > 2 * disks.length + AT_ONCE) this.seen.clear();
        return `${names.join(" ")} ${this.changes}`;
    }

    private look(name: string): void {
        const directory = this.paths.block(name);
        const summary = parseSummary(0, readText(`${directory}/rapiddisk/summary`) ?? "");
        const now = summary
            ? `${summary.size} ${summary.errors} ${summary.readOnly}`
            : `${readLine(`${directory}/size`)} ${readLine(`${directory}/ro`)}`;
        const before = this.seen.get(name);
        this.seen.set(name, now);
        if (before !== undefined && before !== now) this.changes++;
    }
}
