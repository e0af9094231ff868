// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** From cells to the tables that people read: one Markdown text for the terminal, the file and the documentation. */
import { familyRows, rowsOf, type Cell, type Row, type Where } from "../cell.js";
import { FAMILY_BARS, GROUPS, PLACES } from "../groups.js";
import type { Spread } from "../stats.js";

/** What a run knows about itself. */
export interface RunInfo {
    /** ISO date and time, to the minute. */
    date: string;
    /** Commit, with "-dirty" when the tree had changes. */
    commit: string;
    host: string;
    /** What each virtual machine said it was: kernel and CPUs. */
    machines: Partial<Record<Where, string>>;
    /** Load average over a minute of the host at the start, between the parts and at the end. */
    loads: readonly number[];
    seconds: number;
}

/** Every row of a run in the order of the report. */
export function allRows(cells: readonly Cell[]): Row[] {
    const rows: Row[] = [];
    for (const { name } of GROUPS) {
        for (const where of ["icount", "smp", "native"] as const) {
            const chosen = cells.filter((cell) => cell.group === name && cell.where === where);
            rows.push(...familyRows(chosen, FAMILY_BARS), ...chosen.flatMap(rowsOf));
        }
    }
    return rows;
}

/** The whole report as Markdown. */
export function report(cells: readonly Cell[], info: RunInfo): string {
    const rows = allRows(cells);
    const parts = [
        `Measured ${info.date} on ${info.host}, commit ${info.commit}, in ${Math.round(info.seconds / 60)} min.`,
    ];
    parts.push(
        `Load average of the host at the start, between the parts and at the end: ${info.loads.map((load) => load.toFixed(1)).join(", ")}. ` +
            "Above its number of CPUs, the milliseconds below are longer than the programs are; ratios stand.",
    );
    for (const [where, text] of Object.entries(info.machines)) parts.push(`${PLACES[where as Where]}: ${text}.`);
    for (const { name, title } of GROUPS) {
        for (const where of ["icount", "smp", "native"] as const) {
            const chosen = rows.filter((row) => row.group === name && row.where === where);
            if (chosen.length === 0) continue;
            parts.push(`### ${title} (${PLACES[where]})`, table(chosen), ...notes(chosen));
        }
    }
    const failures = failuresOf(cells);
    if (failures.length > 0) parts.push("### Could not be measured", failures.map((line) => `- ${line}`).join("\n"));
    parts.push(summary(rows));
    return parts.join("\n\n") + "\n";
}

/** What could not be measured and why, a line each; empty when all went well. */
export function failuresOf(cells: readonly Cell[]): string[] {
    return cells.flatMap((cell) =>
        cell.failures.map(
            ({ contestant, reason }) => `${cell.group}, ${cell.name} (${PLACES[cell.where]}), ${contestant}: ${reason}`,
        ),
    );
}

/** How many bars were met and which were missed. */
export function summary(rows: readonly Row[]): string {
    const met = rows.filter((row) => row.verdict === "met").length;
    const missed = rows.filter((row) => row.verdict === "missed").length;
    const told = rows.length - met - missed;
    return `${met} bars met, ${missed} missed, ${told} rows for information.`;
}

function table(rows: readonly Row[]): string {
    const header = ["what", "ours", "against", "its value", "ratio (spread)", "bar", ""];
    const lines = rows.map((row) => [
        row.name,
        valueText(row.ours.median, row.unit),
        row.peer?.name ?? "",
        row.peer === undefined || row.unit === "ratio" ? "" : valueText(row.peer.value.median, row.unit),
        row.peer === undefined ? spreadText(row.ours, significant) : spreadText(row.peer.ratio, ratioText),
        row.bar,
        row.verdict === "missed" ? "**missed**" : row.verdict === "met" ? "met" : "",
    ]);
    return markdownTable(header, lines);
}

/** A Markdown table with padded columns, so that it reads well as plain text too. */
export function markdownTable(header: readonly string[], lines: readonly (readonly string[])[]): string {
    const widths = header.map((title, column) =>
        Math.max(3, title.length, ...lines.map((line) => (line[column] ?? "").length)),
    );
    const write = (line: readonly string[]): string =>
        `| ${widths.map((width, column) => (line[column] ?? "").padEnd(width)).join(" | ")} |`;
    return [write(header), `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...lines.map(write)].join(
        "\n",
    );
}

function notes(rows: readonly Row[]): string[] {
    const seen = new Map<string, string[]>();
    for (const row of rows) {
        for (const text of row.notes) {
            const names = seen.get(text) ?? [];
            if (!names.includes(row.name)) names.push(row.name);
            seen.set(text, names);
        }
    }
    const few = 3;
    const lines = [...seen].map(
        ([text, names]) => `- ${text} (${names.slice(0, few).join("; ")}${names.length > few ? "; …" : ""})`,
    );
    return lines.length === 0 ? [] : [lines.join("\n")];
}

function spreadText(value: Spread, format: (value: number) => string): string {
    if (value.n === 1) return format(value.median);
    return `${format(value.median)} (${format(value.low)}–${format(value.high)})`;
}

function ratioText(value: number): string {
    return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}

function valueText(value: number, unit: string): string {
    return unit === "ratio" ? ratioText(value) : `${significant(value)} ${unit}`;
}

/** Three significant digits, without exponents. */
export function significant(value: number): string {
    if (value === 0) return "0";
    const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
    return value.toFixed(Math.min(digits, 6));
}
