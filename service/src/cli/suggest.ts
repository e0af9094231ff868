// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Counts the single-character edits (insert, delete, replace, swap of neighbours) between two words. */
export function editDistance(from: string, to: string): number {
    let beforeLast: number[] = [];
    let last = Array.from({ length: to.length + 1 }, (_, column) => column);
    for (let row = 1; row <= from.length; row++) {
        const current = [row];
        for (let column = 1; column <= to.length; column++) {
            const same = from[row - 1] === to[column - 1];
            let cost = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1));
            if (row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]) {
                cost = Math.min(cost, beforeLast[column - 2]! + 1);
            }
            current.push(cost);
        }
        beforeLast = last;
        last = current;
    }
    return last[to.length]!;
}

/**
 * The word that a person most likely meant.
 * @param typed what was typed
 * @param known what would have been right
 * @returns the nearest known word when it is near enough (a third of its letters, or what was typed begins it)
 */
export function suggest(typed: string, known: readonly string[]): string | undefined {
    const lower = typed.toLowerCase();
    let best: string | undefined;
    let bestDistance = Infinity;
    for (const word of known) {
        const distance = lower.length >= 2 && word.startsWith(lower) ? 0.5 : editDistance(lower, word);
        if (distance < bestDistance && distance <= Math.max(1, Math.floor(word.length / 3))) {
            best = word;
            bestDistance = distance;
        }
    }
    return best;
}
