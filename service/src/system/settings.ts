// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** One line of a settings file. */
export interface Setting {
    /** Number of the line, from 1. */
    line: number;
    name: string;
    /** Without the blanks around it; empty when the line has no `=`. */
    value: string;
}

/** Reads the text of a settings file: lines `name = value`, `#` begins a comment. */
export function settingLines(text: string): Setting[] {
    return text.split("\n").flatMap((raw, index) => {
        const line = raw.replace(/#.*/, "").trim();
        const [name = "", ...rest] = line.split("=");
        return line === "" ? [] : [{ line: index + 1, name: name.trim(), value: rest.join("=").trim() }];
    });
}
