// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Marks of Unicode that keep a part of a text to itself where lines run from right to left. */
const [LEFT_TO_RIGHT, FIRST_STRONG, END] = ["\u2066", "\u2068", "\u2069"];

let mirrored = false;

/** Says which way lines run from now on. */
export function setDirection(direction: "ltr" | "rtl"): void {
    mirrored = direction === "rtl";
}

/** A number and its unit, kept in their order. */
export const isolatedNumber = (text: string): string => (mirrored ? `${LEFT_TO_RIGHT}${text}${END}` : text);

/** A name, a path or a sentence inside another text, in its own direction and with its marks where they belong. */
export const isolated = (text: string): string => (mirrored && text !== "" ? `${FIRST_STRONG}${text}${END}` : text);

/** Texts one after another, each kept to itself. */
export const listed = (texts: readonly string[]): string => texts.map(isolated).join(", ");
