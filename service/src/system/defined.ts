// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** An object whose properties are there only when they have a value: none of them is there and undefined. */
export type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
    [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/**
 * Copies an object without the properties that are undefined, since `exactOptionalPropertyTypes` lets an optional property be
 * absent, but not undefined.
 */
export function defined<T extends object>(properties: T): Defined<T> {
    return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined)) as Defined<T>;
}
