// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { nqnFault, type NqnFault } from "../../../service/src/facts/nqn.js";
import { checkNqn } from "../../../service/src/model/nqn.js";

describe("an NQN", () => {
    const cases: [nqn: string, forExport?: NqnFault, forHost?: NqnFault | "none"][] = [
        ["nqn.2014-08.org.example:host"],
        ["nqn.host1"],
        ["web 1"],
        ["", "empty"],
        ["x".repeat(224), "long"],
        [`nqn.2014-08.com.example:${"ä".repeat(101)}`, "long"],
        ["a\tb", "characters"],
        ["a\u2028b", "characters"],
        ["nqn.2014-08.org.example:a/b", "path"],
        ["..", "path"],
        ["rapiddisk-probe-1", "reserved"],
        ["DHHC-1:00:KioqKioqKioqKioqKioqKioqKioqKioqKioqKioqKiqM5sHn:", "key"],
        ["nqn.2014-08.org.nvmexpress.discovery", "discovery", "none"],
    ];
    for (const [nqn, forExport, host = forExport] of cases) {
        const forHost = host === "none" ? undefined : host;
        it(`${JSON.stringify(nqn.slice(0, 50))}: ${forExport ?? "is right"}, and the service says so`, () => {
            for (const [what, name, fault] of [
                ["export", "NQN", forExport],
                ["host", "Host", forHost],
            ] as const) {
                assert.equal(nqnFault(nqn, what), fault);
                if (fault === undefined) {
                    assert.equal(checkNqn(nqn, name), nqn);
                } else {
                    assert.throws(() => checkNqn(nqn, name), { kind: "InvalidArgument" });
                }
            }
        });
    }
});
