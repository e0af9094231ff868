// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Block traces: reading them, and writing them for fio. */

/** A request, widened to whole 4 KiB blocks. */
export interface Request {
    write: boolean;
    /** First block. */
    block: number;
    /** How many. */
    count: number;
}

const BLOCK = 4096;
const SECTOR = 512;
const HEADER = "version,time,op,size,lbn";
/** SCSI operation codes in hexadecimal. */
const OPERATIONS: Record<string, boolean> = { "28": false, "2a": true };

/**
 * Reads a trace: one request a line, columns version, time, operation (SCSI code in hex: 28 read, 2a write), size in bytes,
 * address in 512-byte sectors.
 * @throws Error naming the line that is not of this form
 */
export function parseTrace(text: string): Request[] {
    const lines = text.trim().split("\n");
    if (lines[0]?.trim() !== HEADER) throw new Error(`a trace begins with the line "${HEADER}"`);
    return lines.slice(1).map((line, index): Request => {
        const [, , operation, size, sector] = line.trim().split(",");
        const write = OPERATIONS[operation ?? ""];
        const bytes = Number(size);
        const start = Number(sector) * SECTOR;
        if (write === undefined || !(bytes > 0) || !Number.isSafeInteger(start) || start < 0) {
            throw new Error(`line ${index + 2} of the trace is no request: ${line}`);
        }
        const block = Math.floor(start / BLOCK);
        return { write, block, count: Math.ceil((start + bytes) / BLOCK) - block };
    });
}

/** Bytes from 0 to the end of the last block. */
export function extent(requests: readonly Request[]): number {
    return BLOCK * requests.reduce((end, { block, count }) => Math.max(end, block + count), 0);
}

/** fio's own log format, version 2: every request on one device, one after another. */
export function fioLog(requests: readonly Request[], device: string): string {
    const lines = ["fio version 2 iolog", `${device} add`, `${device} open`];
    for (const { write, block, count } of requests) {
        lines.push(`${device} ${write ? "write" : "read"} ${block * BLOCK} ${count * BLOCK}`);
    }
    lines.push(`${device} close`);
    return lines.join("\n") + "\n";
}

/** Requests to be replayed, and what simulated caches of each size make of them. */
export interface Replay {
    name: string;
    /** Bytes of the disk that it needs. */
    extent: number;
    requests: Request[];
    /** Percent of the blocks read, by policy. */
    sizes: { mib: number; simulated: Record<string, number> }[];
}
