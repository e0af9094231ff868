// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { commandLine, shellQuote } from "../../../service/src/facts/shell.js";

describe("words for a shell", () => {
    it("are left alone when they need no quotes", () => {
        assert.equal(commandLine(["nvme", "connect", "-n", "nqn.2014-08.org:x"]), "nvme connect -n nqn.2014-08.org:x");
        assert.deepEqual(["", "a b", "it's"].map(shellQuote), ["''", "'a b'", "'it'\\''s'"]);
    });

    it("are read by a shell as the very words that were meant", () => {
        const words = ["it's", "a b", "$HOME", "`id`", "", "\\", 'say "hi"', "new\nline", "é", "--", "*"];
        const printed = execFileSync("sh", ["-c", `printf '%s\\0' ${commandLine(words)}`], { encoding: "utf8" });
        assert.deepEqual(printed.split("\0").slice(0, -1), words);
    });

    it("come back from a shell, whatever they are", () => {
        const word = fc.string({ unit: "binary-ascii", maxLength: 12 }).filter((text) => !text.includes("\0"));
        fc.assert(
            fc.property(fc.array(word, { minLength: 1, maxLength: 20 }), (words) => {
                const line = `printf '%s\\0' ${commandLine(words)}`;
                assert.equal(
                    execFileSync("/bin/sh", ["-c", line], { encoding: "utf8" }),
                    words.map((one) => `${one}\0`).join(""),
                );
            }),
            { numRuns: 50 },
        );
    });
});
