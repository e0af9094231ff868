// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { KeyedMutex } from "../../../service/src/system/keyedmutex.js";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("changes of an object", () => {
    it("that depend on its state begin when no other is under way; the rest, and those of others, at once", async () => {
        const mutex = new KeyedMutex();
        const seen: string[] = [];
        const change = (name: string) => async (): Promise<string> => {
            seen.push(`${name} begins`);
            await turn();
            seen.push(`${name} ends`);
            return name;
        };
        const all = [
            mutex.run("a", true, change("first")),
            mutex.run("a", true, change("waits")),
            mutex.run("a", false, change("does not")),
            mutex.run("b", true, change("other")),
        ];
        assert.deepEqual(await Promise.all(all), ["first", "waits", "does not", "other"]);
        assert.deepEqual(seen.slice(0, 3), ["first begins", "does not begins", "other begins"]);
        const of = (what: string): number => seen.indexOf(what);
        assert.ok(of("waits begins") > Math.max(of("first ends"), of("does not ends")));
    });

    it("are waited for to the end of what they began, also when that fails", async () => {
        const mutex = new KeyedMutex();
        let end = (): void => undefined;
        const rest = new Promise<void>((_, reject) => (end = () => reject(new Error("no"))));
        rest.catch(() => undefined);
        await mutex.run("a", true, async () => void mutex.add("a", rest));
        let begun = false;
        const next = mutex.run("a", true, async () => (begun = true));
        await turn();
        assert.equal(begun, false);
        end();
        await next;
        assert.equal(begun, true);
    });
});
