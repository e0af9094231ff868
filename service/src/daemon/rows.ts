// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { encodeArray, type EncodedArray, type Variant } from "../bus/index.js";

/** Rows of a list, each encoded once for as long as it shows the same: the state tree keeps objects that did not change. */
export class EncodedRows<T extends object, Usage = undefined> {
    /** A row goes with the object that it shows. */
    private readonly rows = new WeakMap<T, { usage: Usage; row: EncodedArray }>();

    /** @param make what a row holds, which follows from the object and the usage beside it, and from nothing else */
    constructor(private readonly make: (object: T, usage: Usage) => Map<string, Variant>) {}

    /** Gives the row of an object, `a{sv}`. */
    of(object: T, usage: Usage): EncodedArray {
        const known = this.rows.get(object);
        if (known !== undefined && known.usage === usage) {
            return known.row;
        }
        const row = encodeArray("a{sv}", this.make(object, usage));
        this.rows.set(object, { usage, row });
        return row;
    }

    /** Gives the rows of objects whose usage is not shown. */
    list(this: EncodedRows<T>, objects: Iterable<T>): EncodedArray[] {
        return Array.from(objects, (object) => this.of(object, undefined));
    }
}
