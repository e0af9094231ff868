// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * Why device-mapper refused a table: it says so in the kernel log only (/dev/kmsg, Documentation/ABI/testing/dev-kmsg).
 *
 * The service has no right to open the log. It can be given a descriptor that systemd opened instead: reading that
 * needs no right. A descriptor reads on from where the last reading ended, and would wait at the end of the log;
 * Node can neither seek nor ask for EAGAIN on it, so that dd(1) reads, on its standard input.
 */
import { closeSync, constants, openSync } from "node:fs";
import { SerialQueue } from "../system/serialqueue.js";
import type { Tools } from "./exec.js";

/** Bytes: a record is at most 8 KiB, the log of a large machine some megabytes. */
const RECORD = 8192;
const MOST_TEXT = 2 ** 25;
/** Errors that are remembered, for attempts whose records the reading for another has consumed. */
const REMEMBERED = 64;

/** An error of a target, read from the log. */
interface LoggedError {
    type: string;
    reason: string;
    /** The errno behind it, where it is a symbolic one. */
    errno: string | undefined;
}

/** Reads records of the kernel log. Without the right to read it there are simply no reasons. */
export class KernelLog {
    private readonly errors: LoggedError[] = [];
    /** How many errors were ever read. */
    private known = 0;
    /** Readings go one after another: two would tear the text between them. */
    private readonly readings = new SerialQueue();
    private opened: number | undefined;

    /** @param descriptor an open one of the log; without it `file` is opened when it is first needed */
    constructor(
        private readonly file: string,
        private readonly tools: Tools,
        private readonly descriptor?: number,
    ) {}

    /**
     * Tells where the log ends now. What it says later can be of an attempt that begins after this, what it said before cannot:
     * the log's own clock drifts from every other, so that times would not tell.
     */
    async position(): Promise<number> {
        return (await this.readOn()) ? this.known : Infinity;
    }

    /**
     * Finds the last reason that a target of `type` gave since `position`, for example "Invalid cache size".
     * @param position {@link position} before the attempt
     * @param errno what the attempt failed with: the reason must go with it
     */
    async deviceMapperReason(position: number, type: string, errno: string): Promise<string | undefined> {
        await this.readOn();
        const first = this.known - this.errors.length;
        const last = this.errors.findLast((one, index) => one.type === type && first + index >= position);
        return last && (last.errno === undefined || last.errno === errno) ? last.reason : undefined;
    }

    /** Gives back what was opened here. */
    close(): void {
        if (this.opened !== undefined) closeSync(this.opened);
        this.opened = undefined;
    }

    /** Reads the log to its end. @returns whether it could */
    private readOn(): Promise<boolean> {
        return this.readings.run(() => {
            const descriptor = this.descriptor ?? this.open();
            return descriptor !== undefined && this.drain(descriptor);
        });
    }

    private open(): number | undefined {
        try {
            this.opened ??= openSync(this.file, constants.O_RDONLY | constants.O_NONBLOCK);
        } catch {
            return undefined; // No right to it, or none here.
        }
        return this.opened;
    }

    /** dd ends at the end of the log, or at EPIPE, where records were overwritten, and is run again. */
    private async drain(descriptor: number): Promise<boolean> {
        const args = ["iflag=nonblock", `bs=${RECORD}`, "status=none"];
        for (let runs = 0; runs < 3; runs++) {
            const result = await this.tools
                .run("dd", args, { stdin: descriptor, maxOutput: MOST_TEXT, timeout: 5000 })
                .catch(() => undefined);
            if (!result) return false;
            this.remember(result.stdout.split("\n"));
            if (!result.stderr.includes("Broken pipe")) return true;
        }
        return false;
    }

    private remember(lines: readonly string[]): void {
        for (const line of lines) {
            const match =
                /^\d+,\d+,\d+[^;]*;device-mapper: table: (?:\d+:\d+: )?([^ :]+): (.*?)(?: \(-(E[A-Z0-9]+|\d+)\))?$/.exec(
                    line,
                );
            const [, type, reason, errno] = match ?? [];
            if (type === undefined || reason === undefined) continue;
            const symbolic = errno === undefined || /^\d/.test(errno) ? undefined : errno;
            this.errors.push({ type, reason: reason.replace(/\.$/, ""), errno: symbolic });
            this.known++;
        }
        this.errors.splice(0, this.errors.length - REMEMBERED);
    }
}
