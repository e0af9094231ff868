// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { href } from "../../../cockpit-plugin/src/lib/hash.js";

describe("page: addresses", () => {
    it("hold whatever a name has in it", () => {
        assert.equal(href([]), "#/");
        assert.equal(href(["volumes", "rd0"]), "#/volumes/rd0");
        assert.equal(href(["exports", "nqn.x:a/b?c#d"]), "#/exports/nqn.x%3Aa%2Fb%3Fc%23d");
    });

    it("leave out options that say nothing", () => {
        assert.equal(href([], { find: "a b&c", show: "", only: undefined }), "#/?find=a%20b%26c");
    });
});
