// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { BINARY_UNITS } from "../../../service/src/facts/sizes.js";
import { isolatedNumber, setDirection } from "./bidi.js";
import type { Marks } from "./numbertext.js";

let language = "en";

/**
 * Says how numbers are written from now on.
 * @param tag language as Cockpit names it, for example de or zh_TW
 * @param direction of its script
 */
export function speak(tag: string, direction: "ltr" | "rtl" = "ltr"): void {
    const wanted = tag.replace("_", "-");
    language = Intl.NumberFormat.supportedLocalesOf([wanted])[0] ?? "en";
    setDirection(direction);
    writers.clear();
}

/** Writers of numbers by their digits after the point: to make one takes longer than to draw the cell that it is for. */
const writers = new Map<number, Intl.NumberFormat>();

/** A number as the language writes it. @param digits digits after the point, at most */
export function number(value: number, digits = 0): string {
    const known = writers.get(digits);
    const writer = known ?? new Intl.NumberFormat(language, { maximumFractionDigits: digits });
    if (known === undefined) writers.set(digits, writer);
    return writer.format(value);
}

/** A size for people, in binary units with three digits that count: 1.5 GiB. @param count bytes */
export function bytes(count: number): string {
    let value = Math.abs(count);
    let unit = 0;
    while (value >= 1024 && unit < BINARY_UNITS.length - 1) {
        value /= 1024;
        unit++;
    }
    if (unit === 0) return isolatedNumber(`${number(count)} B`);
    const digits = value < 10 ? 2 : value < 100 ? 1 : 0;
    // 1023.9 KiB with no digit left would read 1,024 KiB.
    if (digits === 0 && Math.round(value) === 1024 && unit < BINARY_UNITS.length - 1) {
        return isolatedNumber(`${number(Math.sign(count))} ${BINARY_UNITS[unit + 1]}`);
    }
    return isolatedNumber(`${number(Math.sign(count) * value, digits)} ${BINARY_UNITS[unit]}`);
}

/** A throughput for people. @param rate bytes a second */
export function byteRate(rate: number): string {
    return isolatedNumber(`${bytes(rate)}/s`);
}

/** A share for people. @param ratio 0 to 1 */
export function percent(ratio: number): string {
    return new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: ratio < 0.1 ? 1 : 0 }).format(
        ratio,
    );
}

/** A time of day. @param when milliseconds since 1970 */
export function clock(when: number): string {
    return new Intl.DateTimeFormat(language, { timeStyle: "medium" }).format(when);
}

/** A day with the time of day. @param when milliseconds since 1970 */
export function moment(when: number): string {
    return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium" }).format(when);
}

/** Compares texts as people of the language order them, with numbers by their value: rd2 before rd10. */
export function byText(a: string, b: string): number {
    return collator().compare(a, b);
}

let kept: { language: string; collator: Intl.Collator } | undefined;

function collator(): Intl.Collator {
    if (kept?.language !== language) {
        kept = { language, collator: new Intl.Collator(language, { numeric: true, sensitivity: "base" }) };
    }
    return kept.collator;
}

/** The marks that the language puts into numbers. Where it groups no thousands, the point that it has not for fractions. */
export function numberMarks(): Marks {
    const parts = new Intl.NumberFormat(language, { useGrouping: true }).formatToParts(1234567.5);
    const mark = (wanted: string) => parts.find(({ type }) => type === wanted)?.value;
    const decimal = mark("decimal") ?? ".";
    return { decimal, group: mark("group") ?? (decimal === "." ? "," : ".") };
}
