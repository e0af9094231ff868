// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** The checks of language that `make lint` runs find what they are for, and nothing else. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const tool = (name: string): string => fileURLToPath(new URL(`../../../tools/lint/${name}`, import.meta.url));

describe("the checks of language", () => {
    let directory: string;
    before(() => {
        directory = mkdtempSync(join(tmpdir(), "rapiddisk-language-"));
    });
    after(() => rmSync(directory, { recursive: true }));

    /** What the check of words says about one line. */
    function words(line: string): { status: number | null; stdout: string } {
        const file = join(directory, "file.ts");
        writeFileSync(file, `${line}\n`);
        return spawnSync(tool("words"), [file], { encoding: "utf8" });
    }
    for (const line of [
        "/** Reads it anew. */",
        "// Whoever asks waits for ever.",
        "It comes again at each boot.",
        'throw new ModelError("InvalidArgument", `${quote(text)} is no address.`);',
    ]) {
        it(`find: ${line}`, () => {
            const { status, stdout } = words(line);
            assert.deepEqual([status, stdout.includes(`file.ts:1:${line}`)], [1, true], stdout);
        });
    }
    for (const line of [
        "// A new one renews the rest forever.",
        'throw new ModelError("NotFound", `There is no volume ${name}.`);',
        "`${object} is half made; remove it and create it anew.`,",
    ]) {
        it(`leave: ${line}`, () => assert.deepEqual([words(line).stdout, words(line).status], ["", 0]));
    }

    describe("of commits", () => {
        const git = (...args: string[]): string =>
            execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", "-C", directory, ...args], {
                encoding: "utf8",
            });
        const commit = (subject: string): string => git("commit", "--quiet", "--allow-empty", "-m", subject);
        const commits = (...range: string[]) => spawnSync(tool("commits"), range, { cwd: directory, encoding: "utf8" });
        before(() => {
            git("init", "--quiet");
            commit("anything");
        });

        it("take what has an area, and merges", () => {
            commit("model, rest: what it does");
            assert.equal(commits("HEAD~..HEAD").status, 0);
        });

        for (const subject of ["What it does", `model: ${"x".repeat(66)}`, "model: what it does."]) {
            it(`refuse: ${subject}`, () => {
                commit(subject);
                const { status, stdout } = commits("HEAD~..HEAD");
                assert.deepEqual([status, stdout.includes(subject)], [1, true], stdout);
            });
        }

        it("look at nothing where no base is known, as in a shallow clone", () => {
            const { status, stdout } = commits();
            assert.deepEqual([status, stdout], [0, "no base is known: no commit was looked at\n"]);
        });
    });
});
