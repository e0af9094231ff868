// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { look } from "../../../cockpit-plugin/src/state/ended.js";
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
    const jobs = (State: string) => new Map([["/j/1", job(State)]]);

    it("keeps since when one runs, and tells once when it has ended", () => {
        const first = look(new Map(), jobs("running"), 1000);
        const second = look(first.running, jobs("running"), 5000);
        assert.equal(second.running.get("/j/1")?.since, 1000);
        const third = look(second.running, jobs("failed"), 6000);
        assert.deepEqual(
            third.ended.map(({ job, since }) => [job.State, since]),
            [["failed", 1000]],
        );
        assert.deepEqual(look(third.running, jobs("failed"), 7000).ended, []);
    });

    it("says nothing of one that was over before, nor of one that went with the service", () => {
        assert.deepEqual(look(new Map(), jobs("done"), 0).ended, []);
        const running = look(new Map(), jobs("running"), 0).running;
        assert.deepEqual(look(running, new Map(), 1).ended, []);
    });
});

describe("page: what jobs do", () => {
    const source = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
    const words = (text: string, before: RegExp) => [...text.matchAll(before)].map(([, word]) => word);

    it("is said in words for every operation of the service, not as its name", () => {
        const model = ["volumes", "flush", "caches"].map((file) => source(`service/src/model/${file}.ts`)).join("");
        const operations = words(model, /(?:this\.change|jobs\.(?:start|watch))\(\s*"([a-z-]+)"/g);
        assert.ok(operations.length >= 6, operations.join(" "));
        const known = words(source("cockpit-plugin/src/state/words.ts"), /"([a-z-]+)": N_\(/g);
        assert.deepEqual(
            operations.filter((operation) => !known.includes(operation)),
            [],
        );
    });
});
