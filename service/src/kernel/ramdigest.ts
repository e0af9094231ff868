// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * Changes of RAM disks that raise no uevent: failed writes and, with upstream's module, the read-only flag (BLKROSET). Ours
 * tells of that flag; but its notice comes a moment before the change, so that a reading may still have missed it.
 */
import { exists, readLine, readText } from "./files.js";
import { ramDiskNumber } from "./names.js";
import type { Paths } from "./paths.js";
import { parseSummary } from "./ramdisk-parse.js";

/** RAM disks looked at in one reading; beyond it goes round. Ours tell of all but failed writes, which nobody waits for. */
const AT_ONCE = { ours: 8, upstream: 64 };

/** Remembers what it saw of each RAM disk. One reading costs the same with a thousand of them as with sixty-four. */
export class RamDigest {
    private readonly seen = new Map<string, string>();
    private next = 0;
    private changes = 0;

    constructor(private readonly paths: Paths) {}

    /**
     * Gives a number that is another one after a change of a flag or of the errors was seen.
     * @param names kernel names of all block devices
     */
    read(names: readonly string[]): number {
        const disks = names.filter((name) => ramDiskNumber(name) !== undefined);
        const most = exists(this.paths.memoryLimits) ? AT_ONCE.ours : AT_ONCE.upstream;
        for (let count = Math.min(most, disks.length); count > 0; count--) {
            this.next = (this.next + 1) % disks.length;
            this.look(disks[this.next] ?? "");
        }
        if (this.seen.size > 2 * disks.length + most) this.seen.clear();
        return this.changes;
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
