// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { strict as assert } from "node:assert";
import fc from "fast-check";
import { decodePathLabel, encodePathLabel } from "../../../service/src/system/pathlabel.js";

describe("labels of object paths", () => {
    it("are escaped by the rule of systemd", () => {
        assert.equal(encodePathLabel("rc-wt_loop5"), "rc_2dwt_5floop5");
        assert.equal(encodePathLabel("nqn.2014-08:x"), "nqn_2e2014_2d08_3ax");
        assert.equal(encodePathLabel("ä"), "_c3_a4");
        assert.equal(encodePathLabel(""), "_");
    });

    it("come back, and make a valid path, whatever the text", () => {
        fc.assert(
            fc.property(fc.string({ unit: "binary" }), (text) => {
                const label = encodePathLabel(text);
                assert.match(label, /^[A-Za-z0-9_]+$/);
                assert.equal(decodePathLabel(label), Buffer.from(text).toString());
            }),
        );
    });

    it("are refused when nothing escapes to them", () => {
        for (const label of ["_zz", "_2D", "a_", "a-b", "", "_61", "_ff"]) {
            assert.equal(decodePathLabel(label), undefined, label);
        }
    });
});
