// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { parseJournal } from "../../../cockpit-plugin/src/lib/journal.js";

describe("page: lines of the journal", () => {
    const line = JSON.stringify({
        __CURSOR: "s=1",
        __REALTIME_TIMESTAMP: "1700000000123456",
        PRIORITY: "3",
        MESSAGE: "rd0: no",
    });

    it("are read as they come, also in pieces", () => {
        const first = parseJournal(`${line}\n${line.slice(0, 20)}`);
        assert.deepEqual(first.entries, [{ cursor: "s=1", at: 1700000000123.456, priority: 3, message: "rd0: no" }]);
        assert.equal(parseJournal(`${first.rest}${line.slice(20)}\n`).entries.length, 1);
    });

    it("may have bytes for a message, or none, and may be no lines at all", () => {
        const strange = (MESSAGE: unknown) => parseJournal(`${JSON.stringify({ MESSAGE })}\n`).entries[0];
        assert.equal(strange([195, 164])?.message, "ä");
        assert.equal(strange(null)?.message, "");
        assert.equal(strange("x")?.priority, 6);
        assert.deepEqual(parseJournal("No journal files were found.\n\n"), { entries: [], rest: "" });
    });
});
