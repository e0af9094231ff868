// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { Jobs } from "../../../service/src/model/jobs.js";
import type { StateListener } from "../../../service/src/model/types.js";

const nobody: StateListener = { added: () => undefined, changed: () => undefined, removed: () => undefined };

describe("numbers of jobs", () => {
    it("count up, and are numbers of the contract", () => {
        const jobs = new Jobs(nobody);
        const ids = [1, 2, 3].map(() => jobs.start("cache-flush", []).id);
        ids.forEach((id) => assert.match(id, /^[1-9][0-9]{0,15}$/));
        assert.deepEqual(
            ids.slice(1).map((id, index) => Number(id) - Number(ids[index])),
            [1, 1],
        );
        jobs.close();
    });

    it("do not come again in a service that starts later, however short the first lived", async () => {
        const before = new Jobs(nobody);
        const old = before.start("cache-flush", []);
        old.finish();
        before.close();
        await new Promise((resolve) => setTimeout(resolve, 5)); // a process takes longer to start
        const after = new Jobs(nobody);
        assert.throws(() => after.cancel(old.id), { message: `There is no job ${old.id}.` });
        const young = after.start("cache-flush", []);
        assert.ok(Number(young.id) > Number(old.id), `${young.id} after ${old.id}`);
        after.close();
    });
});
