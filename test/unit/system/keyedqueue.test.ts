// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { KeyedQueue } from "../../../service/src/system/keyedqueue.js";

describe("a keyed queue", () => {
    it("lets work of one key wait for its own kind alone, also for one that fails", async () => {
        const queue = new KeyedQueue<string>();
        const seen: string[] = [];
        let fail = (): void => undefined;
        const first = queue.run(
            "a",
            () =>
                new Promise<void>((_, reject) => {
                    seen.push("a 1");
                    fail = () => reject(new Error("no"));
                }),
        );
        const second = queue.run("a", () => seen.push("a 2"));
        await queue.run("b", () => seen.push("b"));
        assert.deepEqual(seen, ["a 1", "b"]);
        fail();
        await assert.rejects(first, /no/);
        await second;
        assert.deepEqual(seen, ["a 1", "b", "a 2"]);
    });

    it("forgets a key whose work has ended, and no sooner", async () => {
        const queue = new KeyedQueue<number>();
        const works = [1, 1, 2].map((key) => queue.run(key, () => key));
        assert.equal(queue.size, 2);
        assert.deepEqual(await Promise.all(works), [1, 1, 2]);
        assert.equal(queue.size, 0);
    });
});
