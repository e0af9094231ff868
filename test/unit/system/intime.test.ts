// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { inTime } from "../../../service/src/system/intime.js";

const never = new Promise<never>(() => undefined);

describe("work for which nobody waits longer than a limit", () => {
    it("gives what it came to, or its error, as soon as it has ended", async () => {
        assert.deepEqual(await inTime(Promise.resolve(undefined), 3_600_000), { value: undefined });
        await assert.rejects(inTime(Promise.reject(new Error("failed")), 3_600_000), /^Error: failed$/);
    });

    it("gives nothing once the limit is over, and its error later is nobody's", async () => {
        assert.equal(await inTime(never, 5), undefined);
        let fail: (error: Error) => void = () => undefined;
        const work = new Promise<never>((_, reject) => (fail = reject));
        assert.equal(await inTime(work, 5), undefined);
        fail(new Error("too late"));
        await new Promise((resolve) => setImmediate(resolve));
    });
});
