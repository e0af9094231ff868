// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { COMMANDS } from "../../../service/src/cli/commands/index.js";
import { HELP } from "../../../service/src/cli/upstream/texts.js";
import { interfaces } from "../../../service/src/generated/specs.js";
import { documents } from "../../../tools/docs/documents.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));

describe("generated documents", function () {
    it("agree with what they are generated from (npx tsx tools/docs/generate.ts)", async () => {
        for (const [name, text] of await documents()) {
            assert.equal(readFileSync(join(root, name), "utf8"), text, `${name} is out of date`);
        }
    });

    it("have the version of the product", () => {
        const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
        for (const page of ["rapiddiskd.8", "rapiddisk-rest.8"]) {
            assert.match(
                readFileSync(join(root, "docs/man", page), "utf8"),
                new RegExp(`^\\.TH .*"rapiddisk ${version}"`, "m"),
            );
        }
    });

    it("name every option of the old notation in the manual page and the help", () => {
        const page = readFileSync(join(root, "docs/man/rapiddisk.1"), "utf8").replaceAll("\\-", "-");
        const section = page.slice(page.indexOf(".SH NOTATION OF EARLIER"), page.indexOf(".SH EXIT STATUS"));
        for (const letter of "abcdefgHhijLlmNnPpqRrstUuvXx") {
            assert.match(section, new RegExp(`^\\.B.*-${letter}\\b`, "m"), letter);
            assert.match(HELP, new RegExp(`^  -${letter} `, "m"), letter);
        }
    });

    it("say which methods ask polkit although they only read", () => {
        const text = readFileSync(join(root, "docs/dbus.md"), "utf8");
        const section = /## Who may do what\n([^]*?)\n## /.exec(text)![1]!;
        for (const { methods } of Object.values(interfaces)) {
            for (const [name, { action }] of Object.entries(methods)) {
                if (action !== undefined && /^(Get|List|Take)/.test(name)) {
                    assert.ok(section.includes(`\`${name}\``), name);
                }
            }
        }
    });

    it("name every command in the manual page", () => {
        const page = readFileSync(join(root, "docs/man/rapiddisk.1"), "utf8").replaceAll("\\-", "-");
        for (const { words, hidden } of COMMANDS) {
            assert.equal(page.includes(`\\fB${words.join(" ")}\\fR`), hidden !== true, words.join(" "));
        }
    });
});

const NQN = "nqn.2021-06.org.rapiddisk:sim";

