// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { areaPath, linePath, niceEnd } from "../../../cockpit-plugin/src/lib/scale.js";
import { appended, level, rate, summary, type Sample } from "../../../cockpit-plugin/src/lib/series.js";

const samples = (...pairs: [at: number, reads: number][]): Sample[] =>
    pairs.map(([at, reads]) => ({ at, values: { reads } }));

describe("page: statistics over time", () => {
    it("keeps as much as the chart shows", () => {
        const kept = appended(samples([0, 1], [1000, 2], [2000, 3]), { at: 3000, values: { reads: 4 } }, 2000);
        assert.deepEqual(
            kept.map(({ at }) => at),
            [1000, 2000, 3000],
        );
    });

    it("tells how much a counter grows in a second, whatever passed between two looks", () => {
        assert.deepEqual(rate(samples([0, 0], [1000, 50], [3000, 250]), "reads"), [
            { at: 1000, value: 50 },
            { at: 3000, value: 100 },
        ]);
    });

    it("says nothing across a pause, nor when the counter was set back", () => {
        const points = rate(samples([0, 0], [1000, 10], [60000, 1000], [61000, 5], [62000, 6]), "reads");
        assert.deepEqual(
            points.map(({ value }) => value),
            [10, null, null, 1],
        );
        assert.deepEqual(
            level(samples([0, 1], [60000, 2], [61000, 3]), "reads").map(({ value }) => value),
            [1, null, 3],
        );
    });

    it("sums a line up in words; a line without values has none", () => {
        const points = [1, null, 5, 3].map((value, at) => ({ at, value }));
        assert.deepEqual(summary(points), { now: 3, highest: 5, mean: 3 });
        assert.equal(summary([{ at: 0, value: null }]), undefined);
    });
});

describe("page: scale of a chart", () => {
    it("ends at a plain number that is not below the highest value", () => {
        assert.equal(niceEnd(0, false), 1);
        assert.equal(niceEnd(7, false), 10);
        assert.equal(niceEnd(130, false), 200);
        assert.equal(niceEnd(999, false), 1000);
        assert.equal(niceEnd(1500, true), 2048);
        assert.equal(niceEnd(900 * 2 ** 20, true), 2 ** 30);
        for (let value = 0.01; value < 1e13; value *= 1.7) {
            for (const binary of [true, false]) {
                const end = niceEnd(value, binary);
                assert.ok(end >= value && (end <= value * 2.6 || end <= 1), `${value} ends at ${end}`);
            }
        }
    });

    it("draws a line with gaps, time to the right and values upwards", () => {
        const box = { width: 100, height: 50, from: 0, to: 10, end: 10 };
        const points = [0, 5, null, 10, 20].map((value, index) => ({ at: index * 2.5, value }));
        assert.equal(linePath(points, box), "M0 50L25 25M75 0L100 0");
        assert.equal(areaPath(points, box), "M0 50L25 25L25 50L0 50ZM75 0L100 0L100 50L75 50Z");
        assert.equal(linePath([], box), "");
        const alone = [null, 5, null].map((value, index) => ({ at: index * 5, value }));
        assert.equal(linePath(alone, box), "M50 25h0");
    });
});
