// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { Job } from "./objects.js";

/** A job that this page saw begin or run, and since when, as of steadyNow(). */
export interface Seen {
    readonly job: Job;
    readonly since: number;
    /** Whether a dialog of this page waits for it, and tells when it fails. */
    readonly own: boolean;
}

/** What became of the jobs that were seen before: those that run, and those that have ended since. */
export interface Look {
    readonly running: ReadonlyMap<string, Seen>;
    readonly ended: readonly Seen[];
}

/**
 * Compares the jobs that there are with those that ran at the last look. A job that was over when it was first seen is of no
 * interest; one that vanished with its service neither ended well nor badly, and nothing is said of it.
 * @param before what ran at the last look
 * @param jobs those that there are, by their paths
 * @param now as of steadyNow()
 * @param isOwn says of one that runs whether a dialog of this page waits for it
 */
export function look(
    before: ReadonlyMap<string, Seen>,
    jobs: ReadonlyMap<string, Job>,
    now: number,
    isOwn: (job: Job) => boolean,
): Look {
    const running = new Map<string, Seen>();
    const ended: Seen[] = [];
    for (const [path, job] of jobs) {
        const seen = before.get(path);
        if (job.State === "running") {
            running.set(path, { job, since: seen?.since ?? now, own: seen?.own === true || isOwn(job) });
        } else if (seen) ended.push({ ...seen, job });
    }
    return { running, ended };
}

/** Work shorter than this, in ms, is not worth a line, nor a message that it is done. */
export const SHORT = 2000;

/** Whether a message says how a job ended: of each failure that no dialog tells, and of long work that is done. */
export function worthTelling({ job, since, own }: Seen, now: number): boolean {
    if (job.State === "failed") return !own;
    return job.State !== "cancelled" && now - since >= SHORT;
}
