// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { CLOCKS, type Clocks } from "../clock.js";
import { ModelError, type ErrorKind } from "./errors.js";
import type { JobState, JobView, Operation, StateListener } from "./types.js";

/** How long a finished job stays, in ms. */
const KEEP = 60_000;
/** Work that nobody can stop is a job once it has taken this long, in ms. */
const LONG = 1_000;
/** Most jobs that are shown; beyond it the oldest finished ones go early. */
const MOST = 256;

/** The worker's side of a job. */
export interface JobHandle {
    readonly id: string;
    /** Aborted when somebody cancels the job. */
    readonly cancelled: AbortSignal;
    /** @param progress 0 to 1 @param bytes to do in total */
    update(progress: number, bytes: number): void;
    /** Ends the job; `error` is what went wrong, if anything. Only the first call counts. */
    finish(error?: unknown): void;
}

/** How far work is: 0 to 1, of so many bytes. */
export interface Done {
    readonly progress: number;
    readonly bytes: number;
}

interface JobRecord {
    view: JobView;
    /** Undefined when nobody can stop it. */
    abort: AbortController | undefined;
    /** By the clock that only goes on. */
    started: number;
    expiry?: NodeJS.Timeout;
}

/** Work that can outlast a second: who watches can see how far it is, and anybody allowed can stop it. */
export class Jobs {
    private readonly jobs = new Map<string, JobRecord>();
    private next: number;

    /**
     * @param first the first number. Numbers go on from the time since the machine was started, in ms: anyone who holds a
     * job of before a restart of the service, even of one that was killed, never meets another under its number, since
     * no service starts a thousand jobs a second.
     * @param long see {@link watch}
     */
    constructor(
        private readonly tell: StateListener,
        first = Number(process.hrtime.bigint() / 1_000_000n),
        private readonly long = LONG,
        private readonly clocks: Clocks = CLOCKS,
    ) {
        this.next = first;
    }

    get views(): JobView[] {
        return [...this.jobs.values()].map((job) => job.view);
    }

    get running(): number {
        return this.views.filter((view) => view.state === "running").length;
    }

    /**
     * Starts a job, which is shown from now on.
     * @param cookie of who asked for this and for nothing more
     * @throws ModelError LimitsExceeded
     */
    start(operation: Operation, objects: JobView["objects"], cookie = ""): JobHandle {
        const abort = new AbortController();
        const job = this.add(operation, objects, abort, cookie);
        return {
            id: job.view.id,
            cancelled: abort.signal,
            update: (progress, bytes) => this.update(job, progress, bytes),
            finish: (error) => this.finish(job, error),
        };
    }

    /**
     * Does work that the kernel does in one step, so that nobody can stop it. When it takes longer than a second it becomes a
     * job.
     * @param look how far it is, where that can be told; else nothing is known of it but that it runs
     * @param cookie of who asked for this and for nothing more
     * @throws as the work does
     */
    async watch<T>(
        operation: Operation,
        objects: JobView["objects"],
        work: () => Promise<T>,
        look?: () => Promise<Done | undefined>,
        cookie = "",
    ): Promise<T> {
        let job: JobRecord | undefined;
        let timer: NodeJS.Timeout;
        const again = (): void => {
            timer = setTimeout(() => {
                if (job === undefined && this.running < MOST) {
                    job = this.add(operation, objects, undefined, cookie);
                }
                if (look !== undefined) {
                    // A look that fails only leaves the progress as it was.
                    void look()
                        .then((done) => done && job && this.update(job, done.progress, done.bytes))
                        .catch(() => undefined)
                        .finally(() => ended || again());
                }
            }, this.long);
            timer.unref();
        };
        let ended = false;
        again();
        const finish = (error?: unknown): void => void (job !== undefined && this.finish(job, error));
        try {
            const result = await work();
            finish();
            return result;
        } catch (error) {
            finish(error);
            throw error;
        } finally {
            ended = true;
            clearTimeout(timer!);
        }
    }

