// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * Escapes text as one element of an object path: every byte outside [A-Za-z0-9] becomes `_` and two lower-case hex
 * digits (the rule of systemd's bus labels), so that `rc-wt_x` becomes `rc_2dwt_5fx`. Empty text becomes `_`.
 */
export function encodePathLabel(text: string): string {
    if (text === "") return "_";
    let label = "";
    for (const byte of Buffer.from(text, "utf8")) {
        const character = String.fromCharCode(byte);
        label += /[A-Za-z0-9]/.test(character) ? character : `_${byte.toString(16).padStart(2, "0")}`;
    }
    return label;
}

/** Reverses {@link encodePathLabel}. @returns undefined when the label is not one that it makes */
export function decodePathLabel(label: string): string | undefined {
    if (label === "_") return "";
    if (!/^(?:[A-Za-z0-9]|_[0-9a-f]{2})+$/.test(label)) return undefined;
    const bytes = Buffer.from(
        label.replace(/_(..)/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
        "latin1",
    );
    const text = bytes.toString("utf8");
    return encodePathLabel(text) === label ? text : undefined;
}
