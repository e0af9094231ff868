// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { Semaphore } from "../../../service/src/system/semaphore.js";

describe("a semaphore", () => {
    it("lets so many go on at once, the others in the order in which they came, whatever fails", async () => {
        const semaphore = new Semaphore(2);
        const begun: number[] = [];
        let running = 0;
        let most = 0;
        const works = Array.from({ length: 6 }, (_, index) =>
            semaphore.run(async () => {
                begun.push(index);
                running += 1;
                most = Math.max(most, running);
                await new Promise((resolve) => setImmediate(resolve));
                running -= 1;
                if (index % 2 === 0) throw new Error(`no ${index}`);
                return index;
            }),
        );
        const results = await Promise.allSettled(works);
        assert.deepEqual(begun, [0, 1, 2, 3, 4, 5]);
        assert.equal(most, 2);
        assert.deepEqual(
            results.map((result) => (result.status === "fulfilled" ? result.value : (result.reason as Error).message)),
            ["no 0", 1, "no 2", 3, "no 4", 5],
        );
        assert.equal(await semaphore.run(async () => "free again"), "free again");
    });
});