    /** Has the running job of an object say what it waits for; "" when it goes on. @param id of the object */
    say(id: string, message: string): void {
        for (const job of this.jobs.values()) {
            if (job.view.state === "running" && job.view.objects.some((object) => object.id === id)) {
                this.put(job, { ...job.view, message });
            }
        }
    }

    private add(
        operation: Operation,
        objects: JobView["objects"],
        abort: AbortController | undefined,
        cookie: string,
    ): JobRecord {
        this.makeRoom();
        const id = String(this.next++);
        const view: JobView = {
            id,
            operation,
            state: "running",
            progress: 0,
            bytes: 0,
            expectedEndTime: 0,
            objects,
            errorKind: "",
            message: "",
            cancellable: abort !== undefined,
            cookie,
        };
        const job: JobRecord = { view, abort, started: this.clocks.steady() };
        this.jobs.set(id, job);
        this.tell.added("job", id, view);
        return job;
    }

    /** Asks a job to stop. @throws ModelError NotFound, Failed when it has ended, NotSupported when it cannot be stopped */
    cancel(id: string): void {
        const job = this.jobs.get(id);
        if (job === undefined) {
            throw new ModelError("NotFound", `There is no job ${id}.`);
        }
        if (job.view.state !== "running") {
            throw new ModelError("Failed", `Job ${id} has ended already: it is ${job.view.state}.`);
        }
        if (job.abort === undefined) {
            throw new ModelError(
                "NotSupported",
                `Job ${id} (${job.view.operation}) cannot be stopped: the kernel does it in one step. Wait for it to end.`,
            );
        }
        job.abort.abort();
        this.finish(job, new ModelError("Cancelled", `Job ${id} was cancelled.`));
    }

    /** Forgets the timers, for the end of the process. */
    close(): void {
        for (const job of this.jobs.values()) {
            clearTimeout(job.expiry);
        }
    }

    private update(job: JobRecord, progress: number, bytes: number): void {
        if (job.view.state !== "running") {
            return;
        }
        const done = Math.max(job.view.progress, Math.min(1, progress));
        const elapsed = this.clocks.steady() - job.started;
        const left = elapsed / done - elapsed;
        const expectedEndTime =
            done > 0 && elapsed > 500 ? Math.round((this.clocks.wall() + left) * 1000) : job.view.expectedEndTime;
        this.put(job, { ...job.view, progress: done, bytes, expectedEndTime });
    }

    private finish(job: JobRecord, error: unknown): void {
        if (job.view.state !== "running") {
            return;
        }
        if (error === undefined) {
            this.put(job, { ...job.view, state: "done", progress: 1, message: "" });
        } else {
            const kind: ErrorKind = error instanceof ModelError ? error.kind : "Failed";
            const state: JobState = kind === "Cancelled" ? "cancelled" : "failed";
            const message = error instanceof ModelError ? error.message : "The work failed for an internal reason.";
            this.put(job, { ...job.view, state, errorKind: kind, message });
        }
        job.expiry = setTimeout(() => this.drop(job), KEEP);
        job.expiry.unref();
    }

    private put(job: JobRecord, view: JobView): void {
        const keys = (Object.keys(view) as (keyof JobView)[]).filter((key) => view[key] !== job.view[key]);
        job.view = view;
        if (keys.length > 0) {
            this.tell.changed("job", view.id, view, keys);
        }
    }

    private drop(job: JobRecord): void {
        clearTimeout(job.expiry);
        if (this.jobs.delete(job.view.id)) {
            this.tell.removed("job", job.view.id);
        }
    }

    private makeRoom(): void {
        if (this.jobs.size < MOST) {
            return;
        }
        const finished = [...this.jobs.values()].find((job) => job.view.state !== "running");
        if (finished === undefined) {
            throw new ModelError("LimitsExceeded", `${MOST} jobs are running already; wait for one to end.`);
        }
        this.drop(finished);
    }
}
