// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { randomUUID } from "node:crypto";
import type { ObjectChange, ObjectCache } from "../state/objectcache.js";

/** How long a change is waited for before it is answered with its job, in ms. */
const PATIENCE = 1_000;

/**
 * Tells of each change that is under way which job is its own: the one that the service marks with the change's cookie. What
 * the job works on says nothing, since several can work on one object, and others than the bridge start jobs as well.
 */
export class AsyncWork {
    /** What to call with the path of the job, by the cookie of the change. */
    private readonly waiting = new Map<string, (job: string) => void>();

    constructor(private readonly objects: Pick<ObjectCache, "on" | "all">) {
        objects.on("change", ({ what, kind, path }: ObjectChange) => {
            if (what === "added" && kind === "jobs") {
                this.claim(path);
            }
        });
    }

    /**
     * Waits for a change; one that takes longer than a second and has a job is answered by that.
     * @param send sends it, with this cookie
     * @returns what the change answered, or the path of its job, which tells how the change ends
     * @throws as `send` does
     */
    async resultOrJob<T>(send: (cookie: string) => Promise<T>): Promise<{ result: T } | { job: string }> {
        const cookie = randomUUID();
        let timer: NodeJS.Timeout | undefined;
        const job = new Promise<{ job: string }>((resolve) => {
            let path: string | undefined;
            let impatient = false;
            const look = (): void => void (path !== undefined && impatient && resolve({ job: path }));
            this.waiting.set(cookie, (begun) => {
                path = begun;
                look();
            });
            timer = setTimeout(() => {
                impatient = true;
                look();
            }, PATIENCE);
        });
        const work = send(cookie);
        // Once the job has been answered, the job tells how the change ended.
        work.catch(() => undefined);
        try {
            return await Promise.race([job, work.then((result) => ({ result }))]);
        } finally {
            clearTimeout(timer);
            this.waiting.delete(cookie);
        }
    }

    private claim(path: string): void {
        const cookie = this.objects.all("jobs").get(path)?.Cookie;
        if (typeof cookie === "string") {
            this.waiting.get(cookie)?.(path);
        }
    }
}
