// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { Point } from "./series.js";

/** The end of an axis that holds a value, so that its half is a plain number too. @param binary count in 1024s */
export function niceEnd(highest: number, binary: boolean): number {
    if (!(highest > 0)) return binary ? 1024 : 1;
    const base = binary ? 1024 : 1000;
    let unit = 1;
    while (highest > unit * base) unit *= base;
    for (const step of [1, 2, 4, 10, 20, 40, 100, 200, 400]) if (highest <= step * unit) return step * unit;
    return unit * base;
}

/** The box that a line is drawn in: its size, the times at its sides and the value at its top. */
export interface ChartBox {
    readonly width: number;
    readonly height: number;
    readonly from: number;
    readonly to: number;
    readonly end: number;
}

/** A line through the points as data of an SVG path, broken where there is no value. Time runs to the right. */
export function linePath(points: readonly Point[], box: ChartBox): string {
    return points
        .map(({ at, value }, index) => {
            if (value === null) return "";
            const [before, after] = [points[index - 1]?.value ?? null, points[index + 1]?.value ?? null];
            // A point on its own becomes a line of no length, which is drawn as a dot.
            return `${before === null ? "M" : "L"}${x(at, box)} ${y(value, box)}${before === null && after === null ? "h0" : ""}`;
        })
        .join("");
}

/** The area below each unbroken piece of the line, as data of an SVG path. */
export function areaPath(points: readonly Point[], box: ChartBox): string {
    const pieces: Point[][] = [[]];
    for (const point of points) {
        if (point.value === null) pieces.push([]);
        else pieces.at(-1)?.push(point);
    }
    return pieces
        .filter((piece) => piece.length > 1)
        .map((piece) => {
            const [first, last] = [piece[0] as Point, piece.at(-1) as Point];
            return `${linePath(piece, box)}L${x(last.at, box)} ${box.height}L${x(first.at, box)} ${box.height}Z`;
        })
        .join("");
}

const short = (value: number): number => Math.round(value * 10) / 10;

function x(at: number, { width, from, to }: ChartBox): number {
    return short(((at - from) / (to - from)) * width);
}

function y(value: number, { height, end }: ChartBox): number {
    return short(height - (Math.min(value, end) / end) * height);
}
