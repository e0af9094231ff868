// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { fail, newCell, record, type Cell } from "../../../bench/src/cell.js";
import { BEGIN, END, withResults } from "../../../bench/src/host/recordfile.js";
import { failuresOf, markdownTable, report, significant, type RunInfo } from "../../../bench/src/host/report.js";

const info: RunInfo = {
    date: "2026-01-02 03:04 UTC",
    commit: "abc",
    host: "2 × CPU",
    machines: { smp: "Linux 6.12" },
    loads: [0.5, 1],
    seconds: 120,
};

function cell(ours: number[], theirs: number[]): Cell {
    const made = newCell({
        group: "ramdisk",
        where: "smp",
        name: "4 KiB random read",
        unit: "IOPS",
        better: "higher",
        subject: "rapiddisk",
        bars: [{ against: "brd", limit: 1 }],
    });
    ours.forEach((value) => record(made, "rapiddisk", value));
    theirs.forEach((value) => record(made, "brd", value));
    return made;
}

describe("bench report", () => {
    it("prints ratio, spread, bar and verdict of each row", () => {
        const text = report([cell([900, 1100, 1000], [1000, 1000, 1000])], info);
        assert.match(
            text,
            /4 KiB random read +\| 1000 IOPS +\| brd +\| 1000 IOPS +\| 1\.00 \(0\.90–1\.10\) +\| ≥ 1\.00 \| met/,
        );
        assert.match(text, /1 bars met, 0 missed/);
        assert.match(text, /2026-01-02 03:04 UTC/);
    });

    it("marks what was missed and counts it", () => {
        const text = report([cell([500], [1000])], info);
        assert.match(text, /\*\*missed\*\*/);
        assert.match(text, /0 bars met, 1 missed/);
    });

    it("names what could not be measured, and why", () => {
        const broken = cell([], [1000]);
        fail(broken, "rapiddisk", "errno 28");
        assert.match(report([broken], info), /Could not be measured\n\n- ramdisk, .* rapiddisk: errno 28/);
        assert.equal(failuresOf([broken, cell([1], [1])]).length, 1);
    });

    it("shows three significant digits and never an exponent", () => {
        assert.deepEqual([123456, 12.345, 0.012345, 0, 1.5].map(significant), [
            "123456",
            "12.3",
            "0.0123",
            "0",
            "1.50",
        ]);
    });

    it("pads tables so that they read as plain text", () => {
        assert.equal(markdownTable(["a", "b"], [["wide", "x"]]), "| a    | b   |\n| ---- | --- |\n| wide | x   |");
    });

    it("replaces only what is between the marks of the page", () => {
        const page = `before\n${BEGIN}\nold\n${END}\nafter\n`;
        const once = withResults(page, "new");
        assert.equal(once, `before\n${BEGIN}\n\nnew\n\n${END}\nafter\n`);
        assert.equal(withResults(once, "new"), once);
        assert.throws(() => withResults("no marks", "new"), /no single pair of marks/);
        assert.throws(() => withResults(`${END}${BEGIN}`, "new"), /no single pair of marks/);
    });
});
