// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What every group of measurements in the guest is given. */
import type { Cell, Where } from "../cell.js";

/** Settings of a run, the same for every group. */
export interface Context {
    where: Where;
    /** Rounds of throughput cells. */
    rounds: number;
    /** Milliseconds of guest time for each contestant in each throughput cell of each round. */
    slotMs: number;
    /** Jobs counts to measure with: one CPU needs no second job. */
    jobs: readonly number[];
    /** Directory with modules, and maybe the daemon, of the predecessor to compare with, if any. */
    upstream?: string;
    /** Traces to replay, if any, as the host prepared them. */
    replays?: string;
    /** Hands a finished cell over. */
    emit: (cell: Cell) => void;
    /** Says what is going on, for people. */
    say: (text: string) => void;
}

/** One group: sets its contestants up, measures, emits its cells, takes everything down. */
export type Group = (context: Context) => Promise<void>;

/** Whether the guest has the modules that a group needs; else a sentence for the report. */
export class Unavailable extends Error {}
