// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** The groups of measurements, in the order of the report, and where each is taken by default. */
import type { Bar, Where } from "./cell.js";

/** What the report says of a group. */
export interface GroupInfo {
    name: string;
    title: string;
    where: readonly Where[];
}

export const GROUPS: readonly GroupInfo[] = [
    { name: "ramdisk", title: "RAM disk against brd and zram", where: ["icount", "smp"] },
    { name: "fill", title: "First write: every page is allocated on the way", where: ["icount"] },
    { name: "cache", title: "Cache hits", where: ["icount", "smp"] },
    { name: "origin", title: "Misses and writes over a 5 ms origin", where: ["icount", "smp"] },
    { name: "lifecycle", title: "Attaching, mapping, memory", where: ["icount"] },
    { name: "exports", title: "NVMe exports against brd exported by hand", where: ["icount", "smp"] },
    { name: "idle", title: "Services that have nothing to do", where: ["icount"] },
    { name: "trace", title: "Hit ratio on block traces", where: ["smp"] },
    { name: "dbus", title: "D-Bus service against udisks2", where: ["native", "smp"] },
    { name: "cli", title: "Command line", where: ["native", "smp"] },
    { name: "volumes", title: "1,024 volumes", where: ["native", "smp"] },
    { name: "rest", title: "HTTP bridge", where: ["smp"] },
    { name: "fastpath", title: "The bridge's fast path against its routes", where: ["native"] },
    { name: "page", title: "Page in Cockpit", where: ["native"] },
];

/** What the geometric means of families of cells are held against. */
export const FAMILY_BARS: Record<string, readonly Bar[]> = {
    "RAM disk": [
        { against: "brd", limit: 1.15 },
        { against: "zram", limit: 1 },
        { against: "upstream", limit: 1 },
    ],
};

/** A person's words for where a group was measured. */
export const PLACES: Record<Where, string> = {
    icount: "virtual machine, one CPU, guest time counts instructions",
    smp: "virtual machine, two CPUs",
    native: "this host, simulated kernel",
};
