// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { extent, fioLog, lruReadHits, parseTrace, type Request } from "../../../bench/src/blocktrace.js";
import { LruCache } from "../../../bench/src/lru.js";

const HEADER = "version,time,op,size,lbn\n";

function reads(...blocks: number[]): Request[] {
    return blocks.map((block) => ({ write: false, block, count: 1 }));
}

describe("bench trace replay", () => {
    it("widens requests to whole 4 KiB blocks", () => {
        assert.deepEqual(parseTrace(`${HEADER}1,5,2a,512,7\n1,6,28,6656,15\n`), [
            { write: true, block: 0, count: 1 },
            { write: false, block: 1, count: 3 },
        ]);
    });

    it("names the line that it cannot read", () => {
        assert.throws(() => parseTrace(`${HEADER}1,5,2a,512,7\n1,6,35,512,0\n`), /line 3 of the trace/);
        assert.throws(() => parseTrace("1,5,2a,512,7\n"), /begins with the line/);
    });

    it("writes fio's log with offsets and lengths in bytes", () => {
        const requests = parseTrace(`${HEADER}1,5,28,8192,16\n`);
        assert.equal(
            fioLog(requests, "/dev/x"),
            "fio version 2 iolog\n/dev/x add\n/dev/x open\n/dev/x read 8192 8192\n/dev/x close\n",
        );
        assert.equal(extent(requests), 16384);
    });

    it("drops the least recently used block, not the oldest", () => {
        const cache = new LruCache(2);
        assert.deepEqual(
            [1, 2, 1, 3, 1, 2].map((block) => cache.access(block)),
            [false, false, true, false, true, false],
        );
    });

    it("agrees with a slow LRU on random accesses", () => {
        const cache = new LruCache(5);
        let list: number[] = [];
        let seed = 1;
        for (let step = 0; step < 2000; step++) {
            seed = (seed * 48271) % 2147483647;
            const block = seed % 12;
            assert.equal(cache.access(block), list.includes(block));
            list = [block, ...list.filter((other) => other !== block)].slice(0, 5);
        }
    });

    it("counts reads only, but lets writes fill the cache", () => {
        assert.equal(lruReadHits([{ write: true, block: 1, count: 1 }, ...reads(1, 2)], 2 * 4096), 0.5);
        assert.equal(lruReadHits(reads(1, 2, 1, 2), 4096), 0);
        assert.throws(() => lruReadHits([], 4096), /reads nothing/);
    });
});
