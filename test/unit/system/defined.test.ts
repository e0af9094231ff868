// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { strict as assert } from "node:assert";
import { defined } from "../../../service/src/system/defined.js";

describe("properties that have a value", () => {
    it("stay, in their order, whatever the value", () => {
        const all = { a: 0, b: "", c: false, d: null };
        assert.deepEqual(Object.entries(defined(all)), Object.entries(all));
    });

    it("are alone: those that are undefined are not there", () => {
        const given: { name: string; size?: number | undefined } = { name: "rd0", size: undefined };
        const some: { name: string; size?: number } = defined(given);
        assert.deepEqual(Object.keys(some), ["name"]);
        assert.deepEqual(Object.keys(given), ["name", "size"], "what was given is left as it is");
    });
});
