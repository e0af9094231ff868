// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What is measured, and how a measurement becomes rows of the table. */
import { geometricMean, pairedRatios, spread, type Spread } from "./stats.js";

/** Where a cell was measured: counted instructions on one CPU, two emulated CPUs, or this host itself. */
export type Where = "icount" | "smp" | "native";

/** A promise about a cell: our value, or our value divided by a contestant's, stays on the right side of a limit. */
export interface Bar {
    /** Contestant that ours is divided by; without one, the limit is for our own value. */
    against?: string;
    /** The limit, a ratio or a value in the cell's unit. Without one the comparison is information. */
    limit?: number;
}

/** One question, put to several contestants under the same conditions in interleaved rounds. */
export interface Cell {
    group: string;
    where: Where;
    /** What was done, for people: "4 KiB random read, libaio, depth 1, 1 job". */
    name: string;
    unit: string;
    better: "higher" | "lower";
    /** The contestant that is ours. */
    subject: string;
    /** One value a round, by contestant. */
    values: Record<string, number[]>;
    bars: Bar[];
    /** Cells of one family are also summed up as a geometric mean of their ratios. */
    family?: string;
    notes: string[];
    /** Nothing at all is a good result here, not a failed measurement. */
    zeroIsFine?: boolean;
    /** Contestants that could not be measured, and why. */
    failures: { contestant: string; reason: string }[];
}

/** A line of the table. */
export interface Row {
    group: string;
    where: Where;
    name: string;
    unit: string;
    better: "higher" | "lower";
    subject: string;
    ours: Spread;
    peer?: { name: string; value: Spread; ratio: Spread };
    /** "≥ 1.00", or "" for information. */
    bar: string;
    verdict: "met" | "missed" | "information";
    notes: string[];
}

/** A new cell without values; see {@link Cell} for the fields. */
export function newCell(cell: Omit<Cell, "values" | "notes" | "failures">): Cell {
    return { ...cell, values: {}, notes: [], failures: [] };
}

/** Adds the value that a contestant reached in the next round; a value that is not a positive number is a failure, as a rule. */
export function record(cell: Cell, contestant: string, value: number): void {
    if (Number.isFinite(value) && (value > 0 || (value === 0 && cell.zeroIsFine === true))) {
        (cell.values[contestant] ??= []).push(value);
    } else fail(cell, contestant, `measured ${value} ${cell.unit}`);
}

/** Notes that a contestant could not be measured. The same reason counts once. */
export function fail(cell: Cell, contestant: string, reason: string): void {
    if (!cell.failures.some((failure) => failure.contestant === contestant && failure.reason === reason)) {
        cell.failures.push({ contestant, reason });
    }
}

/** Adds a remark for the reader, once. */
export function note(cell: Cell, text: string): void {
    if (!cell.notes.includes(text)) cell.notes.push(text);
}

/** The lines that a cell gives, one a bar. A bar whose contestant has no value gives none (it is among the failures). */
export function rowsOf(cell: Cell): Row[] {
    const mine = cell.values[cell.subject];
    if (mine === undefined) return [];
    const base = {
        group: cell.group,
        where: cell.where,
        name: cell.name,
        unit: cell.unit,
        better: cell.better,
        subject: cell.subject,
        ours: spread(mine),
        notes: cell.notes,
    };
    return cell.bars.flatMap((bar): Row[] => {
        if (bar.against === undefined) return [{ ...base, ...verdictOf(cell, bar, base.ours.median) }];
        const theirs = cell.values[bar.against];
        if (theirs === undefined) return [];
        const rounds = Math.min(mine.length, theirs.length);
        const ratio = spread(pairedRatios(mine.slice(0, rounds), theirs.slice(0, rounds)));
        const peer = { name: bar.against, value: spread(theirs), ratio };
        return [{ ...base, peer, ...verdictOf(cell, bar, ratio.median) }];
    });
}

/** Geometric means of the ratios of each family, against each contestant, over cells of one place. */
export function familyRows(cells: readonly Cell[], bars: Record<string, readonly Bar[]>): Row[] {
    const families = new Map<string, { cell: Cell; against: string; ratios: number[][] }>();
    for (const cell of cells) {
        if (cell.family === undefined) continue;
        for (const row of rowsOf(cell)) {
            if (row.peer === undefined) continue;
            const key = [cell.where, cell.family, row.peer.name].join("\n");
            const entry = families.get(key) ?? { cell, against: row.peer.name, ratios: [] };
            entry.ratios.push(pairedRatios(...evenLengths(cell.values[cell.subject]!, cell.values[row.peer.name]!)));
            families.set(key, entry);
        }
    }
    return [...families.values()].map(({ cell, against, ratios }): Row => {
        const rounds = Math.min(...ratios.map((ratio) => ratio.length));
        const means = Array.from({ length: rounds }, (_, round) => geometricMean(ratios.map((ratio) => ratio[round]!)));
        const value = spread(means);
        const bar = bars[cell.family!]?.find((candidate) => candidate.against === against) ?? { against };
        return {
            group: cell.group,
            where: cell.where,
            name: `${cell.family}: geometric mean of ${ratios.length} cells`,
            unit: "ratio",
            better: cell.better,
            subject: cell.subject,
            ours: value,
            peer: { name: against, value: spread([1]), ratio: value },
            ...verdictOf(cell, bar, value.median),
            notes: [],
        };
    });
}

function evenLengths(a: readonly number[], b: readonly number[]): [number[], number[]] {
    const rounds = Math.min(a.length, b.length);
    return [a.slice(0, rounds), b.slice(0, rounds)];
}

function verdictOf(cell: Cell, bar: Bar, value: number): Pick<Row, "bar" | "verdict"> {
    if (bar.limit === undefined) return { bar: "", verdict: "information" };
    const higher = cell.better === "higher";
    const met = higher ? value >= bar.limit : value <= bar.limit;
    const limit = bar.against === undefined ? `${bar.limit} ${cell.unit}` : bar.limit.toFixed(2);
    return { bar: `${higher ? "≥" : "≤"} ${limit}`, verdict: met ? "met" : "missed" };
}
