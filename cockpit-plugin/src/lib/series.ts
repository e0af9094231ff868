// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Values read at one moment. */
export interface Sample {
    /** As of steadyNow(): milliseconds since 1970. */
    readonly at: number;
    readonly values: Readonly<Record<string, number>>;
}

/** A value at a moment; null where nothing can be said, which is a gap in a line. */
export interface Point {
    readonly at: number;
    readonly value: number | null;
}

/** Two samples further apart than this, in ms, say nothing of the time between: the page was hidden. */
const GAP = 5000;

/** Adds a sample and drops what is older than the span. @param span milliseconds that are kept */
export function appended(samples: readonly Sample[], sample: Sample, span: number): Sample[] {
    return [...samples.filter(({ at }) => at >= sample.at - span), sample];
}

/** What the values say from one sample to the next; null across a gap, and where a counter was set back. */
export function between(
    samples: readonly Sample[],
    say: (change: (name: string) => number, seconds: number) => number | null,
): Point[] {
    return samples.slice(1).map((sample, index) => {
        const before = samples[index] as Sample;
        const elapsed = sample.at - before.at;
        if (elapsed <= 0 || elapsed > GAP) return { at: sample.at, value: null };
        let back = false;
        const change = (name: string): number => {
            const difference = (sample.values[name] ?? 0) - (before.values[name] ?? 0);
            if (difference < 0) back = true;
            return difference;
        };
        const value = say(change, elapsed / 1000);
        return { at: sample.at, value: back ? null : value };
    });
}

/** How much the counters grow in a second, together. */
export function rate(samples: readonly Sample[], ...names: string[]): Point[] {
    return between(samples, (change, seconds) => names.reduce((sum, name) => sum + change(name), 0) / seconds);
}

/** The value itself over time. */
export function level(samples: readonly Sample[], name: string): Point[] {
    return samples.map(({ at, values }, index) => {
        const before = samples[index - 1];
        return { at, value: before && at - before.at > GAP ? null : (values[name] ?? null) };
    });
}

/** The newest, the highest and the mean value of a line; undefined while there is none. */
export function summary(points: readonly Point[]): { now: number; highest: number; mean: number } | undefined {
    const values = points.map(({ value }) => value).filter((value) => value !== null);
    const now = values.at(-1);
    if (now === undefined) return undefined;
    return { now, highest: Math.max(...values), mean: values.reduce((a, b) => a + b, 0) / values.length };
}
