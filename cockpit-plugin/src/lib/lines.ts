// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Lines of a text that hold something, each once. */
export function lines(text: string): string[] {
    const all = text.split("\n").map((line) => line.trim());
    return [...new Set(all.filter((line) => line !== ""))];
}
