// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What the service says in values beside a text of its own: of which kind it is, and what the text is made of. */
export type Details = Readonly<Record<string, unknown>>;

/** Something that is wrong, or that uses an object, as far as the service tells. */
export interface Detail {
    /** Empty where the service tells no more than the text. */
    readonly kind: string;
    /** As the service words it, in English. */
    readonly text: string;
    /** What the text is made of, by name. */
    readonly values: Details;
}

/**
 * What was told, in values where there are any.
 * @param details undefined from a service of before there were any
 * @param texts the same as texts alone
 */
export function told(details: readonly Details[] | undefined, texts: readonly string[]): readonly Detail[] {
    return (
        details?.map((values) => ({ kind: textOf(values, "kind"), text: textOf(values, "text"), values })) ??
        texts.map((text) => ({ kind: "", text, values: {} }))
    );
}

/** A value that is a text or a number, as a text; empty where there is none. */
export function textOf(values: Details, name: string): string {
    const value = values[name];
    return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** A value that is a list of texts. */
export function textsOf(values: Details, name: string): readonly string[] {
    const value = values[name];
    return Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
}

/** What uses an object. */
export const usersOf = (it: {
    readonly Users: readonly string[];
    readonly UserDetails?: readonly Details[];
}): readonly Detail[] => told(it.UserDetails, it.Users);
