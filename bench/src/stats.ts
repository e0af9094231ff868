// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Statistics of a handful of rounds: no more than what the tables print. */

/** Middle and range of a set of measurements. */
export interface Spread {
    /** Middle value. */
    median: number;
    /** Lower end: first quartile from {@link QUARTILES_FROM} values on, else the smallest. */
    low: number;
    /** Upper end: third quartile, else the largest. */
    high: number;
    /** How many values went in. */
    n: number;
    /** What `low` and `high` are. */
    kind: "quartiles" | "range";
}

/** From this many values on a spread is given as quartiles; below, quartiles would only be interpolation. */
export const QUARTILES_FROM = 8;

/**
 * Quantile with linear interpolation between neighbours (Hyndman and Fan's definition 7).
 * @param values at least one finite number, in any order
 * @param q 0 … 1
 * @throws RangeError when there are no values, one is not finite, or q is out of range
 */
export function quantile(values: readonly number[], q: number): number {
    if (values.length === 0) throw new RangeError("a quantile of no values");
    if (!(q >= 0 && q <= 1)) throw new RangeError(`quantile ${q} is not between 0 and 1`);
    if (!values.every(Number.isFinite)) throw new RangeError("a value is not a finite number");
    const sorted = Float64Array.from(values).sort();
    const position = (sorted.length - 1) * q;
    const below = Math.floor(position);
    const lower = sorted[below]!;
    const upper = sorted[Math.min(below + 1, sorted.length - 1)]!;
    return lower + (upper - lower) * (position - below);
}

/** The middle value; see {@link quantile} for errors. */
export function median(values: readonly number[]): number {
    return quantile(values, 0.5);
}

/** Middle and range of the values; see {@link quantile} for errors. */
export function spread(values: readonly number[]): Spread {
    const quartiles = values.length >= QUARTILES_FROM;
    return {
        median: median(values),
        low: quantile(values, quartiles ? 0.25 : 0),
        high: quantile(values, quartiles ? 0.75 : 1),
        n: values.length,
        kind: quartiles ? "quartiles" : "range",
    };
}

/**
 * Geometric mean: the right mean for ratios.
 * @throws RangeError when there are no values or one is not a positive finite number
 */
export function geometricMean(values: readonly number[]): number {
    if (values.length === 0) throw new RangeError("a mean of no values");
    if (!values.every((value) => value > 0 && Number.isFinite(value))) {
        throw new RangeError("a geometric mean needs positive finite numbers");
    }
    return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/**
 * Ratios round by round: contestants of one round ran next to each other, so what disturbed the host in that round
 * disturbed both, and cancels.
 * @throws RangeError when the two have not as many rounds, or a divisor is not positive
 */
export function pairedRatios(ours: readonly number[], theirs: readonly number[]): number[] {
    if (ours.length !== theirs.length) {
        throw new RangeError(`${ours.length} rounds on one side and ${theirs.length} on the other`);
    }
    return ours.map((value, round) => {
        const divisor = theirs[round]!;
        if (!(divisor > 0)) throw new RangeError(`round ${round + 1} measured ${divisor}, nothing to compare with`);
        return value / divisor;
    });
}
