// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { COMMANDS } from "../../../service/src/cli/commands/index.js";
import { helpText } from "../../../service/src/cli/help.js";
import { parseOptions } from "../../../service/src/daemon/options.js";
import { readSettings } from "../../../service/src/rest/settings.js";
import { programs } from "../../../service/esbuild.mjs";
import { TREE } from "./stubs.js";

function printed(read: { print: string } | object): string {
    assert.ok("print" in read);
    return read.print;
}

/** Text of sections of a manual page, as a person reads the dashes. */
function sections(page: string, ...names: string[]): string {
    const all = readFileSync(join(TREE, "docs/man", page), "utf8")
        .replaceAll("\\-", "-")
        .split(/^\.SH /m);
    const wanted = names.map((name) => all.find((section) => section.startsWith(`${name}\n`)));
    assert.ok(
        wanted.every((section) => section !== undefined),
        `${page} has a section ${names.join(" and ")}`,
    );
    return wanted.join("\n");
}

/** Options that stand at the head of a paragraph of a manual page. */
function optionsOfPage(text: string): string[] {
    const heads = [...text.matchAll(/^\.TP\n(.*)$/gm)].map(([, head]) => head!);
    return optionsIn(heads.join("\n"));
}

/** Options with which a line of a help begins. */
function optionsOfHelp(text: string): string[] {
    const heads = [...text.matchAll(/^(?: {2}|\t)(-.*?)(?: {2,}|\t|$)/gm)].map(([, head]) => head!);
    return optionsIn(heads.join("\n"));
}

function optionsIn(text: string): string[] {
    return [...new Set(text.replaceAll(/\\f[A-Z]/g, " ").match(/(?<![\w-])--?[a-zA-Z][\w-]*/g))].sort();
}

/** Of each program: its help, and what its manual page says of options. */
const PROGRAMS: Record<string, () => [help: string, page: string]> = {
    rapiddiskd: () => [printed(parseOptions(["--help"], "rapiddiskd")), sections("rapiddiskd.8", "OPTIONS")],
    "rapiddisk-restore": () => [
        printed(parseOptions(["--help"], "rapiddisk-restore")),
        sections("rapiddiskd.8", "OPTIONS", "OPTIONS OF RAPIDDISK-RESTORE"),
    ],
    rapiddisk: () => [
        COMMANDS.filter(({ hidden }) => !hidden)
            .map(({ words }) => helpText(words, "10.0.0"))
            .join("")
            .replaceAll(/^ {2}rapiddisk .*$/gm, ""),
        sections("rapiddisk.1", "COMMANDS", "OPTIONS"),
    ],
    "rapiddisk-rest": () => [printed(readSettings(["--help"], "10.0.0")), sections("rapiddisk-rest.8", "OPTIONS")],
};

describe("manual pages have the options that --help has", () => {
    it("for every program that is installed", () => {
        assert.deepEqual(Object.keys(PROGRAMS).sort(), Object.keys(programs).sort());
    });

    for (const [program, read] of Object.entries(PROGRAMS)) {
        it(program, () => {
            const [help, page] = read();
            const options = optionsOfHelp(help);
            assert.ok(options.includes("--help"), help);
            assert.deepEqual(optionsOfPage(page), options);
        });
    }

    it("rapiddiskd with the options of RapidDisk 9", () => {
        const script = readFileSync(join(TREE, "packaging/rapiddiskd"), "utf8");
        const help = /<<USAGE\n([^]*?)^USAGE$/m.exec(script)![1]!;
        assert.deepEqual(optionsOfPage(sections("rapiddiskd.8", "OPTIONS OF RAPIDDISK 9")), optionsOfHelp(help));
    });
});
