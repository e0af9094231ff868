// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What a terminal may obey in place of showing it: control characters of both sets, line ends of Unicode, changes of direction. */
// eslint-disable-next-line no-control-regex
const OBEYED = /[\0-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Makes any text safe to show in a terminal or a log: one line, in which what a terminal would obey stands as its number. */
export function printable(text: string): string {
    return text.replace(OBEYED, (one) => {
        const code = one.charCodeAt(0).toString(16);
        return code.length <= 2 ? `\\x${code.padStart(2, "0")}` : `\\u${code.padStart(4, "0")}`;
    });
}
