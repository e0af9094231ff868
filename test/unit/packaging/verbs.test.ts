// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { TREE } from "./stubs.js";

/** Targets of RapidDisk 9's Makefile, with what each comes to here. */
const DONE: readonly [target: string, does: RegExp][] = [
    ["all", /esbuild|Nothing to be done for 'all'/],
    ["tools", /The programs are in dist/],
    ["module", /-C kernel/],
    ["src", /The programs are in dist/],
    ["test", /tools\/test\.sh/],
    ["run-test", /tools\/test\.sh/],
    ["clean", /rm -rf dist out/],
    ["clean-tools", /rm -rf dist out/],
    ["install", /install\.sh install$/m],
    ["install-strip", /install\.sh install$/m],
    ["uninstall", /install\.sh uninstall$/m],
    ["tools-install", /install\.sh tools-install$/m],
    ["tools-install-strip", /install\.sh tools-install$/m],
    ["tools-uninstall", /install\.sh tools-uninstall$/m],
    ["tools-strip", /nothing to strip/],
    ["dkms-install", /install\.sh dkms-install$/m],
    ["dkms-uninstall", /install\.sh dkms-uninstall$/m],
];

describe("make", () => {
    function make(...words: string[]): { status: number | null; said: string } {
        const { status, stdout, stderr } = spawnSync("make", ["-C", TREE, "--no-print-directory", ...words], {
            env: { ...process.env, MAKEFLAGS: "", MAKELEVEL: "" },
            encoding: "utf8",
        });
        return { status, said: stdout + stderr };
    }

    for (const [target, does] of DONE) {
        it(`${target}, as in RapidDisk 9`, () => {
            const { said } = make("-n", target);
            assert.doesNotMatch(said, /No rule/);
            assert.match(said, does);
        });
    }

    for (const target of ["debug", "tools-debug", "conf", "doc"]) {
        it(`${target} says what replaces it, and fails`, () => {
            const { status, said } = make(target);
            assert.equal(status, 2);
            assert.match(said, /'make [a-z-]+'/);
        });
    }

    it("calls no folder done because it is there", () => {
        const folders = readdirSync(TREE, { withFileTypes: true }).filter(
            (entry) => entry.isDirectory() && !entry.name.startsWith("."),
        );
        assert.ok(folders.length > 5);
        for (const { name } of folders) {
            // A verb may run make for another, for which there is nothing to do.
            assert.doesNotMatch(make("-n", name).said, new RegExp(`(Nothing to be done for|^make:) '${name}'`, "m"));
        }
    });
});
