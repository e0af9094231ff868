// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { cacheStatistics, fullness } from "../../../cockpit-plugin/src/state/cachestatistics.js";
import { parseCacheStatus } from "../../../service/src/model/statistics.js";

const through = { Mode: "write-through", CacheSize: 4 * 4096, BlockSize: 4096 };
const back = { Mode: "writeback", CacheSize: 100 * 4096, BlockSize: 4096 };

describe("page: statistics of a cache", () => {
    it("of one that writes through: what its volume holds, and nothing that could be lost", () => {
        const values = parseCacheStatus("c", false, "10 5 9 0 0 0 0 0 0 1 5 9 0");
        const statistics = cacheStatistics(through, values, 4096);
        assert.deepEqual(statistics, { hitRatio: 0.9, filled: 4096, room: 4 * 4096, unwritten: 0, originErrors: null });
        assert.equal(fullness(statistics), 0.25);
        assert.equal(fullness(cacheStatistics(through, values, 2 ** 30)), 1, "a volume that is larger than the cache");
        assert.equal(fullness(cacheStatistics(through, values, undefined)), null, "a volume that is none of ours");
    });

    it("of a module that tells: the blocks that it holds, and what its origin failed", () => {
        const values = {
            ...parseCacheStatus("c", false, "10 5 9 0 0 0 0 0 0 1 5 9 0"),
            cached_blocks: 2,
            origin_errors: 3,
        };
        const statistics = cacheStatistics(through, values, 4 * 4096);
        assert.deepEqual(
            [statistics.filled, statistics.originErrors],
            [2 * 4096, 3],
            "the rest is of an earlier table",
        );
    });

    it("of one that writes back: what is not free is what the origin may lack", () => {
        const values = parseCacheStatus("c", true, "0 96 72 1 4 1 0 0 0 0 0 0 0 0");
        const statistics = cacheStatistics(back, values, 2 ** 30);
        assert.deepEqual(statistics, {
            hitRatio: 0.25,
            filled: 24 * 4096,
            room: 96 * 4096,
            unwritten: 24 * 4096,
            originErrors: null,
        });
        assert.equal(fullness(statistics), 0.25);
    });

    it("before anything was read, have no hit ratio, which is another thing than 0", () => {
        assert.equal(cacheStatistics(back, parseCacheStatus("c", true, "0 96 96 0"), 0).hitRatio, null);
        assert.equal(cacheStatistics(through, { reads: 3, hit_ratio: 0 }, 0).hitRatio, 0);
    });

    it("are not known before they were measured", () => assert.equal(fullness(undefined), null));
});
