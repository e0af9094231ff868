// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { YieldQueue } from "../../../service/src/bus/service/yieldqueue.js";

describe("what many callers wait for together", () => {
    it("lets one of them go on in each turn of the event loop, in their order, and the first one at once", async () => {
        const queue = new YieldQueue();
        let turn = 0;
        let counting = true;
        const count = (): void => {
            turn += 1;
            if (counting) setImmediate(count);
        };
        setImmediate(count);
        const seen: [number, number][] = [];
        const together = Promise.resolve();
        await Promise.all(
            Array.from({ length: 20 }, async (_, index) => {
                await together;
                await queue.wait();
                seen.push([index, turn]);
            }),
        );
        counting = false;
        assert.deepEqual(
            seen.map(([index]) => index),
            Array.from({ length: 20 }, (_, index) => index),
        );
        assert.equal(seen[0]?.[1], 0);
        assert.equal(new Set(seen.map(([, when]) => when)).size, 20, "no two in one turn");
    });

    it("goes on at once for who comes alone", async () => {
        const queue = new YieldQueue();
        assert.equal(queue.wait(), undefined);
        await new Promise((resolve) => setImmediate(resolve));
        assert.equal(queue.wait(), undefined);
    });
});
