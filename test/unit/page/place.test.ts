// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { placeMenu } from "../../../cockpit-plugin/src/lib/place.js";
import { placeOf } from "../../../cockpit-plugin/src/state/place.js";

const WINDOW = { width: 1000, height: 600 };
const MENU = { width: 200, height: 300 };
const button = (left: number, top: number) => ({ left, right: left + 40, top, bottom: top + 30 });

describe("page: where a menu goes", () => {
    it("below its button, their ends together", () => {
        assert.deepEqual(placeMenu(button(900, 100), MENU, WINDOW, false), { left: 740, top: 130, height: 300 });
        assert.deepEqual(placeMenu(button(60, 100), MENU, WINDOW, true), { left: 60, top: 130, height: 300 });
    });

    it("above where it does not fit below", () => {
        assert.deepEqual(placeMenu(button(900, 400), MENU, WINDOW, false), { left: 740, top: 100, height: 300 });
    });

    it("on the larger side, and no higher than that, where it fits on neither", () => {
        const high = { width: 200, height: 500 };
        assert.deepEqual(placeMenu(button(900, 200), high, WINDOW, false), { left: 740, top: 230, height: 366 });
        assert.deepEqual(placeMenu(button(900, 400), high, WINDOW, false), { left: 740, top: 4, height: 396 });
    });

    it("never beyond the sides of the window", () => {
        assert.equal(placeMenu(button(10, 100), MENU, WINDOW, false).left, 4);
        assert.equal(placeMenu(button(940, 100), MENU, WINDOW, true).left, 796);
    });
});

describe("page: where an address leads", () => {
    it("to the overview, the topology, or an object", () => {
        assert.deepEqual(placeOf([]), { view: "overview" });
        assert.deepEqual(placeOf(["topology"]), { view: "topology" });
        assert.deepEqual(placeOf(["volumes", "rd0"]), { view: "details", kind: "volumes", name: "rd0" });
        assert.deepEqual(placeOf(["volumes", "rd0", ""]), { view: "details", kind: "volumes", name: "rd0" });
    });

    it("nowhere, when the page has not what it names", () => {
        for (const path of [
            ["nonsense", "foo"],
            ["volumes"],
            ["volumes", ""],
            ["volumes", "rd0", "x"],
            ["topology", "x"],
        ]) {
            assert.deepEqual(placeOf(path), { view: "nowhere" }, path.join("/"));
        }
    });
});
