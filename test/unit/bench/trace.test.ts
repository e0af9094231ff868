// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { extent, fioLog, parseTrace, type Request } from "../../../bench/src/blocktrace.js";
import { readHits } from "../../../bench/src/policies.js";
import { WORKLOADS } from "../../../bench/src/workloads.js";

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

    it("knows what each policy would have held", () => {
        const hits = readHits(reads(1, 2, 1, 3, 1, 2), 2 * 4096);
        assert.equal(hits["LRU"], (100 * 2) / 6);
        assert.equal(hits["FIFO"], (100 * 1) / 6);
        assert.equal(hits["optimum"], (100 * 2) / 6);
    });

    it("agrees with slow simulations on random accesses, and never beats the optimum", () => {
        let seed = 1;
        const blocks = Array.from({ length: 3000 }, () => {
            seed = (seed * 48271) % 2147483647;
            return seed % (seed % 3 === 0 ? 40 : 12);
        });
        const hits = readHits(reads(...blocks), 5 * 4096);
        const slow = (refresh: boolean): number => {
            let list: number[] = [];
            let count = 0;
            for (const block of blocks) {
                const hit = list.includes(block);
                if (hit) count++;
                if (!hit || refresh) list = [block, ...list.filter((other) => other !== block)].slice(0, 5);
            }
            return (100 * count) / blocks.length;
        };
        assert.equal(hits["LRU"], slow(true));
        assert.equal(hits["FIFO"], slow(false));
        for (const [name, percent] of Object.entries(hits)) {
            assert.ok(percent > 0 && percent <= hits["optimum"]!, `${name}: ${percent} %`);
            assert.ok(percent > hits["FIFO"] / 2, `${name}: ${percent} %`);
        }
    });

    it("counts reads only, but lets writes fill the cache", () => {
        assert.equal(readHits([{ write: true, block: 1, count: 1 }, ...reads(1, 2)], 2 * 4096)["LRU"], 50);
        assert.equal(readHits(reads(1, 2, 1, 2), 4096)["LRU"], 0);
        assert.throws(() => readHits([], 4096), /reads nothing/);
    });

    it("makes up the same traces each time, of requests that a disk can serve", () => {
        for (const [name, make] of Object.entries(WORKLOADS)) {
            const requests = make();
            assert.deepEqual(make(), requests, name);
            assert.ok(
                requests.every(({ block, count }) => Number.isSafeInteger(block) && block >= 0 && count >= 1),
                name,
            );
        }
    });
});
