// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { allow, MIB, modelFixture } from "../model/fixture.js";

/** The steps of docs/request.md: a file of the tree, and what to look for in it. */
const STEPS = [...readFileSync("docs/request.md", "utf8").matchAll(/^\| `([^`]+)` \| `([^`]+)` \|/gm)].map(
    ([, file, name]) => ({ file: file!, name: name! }),
);

describe("the document that follows one request", () => {
    it("has steps", () => {
        assert.ok(STEPS.length > 30, `${STEPS.length} steps were found`);
    });

    for (const { file, name } of STEPS) {
        it(`finds ${name} in ${file}`, () => {
            assert.ok(existsSync(file), `${file} is not there any more`);
            assert.match(readFileSync(file, "utf8"), new RegExp(`\\b${name}\\b`));
        });
    }

    it("says what a creation costs", async () => {
        const { model, kernel, ownership } = await modelFixture((sim) => sim.sim.otherAttach(5, MIB));
        const done: unknown[] = [];
        const attach = kernel.attachRamDisk.bind(kernel);
        const [readRamDisks, sequences] = [kernel.readRamDisks.bind(kernel), kernel.sequences.bind(kernel)];
        const countRamDisks = kernel.countRamDisks.bind(kernel);
        const save = ownership.save.bind(ownership);
        Object.assign(kernel, {
            attachRamDisk: (...args: Parameters<typeof attach>) => (done.push("attach"), attach(...args)),
            readRamDisks: (numbers?: number[]) => (done.push(["disks", numbers ?? "all"]), readRamDisks(numbers)),
            countRamDisks: () => (done.push(["count"]), countRamDisks()),
            sequences: (names: string[]) => (done.push(["number", names]), sequences(names)),
        });
        ownership.save = (owned) => {
            done.push(["save", ...owned.volumes.map(({ sequence }) => sequence !== undefined)]);
            return save(owned);
        };
        await model.volumes.create(64 * MIB, {}, allow);
        assert.deepEqual(done, [
            ["disks", [0]],
            ["count"],
            ["save", false],
            "attach",
            ["number", ["rd0"]],
            ["save", true],
            ["disks", [0]],
        ]);
    });

    it("names files in its sentences that are there", () => {
        const text = readFileSync("docs/request.md", "utf8");
        const named = [...text.matchAll(/`((?:service|kernel|test|docs)\/[\w./-]+\.\w+)`/g)].map(([, file]) => file!);
        assert.deepEqual(
            named.filter((file) => !existsSync(file)),
            [],
        );
    });
});
