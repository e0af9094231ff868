// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Why device-mapper refused a table: it says so in the kernel log only (/dev/kmsg, Documentation/ABI/testing/dev-kmsg). */
import { closeSync, constants, openSync, readSync } from "node:fs";
import { errnoOf } from "./errno.js";

const MOST_RECORDS = 20_000;

/** Reads records of the kernel log. Without the right to read it there are simply no reasons. */
export class KernelLog {
    constructor(private readonly file: string) {}

    /** The log's clock, in microseconds: the kernel's monotonic one, give or take its drift. */
    now(): number {
        return Number(process.hrtime.bigint() / 1000n);
    }

    /**
     * The last reason that a target of `type` gave since `started`, for example "Invalid cache size".
     * @param started {@link now} before the attempt
     * @param errno what the attempt failed with: the reason must go with it
     */
    deviceMapperReason(started: number, type: string, errno: string): string | undefined {
        const slack = 2_000_000 + started / 1000;
        let reason: string | undefined;
        for (const record of this.records()) {
            const [, time, text] = /^\d+,\d+,(\d+)[^;]*;(.*)/.exec(record) ?? [];
            if (text === undefined || Number(time) < started - slack) continue;
            const match = /^device-mapper: table: (?:\d+:\d+: )?([^ :]+): (.*?)(?: \(-(E[A-Z0-9]+|\d+)\))?$/.exec(text);
            if (match?.[1] !== type) continue;
            reason = match[3] === undefined || /^\d/.test(match[3]) || match[3] === errno ? match[2] : undefined;
        }
        return reason?.replace(/\.$/, "");
    }

    private *records(): Generator<string> {
        let fd: number;
        try {
            fd = openSync(this.file, constants.O_RDONLY | constants.O_NONBLOCK);
        } catch {
            return;
        }
        try {
            const buffer = Buffer.allocUnsafe(8192);
            for (let count = 0; count < MOST_RECORDS; count++) {
                try {
                    const length = readSync(fd, buffer, 0, buffer.length, null);
                    if (length === 0) return;
                    yield buffer.toString("utf8", 0, length);
                } catch (error) {
                    // EPIPE: records were overwritten while we read; the next read goes on with the oldest left.
                    if (errnoOf(error) !== "EPIPE") return;
                }
            }
        } finally {
            closeSync(fd);
        }
    }
}
