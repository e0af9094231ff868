// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { ramDiskNumber } from "../kernel/names.js";
import type { KernelEvent } from "../kernel/port.js";

/** The least pause between an event and the reading that it causes, in ms, so that a burst costs one reading. */
const SETTLE = 25;
/** Events closer together than this, in ms, are a storm: then whole readings keep a distance that their cost demands. */
const STORM = 2000;
/** Beyond so many RAM disks at once, everything is read. */
const MOST_DISKS = 64;

/** What is read because of events. */
export interface EventReader {
    /** Reads everything. */
    readAll: () => Promise<void>;
    /** Reads the NVMe target. */
    readTarget: () => Promise<void>;
    /** Reads RAM disks, by their numbers. @returns false when everything must be read to know what became of them */
    readDisks: (numbers: readonly number[]) => Promise<boolean>;
    /** Tells what a whole reading cost, in ms of processor time. */
    cost: () => number;
}

/** Turns events of the kernel into readings: of the RAM disks or the NVMe target that they are about, or of everything. */
export class EventReadings {
    private readonly disks = new Set<number>();
    private disksTimer: NodeJS.Timeout | undefined;
    private targetTimer: NodeJS.Timeout | undefined;
    private allTimer: NodeJS.Timeout | undefined;
    private lastAll = -STORM;
    private stopped = false;

    constructor(private readonly reader: EventReader) {}

    /** Notes what an event is about, and has it read soon. */
    take({ subsystem, devices }: KernelEvent): void {
        if (this.stopped) {
            return;
        }
        if (subsystem === "nvmet") {
            this.targetTimer ??= setTimeout(() => {
                this.targetTimer = undefined;
                void this.reader.readTarget();
            }, SETTLE);
            return;
        }
        const numbers = (devices ?? [""]).map(ramDiskNumber);
        if (!numbers.every((number) => number !== undefined)) {
            this.planAll();
            return;
        }
        numbers.forEach((number) => this.disks.add(number));
        this.disksTimer ??= setTimeout(() => this.readDisks(), SETTLE);
    }

    /** Reads nothing any more. */
    stop(): void {
        this.stopped = true;
        clearTimeout(this.disksTimer);
        clearTimeout(this.targetTimer);
        clearTimeout(this.allTimer);
    }

    private planAll(): void {
        if (this.allTimer === undefined && !this.stopped) {
            const storm = performance.now() - this.lastAll < STORM;
            const pause = storm ? Math.min(1000, Math.max(SETTLE, this.reader.cost() * 4)) : SETTLE;
            this.allTimer = setTimeout(() => {
                this.allTimer = undefined;
                void this.reader.readAll().finally(() => (this.lastAll = performance.now()));
            }, pause);
        }
    }

    private readDisks(): void {
        const numbers = [...this.disks];
        this.disks.clear();
        this.disksTimer = undefined;
        if (numbers.length > MOST_DISKS) {
            this.planAll();
        } else {
            // By the same pace as other whole readings: such events may come in a storm, too.
            void this.reader
                .readDisks(numbers)
                .catch(() => false)
                .then((areKnown) => (areKnown ? undefined : this.planAll()));
        }
    }
}
