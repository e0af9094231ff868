// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * Makes text from elsewhere safe for a terminal: control characters (which could move the cursor or fake output)
 * become their escapes.
 */
export function printable(text: string): string {
    // eslint-disable-next-line no-control-regex
    return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (character) => {
        const code = character.codePointAt(0)!;
        return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
    });
}

/** Counts the columns of a terminal that a text takes; East Asian wide characters take two. */
export function columns(text: string): number {
    let width = 0;
    for (const character of text) {
        width += isWide(character.codePointAt(0)!) ? 2 : 1;
    }
    return width;
}

function isWide(code: number): boolean {
    return (
        (code >= 0x1100 && code <= 0x115f) ||
        (code >= 0x2e80 && code <= 0xa4cf) ||
        (code >= 0xac00 && code <= 0xd7a3) ||
        (code >= 0xf900 && code <= 0xfaff) ||
        (code >= 0xfe30 && code <= 0xfe6f) ||
        (code >= 0xff00 && code <= 0xff60) ||
        (code >= 0x1f300 && code <= 0x1faff)
    );
}

/** Cuts a text to at most `width` columns; an ellipsis shows that something is missing. */
export function cut(text: string, width: number): string {
    if (columns(text) <= width) {
        return text;
    }
    let kept = "";
    let used = 1;
    for (const character of text) {
        const next = isWide(character.codePointAt(0)!) ? 2 : 1;
        if (used + next > width) {
            break;
        }
        kept += character;
        used += next;
    }
    return `${kept}…`;
}
