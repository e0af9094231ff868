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
