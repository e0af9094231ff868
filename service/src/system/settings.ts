// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** One line of a settings file. */
export interface Setting {
    /** Number of the line, from 1. */
    line: number;
    name: string;
    /** Without the blanks around it. */
    value: string;
    /** Why the line cannot be understood, to stand behind its number; the value means nothing then. */
    problem?: string;
}

/**
 * Reads the text of a settings file: lines `name = value`, `#` begins a comment. Blanks are spaces and tabs; a byte order mark and
 * the line ends of other systems are no part of it. systemd/lib/rest-settings reads the same way.
 */
export function settingLines(text: string): Setting[] {
    const seen = new Map<string, number>();
    const lines = text.replace(/^\uFEFF/, "").split("\n");
    return lines.flatMap((raw, index): Setting[] => {
        const line = index + 1;
        const whole = raw.replace(/\r$/, "");
        // eslint-disable-next-line no-control-regex
        if (/[\0-\x08\x0b-\x1f\x7f]/.test(whole)) {
            return [{ line, name: "", value: "", problem: "it holds a control character." }];
        }
        const told = withoutBlanks(whole.split("#", 1)[0]!);
        if (told === "") {
            return [];
        }
        const at = told.indexOf("=");
        if (at < 0) {
            return [{ line, name: told, value: "", problem: "it has no =; write name = value." }];
        }
        const [name, value] = [withoutBlanks(told.slice(0, at)), withoutBlanks(told.slice(at + 1))];
        const before = seen.get(name);
        if (before !== undefined) {
            return [{ line, name, value, problem: `${name} is set in line ${before} already; keep one of the two.` }];
        }
        seen.set(name, line);
        return [{ line, name, value }];
    });
}

/** Removes the spaces and tabs around a text. */
export function withoutBlanks(text: string): string {
    return text.replace(/^[ \t]+|[ \t]+$/g, "");
}
