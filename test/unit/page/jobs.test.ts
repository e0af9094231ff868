// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { look, SHORT, worthTelling } from "../../../cockpit-plugin/src/state/ended.js";
import type { Job } from "../../../cockpit-plugin/src/state/objects.js";

describe("page: jobs from look to look", () => {
    const job = (State: string): Job => ({
        path: "/j/1",
        Operation: "cache-flush",
        State,
        Progress: 0,
        Bytes: 0,
        ExpectedEndTime: 0,
        Objects: [],
        Error: "",
        Message: "",
        Cancellable: true,
        Cookie: "",
    });
    const nobody = () => false;
    const jobs = (State: string) => new Map([["/j/1", job(State)]]);

    it("keeps since when one runs, and tells once when it has ended", () => {
        const first = look(new Map(), jobs("running"), 1000, nobody);
        const second = look(first.running, jobs("running"), 5000, nobody);
        assert.equal(second.running.get("/j/1")?.since, 1000);
        const third = look(second.running, jobs("failed"), 6000, nobody);
        assert.deepEqual(
            third.ended.map(({ job, since }) => [job.State, since]),
            [["failed", 1000]],
        );
        assert.deepEqual(look(third.running, jobs("failed"), 7000, nobody).ended, []);
    });

    it("says nothing of one that was over before, nor of one that went with the service", () => {
        assert.deepEqual(look(new Map(), jobs("done"), 0, nobody).ended, []);
        const running = look(new Map(), jobs("running"), 0, nobody).running;
        assert.deepEqual(look(running, new Map(), 1, nobody).ended, []);
    });
});

describe("page: which ends of jobs are told", () => {
    const seen = (State: string, own = false) => ({ job: { State } as Job, since: 1000, own });

    it("each failure that no dialog waits for, however short the work was", () => {
        assert.equal(worthTelling(seen("failed"), 1001), true);
        assert.equal(worthTelling(seen("failed", true), 1000 + 10 * SHORT), false);
    });

    it("long work that is done, and nothing that was cancelled", () => {
        assert.equal(worthTelling(seen("done"), 1000 + SHORT - 1), false);
        assert.equal(worthTelling(seen("done"), 1000 + SHORT), true);
        assert.equal(worthTelling(seen("cancelled"), 1000 + 10 * SHORT), false);
    });

    it("a dialog's own job stays its own when the dialog is gone", () => {
        const job = { path: "/j/1", State: "running", Objects: ["/o"] } as unknown as Job;
        const first = look(new Map(), new Map([["/j/1", job]]), 0, ({ Objects }) => Objects.includes("/o"));
        const failed = look(first.running, new Map([["/j/1", { ...job, State: "failed" }]]), 1, () => false);
        assert.deepEqual(
            failed.ended.map(({ own }) => own),
            [true],
        );
    });
});

describe("page: what jobs do", () => {
    const source = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
    const words = (text: string, before: RegExp) => [...text.matchAll(before)].map(([, word]) => word);

    it("is said in words for every operation of the service, not as its name", () => {
        const model = ["volumes", "flush", "caches"].map((file) => source(`service/src/model/${file}.ts`)).join("");
        const operations = words(model, /(?:this\.change|jobs\.(?:start|watch))\(\s*"([a-z-]+)"/g);
        assert.ok(operations.length >= 6, operations.join(" "));
        const known = words(source("cockpit-plugin/src/state/texts.ts"), /"([a-z-]+)": N_\(/g);
        assert.deepEqual(
            operations.filter((operation) => !known.includes(operation)),
            [],
        );
    });
});
