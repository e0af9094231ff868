// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
    isSwitchMode,
    MODE_WORDS,
    MODES,
    modeOfLetters,
    modeOfWord,
    NEW_MODES,
    TARGET_MODES,
} from "../../../service/src/facts/modes.js";

describe("the modes of a cache", () => {
    it("are found by every word that is taken for them, and by no other", () => {
        assert.deepEqual(
            MODE_WORDS.map((word) => [word, modeOfWord(word)]),
            [
                ["write-through", "write-through"],
                ["write-around", "write-around"],
                ["writeback", "writeback"],
                ["write-back", "writeback"],
            ],
        );
        for (const word of ["", "wt", "pass-through", "Writeback", "toString", "__proto__", "constructor"]) {
            assert.equal(modeOfWord(word), undefined, word);
        }
    });

    it("are found by upstream's letters, and by nothing else", () => {
        assert.deepEqual(["wt", "wa", "wb"].map(modeOfLetters), NEW_MODES);
        for (const letters of ["", "WT", "write-through", "toString"]) {
            assert.equal(modeOfLetters(letters), undefined, letters);
        }
    });

    it("have letters that differ, and arguments and messages of the kernel that differ", () => {
        const letters = NEW_MODES.map((mode) => MODES[mode].letters);
        assert.equal(new Set(letters).size, letters.length);
        const kernel = Object.values(TARGET_MODES).flatMap(({ argument, message }) => [argument, message]);
        assert.equal(new Set(kernel).size, kernel.length);
    });

    it("can be switched to in use, but for writeback", () => {
        assert.deepEqual(["write-through", "write-around", "pass-through", "writeback"].map(isSwitchMode), [
            ...[true, true, true],
            false,
        ]);
    });

    it("are listed in one table: no other file of the service or the page pairs a mode with upstream's letters", () => {
        const pattern = String.raw`"?(wt|wa|wb)"?: *"write|"?write-?(through|around|back)"?: *"w[tab]"`;
        const places = [
            "service/src",
            "cockpit-plugin/src",
            ":!service/src/facts",
            // It plays the kernel, and must not share the mistakes of what it tests.
            ":!service/src/kernel/sim",
        ];
        const found = execFileSync("sh", ["-c", 'git grep -nE "$@" || [ $? = 1 ]', "sh", pattern, "--", ...places]);
        assert.equal(found.toString(), "");
    });
});
