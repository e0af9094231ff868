// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { readFileSync, writeFileSync } from "node:fs";

/** Resident memory of a process now, and its highest since {@link resetPeak}; in bytes. */
export function residentMemory(pid: number): { now: number; peak: number } {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) * 1024;
    return { now: field("VmRSS"), peak: field("VmHWM") };
}

/** Processor time that a process has taken so far, in ms (proc(5), stat: utime and stime, which count hundredths). */
export function cpuTime(pid: number): number {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
        .replace(/^.*\) /s, "")
        .split(" ");
    return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Forgets the highest resident memory of a process so far (proc(5), clear_refs). */
export function resetPeak(pid: number): void {
    writeFileSync(`/proc/${pid}/clear_refs`, "5");
}
