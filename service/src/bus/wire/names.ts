// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Rules for names of the D-Bus specification ("Valid Names", "Valid Object Paths"). */

const PATH = /^\/(?:[A-Za-z0-9_]+(?:\/[A-Za-z0-9_]+)*)?$/;
const INTERFACE = /^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)+$/;
const MEMBER = /^[A-Za-z_][A-Za-z0-9_]*$/;
const BUS_NAME = /^(?::[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+|[A-Za-z_-][A-Za-z0-9_-]*(?:\.[A-Za-z_-][A-Za-z0-9_-]*)+)$/;
const MAX_NAME = 255;

/** Whether the text is an object path. */
export function isPath(text: string): boolean {
    return PATH.test(text);
}

/** Whether the text is an interface name; error names follow the same rule. */
export function isInterface(text: string): boolean {
    return text.length <= MAX_NAME && INTERFACE.test(text);
}

/** Whether the text is a member name. */
export function isMember(text: string): boolean {
    return text.length <= MAX_NAME && MEMBER.test(text);
}

/** Whether the text is a unique or a well-known bus name. */
export function isBusName(text: string): boolean {
    return text.length <= MAX_NAME && BUS_NAME.test(text);
}

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

/** Reverses {@link encodePathLabel}; undefined when the label is not one that it makes. */
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
