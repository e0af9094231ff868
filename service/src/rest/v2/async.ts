// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { Change, Mirror } from "../state/mirror.js";

/** How long a change is waited for before it is answered with its job, in ms. */
const PATIENCE = 1_000;

/** A change that is under way. */
interface Waiting {
    /** Object path that it is for. */
    object: string;
    /** Called once, with the path of its job. */
    begun(job: string): void;
}

/** Tells of each change that is under way which job is its own. */
export class Work {
    /** In the order in which the changes were sent: the service does those of one object one after the other. */
    private readonly waiting = new Set<Waiting>();

    constructor(private readonly mirror: Mirror) {
        mirror.on("change", ({ what, kind, path }: Change) => {
            if (what === "added" && kind === "jobs") {
                this.claim(path);
            }
        });
    }

    /**
     * Waits for a change; one that takes longer than a second and has a job is answered by that. With respond-async in
     * the Prefer header (RFC 7240) every change that has a job is.
     * @param object object path that the change is for
     * @param send sends it
     * @param wish the Prefer header
     * @returns what the change answered, or the path of its job
     * @throws as `send` does
     */
    async resultOrJob<T>(
        object: string,
        send: () => Promise<T>,
        wish: string | string[] | undefined,
    ): Promise<{ result: T } | { job: string }> {
        const atOnce = /(^|[,\s])respond-async($|[,;\s])/.test(String(wish ?? ""));
        let timer: NodeJS.Timeout | undefined;
        let waiting: Waiting | undefined;
        const job = new Promise<{ job: string }>((resolve) => {
            let path: string | undefined;
            let impatient = atOnce;
            const look = (): void => void (path !== undefined && impatient && resolve({ job: path }));
            waiting = {
                object,
                begun(job) {
                    path = job;
                    look();
                },
            };
            if (!atOnce) {
                timer = setTimeout(() => {
                    impatient = true;
                    look();
                }, PATIENCE);
            }
        });
        this.waiting.add(waiting!);
        const work = send();
        // Once the job has been answered, the job tells how the change ended.
        work.catch(() => undefined);
        try {
            return await Promise.race([job, work.then((result) => ({ result }))]);
        } finally {
            clearTimeout(timer);
            this.waiting.delete(waiting!);
        }
    }

    /** A job is that of the oldest change of one of its objects which has none yet. */
    private claim(path: string): void {
        const objects = this.mirror.all("jobs").get(path)?.Objects as string[] | undefined;
        for (const waiting of this.waiting) {
            if (objects?.includes(waiting.object) === true) {
                this.waiting.delete(waiting);
                waiting.begun(path);
                return;
            }
        }
    }
}
