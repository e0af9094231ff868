// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** RAM of the host (proc_meminfo(5)). */
import { readText } from "./files.js";
import type { Paths } from "./paths.js";
import { KernelError, type Memory } from "./port.js";

/** Reads the memory of the host. @throws KernelError EIO when /proc/meminfo does not say */
export function readMemory(paths: Paths): Memory {
    const text = readText(paths.memory) ?? "";
    const bytes = (name: string): number => {
        const match = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text);
        if (!match) throw new KernelError("EIO", `${name} cannot be read from /proc/meminfo.`);
        return Number(match[1]) * 1024;
    };
    return { total: bytes("MemTotal"), available: bytes("MemAvailable") };
}
