// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { fail, familyRows, newCell, note, record, rowsOf, type Bar, type Cell } from "../../../bench/src/cell.js";

function cell(bars: Bar[], better: "higher" | "lower" = "higher"): Cell {
    return newCell({ group: "ramdisk", where: "smp", name: "read", unit: "IOPS", better, subject: "rapiddisk", bars });
}

function filled(bars: Bar[], ours: number[], theirs: number[], better: "higher" | "lower" = "higher"): Cell {
    const made = cell(bars, better);
    ours.forEach((value) => record(made, "rapiddisk", value));
    theirs.forEach((value) => record(made, "brd", value));
    return made;
}

describe("bench cells", () => {
    it("meet a bar that the median ratio reaches, and miss one that it does not", () => {
        const [met] = rowsOf(filled([{ against: "brd", limit: 1 }], [10, 12, 11], [10, 10, 10]));
        assert.equal(met?.verdict, "met");
        assert.equal(met?.bar, "≥ 1.00");
        assert.equal(met?.peer?.ratio.median, 1.1);
        assert.deepEqual([met?.peer?.ratio.low, met?.peer?.ratio.high], [1, 1.2]);
        const [missed] = rowsOf(filled([{ against: "brd", limit: 1 }], [9, 9.9, 9.8], [10, 10, 10]));
        assert.equal(missed?.verdict, "missed");
    });

    it("turn round where less is better", () => {
        const [row] = rowsOf(filled([{ against: "brd", limit: 1 }], [9], [10], "lower"));
        assert.equal(row?.verdict, "met");
        assert.equal(row?.bar, "≤ 1.00");
    });

    it("hold our own value against a limit in its unit", () => {
        const [row] = rowsOf(filled([{ limit: 200 }], [150, 250, 201], [], "lower"));
        assert.equal(row?.verdict, "missed");
        assert.equal(row?.bar, "≤ 200 IOPS");
        assert.equal(row?.peer, undefined);
    });

    it("only inform where there is no limit, and leave out who was not there", () => {
        const rows = rowsOf(filled([{ against: "brd" }, { against: "upstream", limit: 1 }], [1], [1]));
        assert.deepEqual(
            rows.map((row) => row.verdict),
            ["information"],
        );
    });

    it("give no row when ours was not measured", () => {
        assert.deepEqual(rowsOf(filled([{ against: "brd", limit: 1 }], [], [1])), []);
    });

    it("take nothing measured as a failure, not as a number", () => {
        const made = cell([]);
        for (const value of [0, NaN, Infinity, -1]) record(made, "rapiddisk", value);
        assert.deepEqual(made.values, {});
        assert.equal(made.failures.length, 4);
    });

    it("tell each failure and each note once", () => {
        const made = cell([]);
        for (let time = 0; time < 3; time++) {
            fail(made, "brd", "no module");
            note(made, "warm");
        }
        assert.equal(made.failures.length, 1);
        assert.deepEqual(made.notes, ["warm"]);
    });

    it("sum a family up by geometric mean, round by round", () => {
        const cells = [
            { ...filled([{ against: "brd" }], [20, 20], [10, 10]), family: "RAM disk" },
            { ...filled([{ against: "brd" }], [5, 10], [10, 10]), family: "RAM disk" },
        ];
        const [row] = familyRows(cells, { "RAM disk": [{ against: "brd", limit: 1.15 }] });
        assert.match(row!.name, /geometric mean of 2 cells/);
        assert.deepEqual(
            [row!.ours.low, row!.ours.high].map((value) => value.toFixed(3)),
            ["1.000", "1.414"],
        );
        assert.equal(row!.verdict, "met");
    });
});
