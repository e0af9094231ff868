// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * Why device-mapper refused a table: it says so in the kernel log only (/dev/kmsg, Documentation/ABI/testing/dev-kmsg).
 *
 * The service has no right to open the log. It can be given a descriptor that systemd opened instead: reading that
 * needs no right. Such a descriptor reads on from where the last reading ended, and would wait at the end of the log;
 * Node can neither seek nor ask for EAGAIN on it, so that dd(1) reads, on its standard input.
 */
import { closeSync, constants, openSync, readSync } from "node:fs";
import { errnoOf } from "./errno.js";
import type { Tools } from "./exec.js";

const MOST_RECORDS = 20_000;
/** Bytes: a record is at most 8 KiB, the log of a large machine some megabytes. */
const RECORD = 8192;
const MOST_TEXT = 2 ** 25;
/** Refusals that are remembered, for those whose records another's reading has taken along. */
const REMEMBERED = 64;

/** One refusal out of the log. */
interface Refusal {
    /** Microseconds on the log's clock. */
    time: number;
    type: string;
    reason: string;
    /** The errno behind it, where it is a symbolic one. */
    errno: string | undefined;
}

/** Reads records of the kernel log. Without the right to read it there are simply no reasons. */
export class KernelLog {
    private readonly refusals: Refusal[] = [];
    /** Readings of an inherited descriptor go one after another: two would tear the text between them. */
    private turn: Promise<unknown> = Promise.resolve();

    /** @param descriptor an open one of the log; without it `file` is opened for each reading */
    constructor(
        private readonly file: string,
        private readonly tools: Tools,
        private readonly descriptor?: number,
    ) {}

    /** The log's clock, in microseconds: the kernel's monotonic one, give or take its drift. */
    now(): number {
        return Number(process.hrtime.bigint() / 1000n);
    }

    /**
     * The last reason that a target of `type` gave since `started`, for example "Invalid cache size".
     * @param started {@link now} before the attempt
     * @param errno what the attempt failed with: the reason must go with it
     */
    async deviceMapperReason(started: number, type: string, errno: string): Promise<string | undefined> {
        const slack = 2_000_000 + started / 1000;
        if (this.descriptor === undefined) {
            this.refusals.length = 0;
            this.remember(this.records());
        } else {
            const { descriptor } = this;
            this.turn = this.turn.then(() => this.drain(descriptor));
            await this.turn;
        }
        const last = this.refusals.findLast((one) => one.type === type && one.time >= started - slack);
        return last && (last.errno === undefined || last.errno === errno) ? last.reason : undefined;
    }

    private remember(records: Iterable<string>): void {
        for (const record of records) {
            const match =
                /^\d+,\d+,(\d+)[^;]*;device-mapper: table: (?:\d+:\d+: )?([^ :]+): (.*?)(?: \(-(E[A-Z0-9]+|\d+)\))?$/m.exec(record);
            const [, time, type, reason, errno] = match ?? [];
            if (time === undefined || type === undefined || reason === undefined) continue;
            const symbolic = errno === undefined || /^\d/.test(errno) ? undefined : errno;
            this.refusals.push({ time: Number(time), type, reason: reason.replace(/\.$/, ""), errno: symbolic });
        }
        this.refusals.splice(0, this.refusals.length - REMEMBERED);
    }

    /** Reads an inherited descriptor to its end. dd ends at EPIPE, where records were overwritten, and is run again. */
    private async drain(descriptor: number): Promise<void> {
        const args = ["iflag=nonblock", `bs=${RECORD}`, "status=none"];
        for (let again = true, runs = 0; again && runs < 3; runs++) {
            const result = await this.tools
                .run("dd", args, { stdin: descriptor, maxOutput: MOST_TEXT, timeout: 5000 })
                .catch(() => undefined);
            this.remember(result?.stdout.split("\n") ?? []);
            again = result?.stderr.includes("Broken pipe") ?? false;
        }
    }

    private *records(): Generator<string> {
        let fd: number;
        try {
            fd = openSync(this.file, constants.O_RDONLY | constants.O_NONBLOCK);
        } catch {
            return;
        }
        try {
            const buffer = Buffer.allocUnsafe(RECORD);
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
