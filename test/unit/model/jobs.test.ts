// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { Jobs } from "../../../service/src/model/jobs.js";
import { ModelError } from "../../../service/src/model/errors.js";
import type { JobView, StateListener } from "../../../service/src/model/types.js";

const nobody: StateListener = { added: () => undefined, changed: () => undefined, removed: () => undefined };

describe("numbers of jobs", () => {
    it("count up, and are numbers of the contract", () => {
        const jobs = new Jobs(nobody);
        const ids = [1, 2, 3].map(() => jobs.start("cache-flush", []).id);
        ids.forEach((id) => assert.match(id, /^[1-9][0-9]{0,15}$/));
        assert.deepEqual(
            ids.slice(1).map((id, index) => Number(id) - Number(ids[index])),
            [1, 1],
        );
        jobs.close();
    });

    it("do not appear again in a service that starts later, however short the first lived", async () => {
        const before = new Jobs(nobody);
        const old = before.start("cache-flush", []);
        old.finish();
        before.close();
        await new Promise((resolve) => setTimeout(resolve, 5)); // a process takes longer to start
        const after = new Jobs(nobody);
        assert.throws(() => after.cancel(old.id), { message: `There is no job ${old.id}.` });
        const young = after.start("cache-flush", []);
        assert.ok(Number(young.id) > Number(old.id), `${young.id} after ${old.id}`);
        after.close();
    });
});

describe("when a job is expected to end", () => {
    /** Clocks that are set by hand. */
    const start = 1_700_000_000_000;

    for (const jump of [0, -40_000, 365 * 86_400_000]) {
        it(`does not depend on how long ago the clock was set, here by ${jump / 1000} s`, () => {
            const now = { steady: 0, wall: start };
            const clocks = { steady: () => now.steady, wall: () => now.wall };
            const jobs = new Jobs(nobody, 1, 5, clocks);
            const job = jobs.start("cache-flush", []);
            now.steady += 10_000;
            now.wall += 10_000 + jump;
            job.update(0.25, 1);
            const [view] = jobs.views;
            assert.equal(view?.expectedEndTime, (start + 10_000 + jump + 30_000) * 1000);
            jobs.close();
        });
    }
});

describe("work that nobody can stop", () => {
    const shown = (): { jobs: Jobs; seen: JobView[] } => {
        const seen: JobView[] = [];
        const tell: StateListener = {
            added: (_kind, _id, view) => void seen.push(view as JobView),
            changed: (_kind, _id, view) => void seen.push(view as JobView),
            removed: () => undefined,
        };
        return { jobs: new Jobs(tell, 1, 5), seen };
    };
    const states = (seen: readonly JobView[]): string[] => seen.map(({ state }) => state);

    it("is no job while it is short", async () => {
        const { jobs, seen } = shown();
        assert.equal(await jobs.watch("volume-erase", [], async () => 7), 7);
        await assert.rejects(
            jobs.watch("volume-erase", [], () => Promise.reject(new Error("no"))),
            /no/,
        );
        await new Promise((resolve) => setTimeout(resolve, 20));
        assert.deepEqual(seen, []);
    });

    it("is one once it takes long, says how it ended, and refuses to be stopped", async () => {
        const { jobs, seen } = shown();
        const objects = [{ kind: "volume" as const, id: "rd0" }];
        for (const error of [undefined, new ModelError("Busy", "rd0 is in use.")]) {
            let end = (): void => undefined;
            const hangs = new Promise<void>((resolve, reject) => {
                end = () => (error === undefined ? resolve() : reject(error));
            });
            const work = jobs.watch("volume-erase", objects, () => hangs);
            while (states(seen).at(-1) !== "running") await new Promise((resolve) => setTimeout(resolve, 1));
            assert.equal(seen.at(-1)!.cancellable, false);
            assert.throws(() => jobs.cancel(seen.at(-1)!.id), { kind: "NotSupported", message: /one step/ });
            assert.equal(jobs.running, 1);
            end();
            await (error === undefined ? work : assert.rejects(work, error));
        }
        assert.deepEqual(states(seen), ["running", "done", "running", "failed"]);
        assert.deepEqual(seen.at(-1)!.objects, objects);
        assert.equal(seen.at(-1)!.message, "rd0 is in use.");
        jobs.close();
    });

    it("has the cookie of who asked for it, and none when nobody gave one", async () => {
        const { jobs, seen } = shown();
        jobs.start("cache-flush", [], "mine");
        jobs.start("cache-flush", []);
        let end = (): void => undefined;
        const watched = jobs.watch(
            "volume-erase",
            [],
            () => new Promise<void>((resolve) => (end = resolve)),
            undefined,
            "too",
        );
        while (seen.length < 3) await new Promise((resolve) => setTimeout(resolve, 1));
        end();
        await watched;
        assert.deepEqual(
            jobs.views.map(({ cookie }) => cookie),
            ["mine", "", "too"],
        );
        jobs.close();
    });

    it("says how far it is, where that can be told, and goes on when one look fails", async () => {
        const { jobs, seen } = shown();
        const looks = [undefined, { progress: 0.25, bytes: 800 }, "fails", { progress: 0.75, bytes: 800 }];
        let end = (): void => undefined;
        const work = new Promise<void>((resolve) => (end = resolve));
        const watched = jobs.watch(
            "volume-erase",
            [],
            () => work,
            async () => {
                const done = looks.shift();
                if (typeof done === "string") throw new Error(done);
                return done;
            },
        );
        while (seen.at(-1)?.progress !== 0.75) await new Promise((resolve) => setTimeout(resolve, 1));
        end();
        await watched;
        assert.deepEqual(
            seen.map(({ progress, bytes }) => [progress, bytes]),
            [
                [0, 0],
                [0.25, 800],
                [0.75, 800],
                [1, 800],
            ],
        );
        jobs.close();
    });

    it("can be stopped where that was said when it was started", () => {
        const { jobs, seen } = shown();
        jobs.start("cache-flush", []);
        assert.equal(seen.at(-1)!.cancellable, true);
        jobs.close();
    });
});
