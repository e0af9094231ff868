// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** READMEs of folders with sources name each file and folder there, so that nobody has to guess what one is for. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const TREE = fileURLToPath(new URL("../../..", import.meta.url));

/** Folders below here that have a README have one that names everything in them. */
const SOURCES = ["service/src", "cockpit-plugin/src"];

function foldersBelow(folder: string): string[] {
    const inside = readdirSync(join(TREE, folder), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [folder, ...inside.flatMap(({ name }) => foldersBelow(`${folder}/${name}`))];
}

/** Names what a folder holds and a text lacks. A style sheet goes with the component of its name; index.ts joins the others. */
function missing(folder: string, text: string): string[] {
    return readdirSync(join(TREE, folder), { withFileTypes: true })
        .filter(({ name }) => !/^(README\.md|index\.tsx?|\..*)$/.test(name))
        .filter((entry) => {
            const component = entry.name.replace(/\.css$/, ".tsx");
            return ![entry.name, component].some((name) =>
                new RegExp(`\`(?:[\\w-]+/)*${name.replaceAll(".", "\\.")}${entry.isDirectory() ? "/" : ""}\``).test(
                    text,
                ),
            );
        })
        .map(({ name }) => name);
}

describe("READMEs name what is there", () => {
    for (const folder of SOURCES.flatMap(foldersBelow).filter((one) => existsSync(join(TREE, one, "README.md")))) {
        it(folder, () => {
            assert.deepEqual(missing(folder, readFileSync(join(TREE, folder, "README.md"), "utf8")), []);
        });
    }

    it("cockpit-plugin: its folders of sources", () => {
        const text = readFileSync(join(TREE, "cockpit-plugin/README.md"), "utf8");
        const folders = readdirSync(join(TREE, "cockpit-plugin/src"), { withFileTypes: true }).filter((one) =>
            one.isDirectory(),
        );
        assert.deepEqual(
            folders.map(({ name }) => `\`src/${name}/\``).filter((name) => !text.includes(name)),
            [],
        );
    });

    it("docs/architecture.md: every folder at the top", () => {
        const text = readFileSync(join(TREE, "docs/architecture.md"), "utf8");
        const table = text.slice(text.indexOf("## Where to look"));
        // Not in the tree: what is built, run or installed.
        const others = ["node_modules", "dist", "out", "LICENSES"];
        const folders = readdirSync(TREE, { withFileTypes: true })
            .filter((entry) => entry.isDirectory() && !entry.name.startsWith(".") && !others.includes(entry.name))
            .map(({ name }) => name);
        assert.deepEqual(
            folders.filter((name) => !table.includes(`\`${name}/`)),
            [],
        );
    });
});
