// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { TokenBuckets } from "../../../service/src/system/tokenbuckets.js";

describe("token buckets", () => {
    it("let so many be taken at once, and one more each time so much has passed, however many were refused", () => {
        let now = 0;
        const buckets = new TokenBuckets<string>({ most: 3, oneMore: 100, keys: 8 }, () => now);
        assert.deepEqual(
            [1, 2, 3, 4, 5].map(() => buckets.take("a")),
            [0, 0, 0, undefined, undefined],
        );
        assert.equal(buckets.take("b"), 0, "each key has its own");
        now = 50;
        assert.equal(buckets.left("a"), 0.5);
        assert.equal(buckets.take("a"), undefined);
        now = 100;
        assert.equal(buckets.take("a"), 3, "tells how many were refused before it");
        assert.equal(buckets.take("a"), undefined);
        now = 10_000;
        assert.equal(buckets.left("a"), 3, "no more are saved up");
        assert.equal(buckets.take("a"), 1);
    });

    it("remember a bounded number of keys, those heard of last", () => {
        const buckets = new TokenBuckets<number>({ most: 1, oneMore: 100, keys: 4 }, () => 0);
        for (let key = 0; key < 1000; key++) {
            buckets.take(key);
            buckets.take(0);
        }
        assert.equal(buckets.size, 4);
        assert.equal(buckets.left(0), 0);
        assert.equal(buckets.left(996), 1);
        assert.equal(buckets.left(997), 0);
    });
});
