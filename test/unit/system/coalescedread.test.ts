// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { CoalescedRead } from "../../../service/src/system/coalescedread.js";

describe("a reading that callers share", () => {
    it("says what a reading said that began after the call, and costs two however many call", async () => {
        let readings = 0;
        const shared = new CoalescedRead(async () => {
            readings += 1;
            const said = readings;
            await new Promise((resolve) => setImmediate(resolve));
            return said;
        });
        assert.equal(shared.idle, true);
        const answers = Array.from({ length: 5 }, () => shared.get());
        assert.equal(shared.idle, false);
        assert.deepEqual(await Promise.all(answers), [1, 2, 2, 2, 2]);
        assert.equal(shared.idle, true);
        assert.equal(await shared.get(), 3);
    });

    it("that fails does so for those alone who waited for that one", async () => {
        let fail = true;
        const shared = new CoalescedRead(async () => {
            await new Promise((resolve) => setImmediate(resolve));
            if (!fail) return "read";
            fail = false;
            throw new Error("no");
        });
        const [first, second] = await Promise.allSettled([shared.get(), shared.get()]);
        assert.equal(first.status, "rejected");
        assert.deepEqual(second, { status: "fulfilled", value: "read" });
    });
});