describe("completion in bash", () => {
    let directory: string;

    before(() => {
        directory = mkdtempSync(join(tmpdir(), "rapiddisk-completion-"));
        const command = join(directory, "rapiddisk");
        writeFileSync(
            command,
            '#!/bin/sh\n[ "$1" = __complete ] || exit 9\n' +
                "case $2 in volumes) echo rd0; echo rd1;; caches) echo rc-wt_sdb;; names) echo rd0; echo rc-wt_sdb;; " +
                `exports) echo ${NQN}; echo ${NQN}2; echo other:x;; ports) echo 1; echo 3;; esac\n`,
        );
        chmodSync(command, 0o755);
    });

    after(() => rmSync(directory, { recursive: true, force: true }));

    /** What is offered at the end of a line; the last word is the one being typed. bash cuts words at colons. */
    function offered(...words: string[]): string[] {
        const line = ["rapiddisk", ...words].join(" ");
        const script =
            `source ${root}/packaging/completions/rapiddisk.bash; COMP_LINE=$1 COMP_POINT=\${#1}; shift; ` +
            `COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _rapiddisk; printf '%s\\n' "\${COMPREPLY[@]}"`;
        const env = { ...process.env, PATH: `${directory}:${process.env.PATH}` };
        const pieces = words.flatMap((word) =>
            word === "" ? [""] : word.split(/(:)/).filter((piece) => piece !== ""),
        );
        const output = execFileSync("/bin/bash", ["-c", script, "bash", line, "rapiddisk", ...pieces], {
            encoding: "utf8",
            env,
        });
        return output.split("\n").filter((line) => line !== "");
    }

    const table: [string[], string[]][] = [
        [["vol"], ["volume"]],
        [
            ["volume", "re"],
            ["resize", "remove"],
        ],
        [
            ["volume", "show", ""],
            ["rd0", "rd1"],
        ],
        [["volume", "show", "rd0", ""], []],
        [
            ["volume", "remove", "rd0", "rd1", "r"],
            ["rd0", "rd1"],
        ],
        [
            ["volume", "create", "1M", "--n"],
            ["--number", "--no-ask-password"],
        ],
        [["volume", "create", "--number", ""], []],
        [["cache", "create", "--mode", "write-"], ["write-through", "write-around", "writeback"].slice(0, 2)],
        [
            ["cache", "create", "--mode", "writeback", "rd"],
            ["rd0", "rd1"],
        ],
        [["cache", "mode", "rc-wt_sdb", "pass"], ["pass-through"]],
        [["cache", "create", "rd0", "/dev/nul"], ["/dev/null"]],
        [
            ["stats", ""],
            ["rd0", "rc-wt_sdb"],
        ],
        [["--j"], ["--json"]],
        [["volume", "--he"], ["--help"]],
        [["he"], ["help"]],
        [["help", "c"], ["cache"]],
        [["help", "he"], []],
        [
            ["help", "cache", "re"],
            ["resize", "remove", "reset-stats"],
        ],
        [["help", "cache", "remove", ""], []],
        [["help", "stats", ""], []],
        [
            ["-d", ""],
            ["rd0", "rd1"],
        ],
        [["-u", ""], ["rc-wt_sdb"]],
        // What is offered replaces what follows the last colon.
        [
            ["export", "show", "nqn"],
            [NQN, `${NQN}2`],
        ],
        [
            ["export", "show", "nqn.2021-06.org.rapiddisk:"],
            ["sim", "sim2"],
        ],
        [
            ["export", "show", "nqn.2021-06.org.rapiddisk:s"],
            ["sim", "sim2"],
        ],
        [["export", "show", NQN, ""], []],
        [
            ["export", "remove-port", NQN, ""],
            ["1", "3"],
        ],
        [
            ["export", "create", "rd0", "--nqn", NQN, "--port", ""],
            ["1", "3"],
        ],
        [["export", "create", "--nqn", NQN, "rd"], ["rd0"]],
        [
            ["-m", "rd0", "-p", ""],
            ["wt", "wa", "wb"],
        ],
    ];
    for (const [words, expected] of table) {
        it(`rapiddisk ${words.join(" ")}<TAB>`, () => assert.deepEqual(offered(...words).sort(), [...expected].sort()));
    }

    for (const [shell, file] of [
        ["zsh", "_rapiddisk"],
        ["fish", "rapiddisk.fish"],
    ] as const) {
        it(`is understood by ${shell}, too`, function () {
            const program = `/usr/bin/${shell}`;
            if (!existsSync(program)) {
                console.log(`    skipped: ${program} is not installed`);
                this.skip();
            }
            execFileSync(program, ["-n", join(root, "packaging/completions", file)]);
        });
    }

    it("hands the kind of names to its helper in zsh as the first word", () => {
        const script = readFileSync(join(root, "packaging/completions/_rapiddisk"), "utf8");
        assert.match(script, /: _rapiddisk_names volumes'/);
        assert.doesNotMatch(script, /:_rapiddisk_names/);
    });

    it("offers in fish what it offers in bash", function () {
        if (!existsSync("/usr/bin/fish")) {
            console.log("    skipped: /usr/bin/fish is not installed");
            this.skip();
        }
        const env = { ...process.env, PATH: `${directory}:${process.env.PATH}`, HOME: directory };
        const ask = (line: string) =>
            execFileSync(
                "/usr/bin/fish",
                ["-c", `source ${root}/packaging/completions/rapiddisk.fish; complete -C ${JSON.stringify(line)}`],
                { encoding: "utf8", env },
            )
                .split("\n")
                .map((one) => one.split("\t")[0]!)
                .filter((one) => one !== "");
        assert.deepEqual(ask("rapiddisk vol"), ["volume"]);
        assert.deepEqual(ask("rapiddisk he"), ["help"]);
        assert.deepEqual(ask("rapiddisk help c"), ["cache"]);
        assert.deepEqual(ask("rapiddisk help hel"), []);
        assert.deepEqual(ask("rapiddisk help volume re").sort(), ["remove", "resize"]);
        assert.deepEqual(ask("rapiddisk help volume show "), []);
        assert.deepEqual(ask("rapiddisk volume re").sort(), ["remove", "resize"]);
        assert.deepEqual(ask("rapiddisk volume show ").sort(), ["rd0", "rd1"]);
        assert.deepEqual(ask("rapiddisk cache create --mode write-").sort(), ["write-around", "write-through"]);
    });
});
