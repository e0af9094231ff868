// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { SerialQueue } from "../../../service/src/system/serialqueue.js";

/** Lets everything go on that waits for nothing else. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a serial queue", () => {
    it("does one work after another, in the order in which they came", async () => {
        const queue = new SerialQueue();
        const seen: string[] = [];
        const work = (name: string, turns: number) => async (): Promise<void> => {
            seen.push(`${name} begins`);
            for (let i = 0; i < turns; i++) await turn();
            seen.push(`${name} ends`);
        };
        await Promise.all([queue.run(work("a", 3)), queue.run(work("b", 0)), queue.run(work("c", 1))]);
        assert.deepEqual(seen, ["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
    });

    it("gives the result and the error to the caller alone, and goes on after a failure", async () => {
        const queue = new SerialQueue();
        const results = await Promise.allSettled([
            queue.run(() => Promise.reject(new Error("later"))),
            queue.run(() => {
                throw new Error("at once");
            }),
            queue.run(() => 1),
            queue.run(async () => "two"),
        ]);
        assert.deepEqual(
            results.map((result) =>
                result.status === "fulfilled" ? (result.value as unknown) : (result.reason as Error).message,
            ),
            ["later", "at once", 1, "two"],
        );
    });

    it("takes work that is begun from within work, after what waits already", async () => {
        const queue = new SerialQueue();
        const seen: string[] = [];
        let inner: Promise<unknown> | undefined;
        const outer = queue.run(() => {
            seen.push("outer");
            inner = queue.run(() => seen.push("inner"));
        });
        await Promise.all([outer, queue.run(() => seen.push("waiting"))]);
        await inner;
        assert.deepEqual(seen, ["outer", "waiting", "inner"]);
    });

    it("is idle before the first work, and again when the caller of the last one hears of its end", async () => {
        const queue = new SerialQueue();
        assert.equal(queue.idle, true);
        const first = queue.run(() => turn());
        const failing = queue.run(() => Promise.reject(new Error("no")));
        assert.equal(queue.idle, false);
        await first;
        assert.equal(queue.idle, false);
        await assert.rejects(failing, /no/);
        assert.equal(queue.idle, true);
    });
});
