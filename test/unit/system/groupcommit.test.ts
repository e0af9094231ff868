// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { GroupCommit } from "../../../service/src/system/groupcommit.js";

/** A state whose stores end when they are told to. */
class Stored {
    readonly stores: string[] = [];
    private ends: (() => void)[] = [];
    /** What cannot be stored. */
    refused = /-/;
    readonly commit = new GroupCommit<string>("", async (state) => {
        this.stores.push(state);
        await new Promise<void>((resolve) => this.ends.push(resolve));
        if (this.refused.test(state)) throw new Error(`${state} cannot be stored`);
    });

    add(text: string): Promise<void> {
        return this.commit.change((state) => state + text);
    }

    /** Ends the store under way. */
    async end(): Promise<void> {
        while (this.ends.length === 0) await new Promise((resolve) => setImmediate(resolve));
        this.ends.shift()?.();
        await new Promise((resolve) => setImmediate(resolve));
    }
}

describe("changes of a state that is stored whole", () => {
    it("are stored together when they come while it is stored, each ending with its own store", async () => {
        const one = new Stored();
        const ended: string[] = [];
        for (const text of ["a", "b", "c"]) void one.add(text).then(() => ended.push(text));
        assert.deepEqual(one.stores, ["a"]);
        assert.equal(one.commit.current, "");
        await one.end();
        assert.deepEqual([ended, one.stores, one.commit.current], [["a"], ["a", "abc"], "a"]);
        await one.end();
        assert.deepEqual([ended, one.commit.current], [["a", "b", "c"], "abc"]);
        void one.add("d");
        assert.deepEqual(one.stores, ["a", "abc", "abcd"]);
        await one.end();
    });

    it("that cannot be stored fail alone, and change nothing", async () => {
        const one = new Stored();
        const all = Promise.allSettled(["a", "b", "-", "c"].map((text) => one.add(text)));
        for (let stores = 0; stores < 5; stores++) await one.end();
        assert.deepEqual(
            (await all).map(({ status }) => status),
            ["fulfilled", "fulfilled", "rejected", "fulfilled"],
        );
        assert.deepEqual(one.stores, ["a", "ab-c", "ab", "ab-", "abc"]);
        assert.equal(one.commit.current, "abc");
    });

    it("whose edit throws fail alone, and those that change nothing are not stored", async () => {
        const one = new Stored();
        const all = Promise.allSettled([
            one.commit.change((state) => state),
            one.add("a"),
            one.commit.change(() => {
                throw new Error("refused");
            }),
        ]);
        await one.end();
        assert.deepEqual(
            (await all).map(({ status }) => status),
            ["fulfilled", "fulfilled", "rejected"],
        );
        assert.deepEqual(one.stores, ["a"]);
    });
});
