// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { columns, cut, printable } from "./text.js";

/** One column of a table. */
export interface TextColumn {
    title: string;
    /** Numbers are aligned to the right. */
    align?: "left" | "right";
    /** May be cut when the terminal is too narrow; others never are. */
    flexible?: boolean;
}

/** Where a table goes to: how wide it may be (undefined: no limit) and whether emphasis is wanted. */
export interface OutputStyle {
    width?: number;
    color: boolean;
}

const GAP = "  ";
const NARROWEST = 8;

/**
 * Renders a table: a row of titles, then one line a row, columns aligned, two blanks between them, no trailing blanks.
 * @param cells rows of as many texts as there are columns
 */
export function renderTable(
    layout: readonly TextColumn[],
    cells: readonly (readonly string[])[],
    style: OutputStyle,
): string {
    const rows = [layout.map((column) => column.title), ...cells.map((row) => row.map(printable))];
    const widths = layout.map((_, index) => Math.max(...rows.map((row) => columns(row[index] ?? ""))));
    shrink(layout, widths, style.width);
    const lines = rows.map((row, number) => {
        const line = layout
            .map((column, index) => {
                const text = cut(row[index] ?? "", widths[index]!);
                const fill = " ".repeat(Math.max(0, widths[index]! - columns(text)));
                return column.align === "right" ? fill + text : text + fill;
            })
            .join(GAP)
            .trimEnd();
        return number === 0 && style.color ? `\u001b[1m${line}\u001b[0m` : line;
    });
    return `${lines.join("\n")}\n`;
}

/** Takes what is too much from flexible columns, the widest first. */
function shrink(layout: readonly TextColumn[], widths: number[], limit: number | undefined): void {
    if (limit === undefined) {
        return;
    }
    let excess = widths.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1) - limit;
    while (excess > 0) {
        let widest = -1;
        layout.forEach((column, index) => {
            if (column.flexible && widths[index]! > NARROWEST && (widest < 0 || widths[index]! > widths[widest]!)) {
                widest = index;
            }
        });
        if (widest < 0) {
            return;
        }
        widths[widest]!--;
        excess--;
    }
}

/** Renders names and values, one pair a line, values aligned. */
export function renderPairs(pairs: readonly (readonly [string, string])[], style: OutputStyle): string {
    const width = Math.max(0, ...pairs.map(([name]) => columns(name)));
    return pairs
        .map(([name, value]) => {
            const label = `${name}:`.padEnd(width + 1 + GAP.length);
            const shown = style.color ? `\u001b[1m${label}\u001b[0m` : label;
            return `${shown}${printable(value)}`.trimEnd() + "\n";
        })
        .join("");
}
