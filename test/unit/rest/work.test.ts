// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { AsyncWork } from "../../../service/src/rest/v2/async.js";
import type { ObjectCache, ObjectProperties } from "../../../service/src/rest/state/objectcache.js";

const VOLUME = "/org/rapiddisk/Manager/volumes/rd0";

/** An object cache into which jobs come. */
class Jobs extends EventEmitter {
    readonly jobs = new Map<string, ObjectProperties>();

    all(): ReadonlyMap<string, ObjectProperties> {
        return this.jobs;
    }

    add(path: string, Cookie: string): void {
        this.jobs.set(path, { Objects: [VOLUME], Cookie });
        this.emit("change", { what: "added", kind: "jobs", path });
    }
}

describe("a change that becomes a job", () => {
    let objects: Jobs;
    let work: AsyncWork;
    beforeEach(() => {
        objects = new Jobs();
        work = new AsyncWork(objects as unknown as ObjectCache);
    });

    /** Sends a change that does not end by itself. */
    function start(): {
        cookie: string;
        answer: Promise<{ result: string } | { job: string }>;
        end: (result: string) => void;
    } {
        let cookie = "";
        let end: (result: string) => void = () => undefined;
        const send = (given: string): Promise<string> => {
            cookie = given;
            return new Promise((resolve) => (end = resolve));
        };
        const answer = work.resultOrJob(send);
        return { cookie, answer, end };
    }

    it("is answered with the job that the service marks with its cookie, in whatever order they come", async () => {
        const [one, other] = [start(), start()];
        assert.notEqual(one.cookie, other.cookie);
        objects.add("/jobs/1", other.cookie);
        objects.add("/jobs/2", one.cookie);
        assert.deepEqual(await one.answer, { job: "/jobs/2" });
        assert.deepEqual(await other.answer, { job: "/jobs/1" });
    });

    it("is never answered with a job that somebody else began on the same object", async () => {
        const { answer, end } = start();
        objects.add("/jobs/1", "");
        objects.add("/jobs/2", "of-somebody-else");
        await sleep(1_100); // It would have been by now.
        end("done");
        assert.deepEqual(await answer, { result: "done" });
    });

    it("that fails before it has a job of its own says so", async () => {
        const answer = work.resultOrJob(() => Promise.reject(new Error("Busy")));
        objects.add("/jobs/1", "");
        await assert.rejects(answer, /Busy/);
    });
});
