// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** How a language writes a number: what stands before the fraction, and between thousands. */
export interface Marks {
    readonly decimal: string;
    readonly group: string;
}

/** Numbers as programs write them. */
export const PLAIN: Marks = { decimal: ".", group: "," };

/** A number in its digits; mark: a point or a comma can be read in two ways; number: it is none. */
export type Read =
    | { readonly problem: ""; readonly whole: string; readonly fraction: string }
    | { readonly problem: "mark" | "number" };

/** What some language or other puts between thousands, and no language before a fraction. */
const SPACES = /(?<=[0-9])[ \u00a0\u202f\u2009'\u2019](?=[0-9]{3}(?![0-9]))/g;

const escaped = (mark: string): string => mark.replace(/[.\\^$*+?()[\]{}|]/g, "\\$&");

/**
 * Reads an unsigned number as a person typed it in a language. A mark between thousands never becomes a decimal point: 1.024 is
 * a thousand and more in German. The point of another language is taken where it can mean nothing else: 1.5.
 * @param text digits with marks, without blanks around it
 * @param marks of the language
 */
export function readNumber(text: string, marks: Marks): Read {
    const digits = text.replace(SPACES, "");
    if (/^[0-9]+$/.test(digits)) return { problem: "", whole: digits, fraction: "" };
    const [decimal, group] = [escaped(marks.decimal), escaped(marks.group)];
    const grouped = new RegExp(`^([1-9][0-9]{0,2}(?:${group}[0-9]{3})+)(?:${decimal}([0-9]*))?$`).exec(digits);
    if (grouped) {
        const [, whole = "", fraction = ""] = grouped;
        return { problem: "", whole: whole.split(marks.group).join(""), fraction };
    }
    const plain = new RegExp(`^([0-9]*)${decimal}([0-9]*)$`).exec(digits) ?? /^([0-9]*)[.,]([0-9]*)$/.exec(digits);
    if (!plain) return { problem: /^[0-9][0-9.,]*$/.test(digits) ? "mark" : "number" };
    const [, whole = "", fraction = ""] = plain;
    if (whole + fraction === "") return { problem: "number" };
    const foreign = !digits.includes(marks.decimal);
    return foreign && fraction.length === 3 ? { problem: "mark" } : { problem: "", whole, fraction };
}
