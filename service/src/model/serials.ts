// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { NvmetTree } from "../kernel/port.js";
import { ModelError } from "./errors.js";
import type { ExportEntry } from "./storage.js";
import { quote } from "./values.js";

/**
 * Refuses an export with the serial number of another one: hosts name their disks by it (/dev/disk/by-id), and the names of two such
 * disks would collide. The kernel takes it without a word.
 * @param want the export that is to be made; an empty serial number is one that is not known yet
 * @param tree the exports that there are, those of others included
 * @param saved those that are restored at boot. One of the same device does not count: only one of the two can be made.
 * @throws ModelError Busy
 */
export function refuseSameSerial(
    want: Pick<ExportEntry, "nqn" | "serial" | "device">,
    tree: Pick<NvmetTree, "subsystems">,
    saved: readonly ExportEntry[] = [],
): void {
    const others = [...tree.subsystems, ...saved.filter(({ device }) => device !== want.device)];
    const other = others.find(({ nqn, serial }) => nqn !== want.nqn && serial === want.serial);
    if (want.serial !== "" && other !== undefined) {
        throw new ModelError(
            "Busy",
            `Serial ${quote(want.serial)} is that of ${other.nqn} already; hosts tell disks apart by it, so that each export needs its own.`,
        );
    }
}
