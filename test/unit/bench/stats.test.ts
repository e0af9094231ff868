// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { geometricMean, median, pairedRatios, quantile, QUARTILES_FROM, spread } from "../../../bench/src/stats.js";

describe("bench statistics", () => {
    it("takes the middle value, or the middle between two", () => {
        assert.equal(median([3, 1, 2]), 2);
        assert.equal(median([4, 1, 3, 2]), 2.5);
        assert.equal(median([7]), 7);
    });

    it("sorts numbers as numbers", () => {
        assert.equal(median([10, 9, 100]), 10);
    });

    it("does not change the values it is given", () => {
        const values = [3, 1, 2];
        median(values);
        assert.deepEqual(values, [3, 1, 2]);
    });

    it("interpolates quantiles", () => {
        assert.equal(quantile([1, 2, 3, 4, 5], 0.25), 2);
        assert.equal(quantile([1, 2], 0.75), 1.75);
        assert.equal(quantile([5, 1, 3], 0), 1);
        assert.equal(quantile([5, 1, 3], 1), 5);
    });

    it("refuses what has no quantile", () => {
        assert.throws(() => quantile([], 0.5), /no values/);
        assert.throws(() => quantile([1], 1.5), /not between 0 and 1/);
        assert.throws(() => quantile([1, NaN], 0.5), /not a finite number/);
    });

    it("gives the range of few values and the quartiles of many", () => {
        assert.deepEqual(spread([2, 8, 4]), { median: 4, low: 2, high: 8, n: 3, kind: "range" });
        const many = spread([1, 2, 3, 4, 5, 6, 7, 8, 1000]);
        assert.equal(many.kind, "quartiles");
        assert.equal(many.high, 7);
        assert.equal(many.n >= QUARTILES_FROM, true);
    });

    it("means ratios so that twice and half cancel", () => {
        assert.ok(Math.abs(geometricMean([2, 0.5]) - 1) < 1e-12);
        assert.throws(() => geometricMean([]), /no values/);
        assert.throws(() => geometricMean([1, 0]), /positive/);
    });

    it("pairs the rounds, so that a slow round of the host cancels", () => {
        assert.deepEqual(pairedRatios([20, 10], [10, 5]), [2, 2]);
        assert.throws(() => pairedRatios([1, 2], [1]), /2 rounds on one side and 1 on the other/);
        assert.throws(() => pairedRatios([1], [0]), /nothing to compare/);
    });
});
