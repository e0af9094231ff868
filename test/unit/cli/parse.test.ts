// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { COMMANDS, COMMON_OPTIONS, GROUPS } from "../../../service/src/cli/commands/index.js";
import { helpText } from "../../../service/src/cli/help.js";
import { parseCommandLine } from "../../../service/src/cli/parse.js";
import { editDistance, suggest } from "../../../service/src/cli/suggest.js";
import { UsageError } from "../../../service/src/cli/units.js";

function parsed(line: string): string {
    const asked = parseCommandLine(line.split(" "));
    if (asked.kind !== "command") {
        return asked.kind === "help" ? `help ${asked.about.join(" ")}`.trim() : asked.kind;
    }
    const { options, operands } = asked.input;
    const given = Object.entries(options).map(([name, value]) => `${name}=${value}`);
    return [asked.command.words.join(" "), ...operands, ...given].join("|");
}

describe("command lines in words", () => {
    const right: [string, string][] = [
        ["list", "list"],
        ["--json list", "list|json="],
        ["list --json", "list|json="],
        ["volume", "volume list"],
        ["volume --json", "volume list|json="],
        ["jobs", "jobs list"],
        ["volume create 512M", "volume create|512M"],
        ["volume create 512M --number 7 --persist", "volume create|512M|number=7|persist="],
        ["volume create --number=7 512M", "volume create|512M|number=7"],
        ["volume remove rd0 rd1 rd2", "volume remove|rd0|rd1|rd2"],
        ["volume show -- --odd", "volume show|--odd"],
        ["cache create rd0 /dev/sdb --mode write-around", "cache create|rd0|/dev/sdb|mode=write-around"],
        ["stats", "stats"],
        ["stats rd0", "stats|rd0"],
        ["stats --watch", "stats|watch="],
        ["stats --watch 5", "stats|watch=5"],
        ["stats --watch=5", "stats|watch=5"],
        ["stats --watch rd0", "stats|rd0|watch="],
        ["stats --watch 0.5 rd0 --count 3", "stats|rd0|watch=0.5|count=3"],
        ["--help", "help"],
        ["help", "help"],
        ["help volume create", "help volume create"],
        ["volume create --help", "help volume create"],
        ["volume create -h", "help volume create"],
        ["volume --help", "help volume"],
        ["--help volume", "help volume"],
        ["volume list --help", "help volume list"],
        ["jobs -h", "help jobs"],
        ["stats --help", "help stats"],
        ["--version", "version"],
    ];
    for (const [line, expected] of right) {
        it(`rapiddisk ${line}`, () => assert.equal(parsed(line), expected));
    }

    const wrong: [string, RegExp][] = [
        ["--json", /command is missing/],
        ["--jsonn list", /^--jsonn is not an option of rapiddisk; did you mean "--json"\?$/],
        ["--json --hlep", /^--hlep is not an option of rapiddisk; did you mean "--help"\?$/],
        ["--attach 64", /^--attach is not an option of rapiddisk; see rapiddisk --help\.$/],
        ["--json=yes list", /^--json takes no value\.$/],
        ["--persist volume create 1M", /^Options of a command follow it: rapiddisk COMMAND --persist \.\.\.$/],
        ["lsit", /"lsit" is not a command; did you mean "list"\?/],
        ["volumes", /did you mean "volume"\?/],
        ["frobnicate", /"frobnicate" is not a command; see rapiddisk --help/],
        ["constructor", /not a command/],
        ["volume crate 1M", /did you mean "volume create"\?/],
        ["volume toString", /not a command about volume/],
        ["volume create", /SIZE is missing: rapiddisk volume create SIZE \[--number N\]/],
        ["volume create 1M 2M", /"2M" is one word too many/],
        ["volume create 1M --nubmer 3", /--nubmer is not an option.*did you mean "--number"\?/],
        ["volume create 1M --constructor", /--constructor is not an option/],
        ["volume create 1M -x", /-x is not an option/],
        ["volume create 1M --number", /--number needs a value: --number N/],
        ["volume create 1M --number --persist", /--number needs a value/],
        ["volume create 1M --persist=yes", /--persist takes no value/],
        ["volume remove", /VOLUME is missing/],
        ["__completee", /not a command; see/],
    ];
    for (const [line, message] of wrong) {
        it(`rapiddisk ${line} is refused`, () => {
            assert.throws(
                () => parseCommandLine(line.split(" ")),
                (error) => error instanceof UsageError && message.test(error.message),
            );
        });
    }
});

describe("the table of commands", () => {
    it("has no two commands of the same words, and groups that exist", () => {
        const names = COMMANDS.map((command) => command.words.join(" "));
        assert.equal(new Set(names).size, names.length);
        for (const { words } of COMMANDS) {
            assert.equal(words.length === 2, Object.hasOwn(GROUPS, words[0]!), words.join(" "));
        }
    });

    it("takes many words only at the end, and no option twice", () => {
        for (const command of COMMANDS) {
            assert.ok(command.operands.every(({ many }, index) => !many || index === command.operands.length - 1));
            assert.ok(Object.keys(command.options).every((name) => !Object.hasOwn(COMMON_OPTIONS, name)));
        }
    });
});

describe("help", () => {
    it("fits 80 columns, for every command", () => {
        const pages = [[], ...Object.keys(GROUPS).map((group) => [group]), ...COMMANDS.map(({ words }) => [...words])];
        for (const about of pages) {
            const text = helpText(about, "10.0.0");
            const long = text.split("\n").filter((line) => line.length > 80 && !line.startsWith("Usage:"));
            assert.deepEqual(long, []);
        }
    });

    it("names every command but hidden ones", () => {
        const text = helpText([], "10.0.0");
        for (const { words, hidden } of COMMANDS) {
            assert.equal(text.includes(`  ${words.join(" ")} `), hidden !== true, words.join(" "));
        }
    });

    it("complains about what does not exist", () => {
        assert.throws(() => helpText(["nothing"], "10.0.0"), UsageError);
    });
});

describe("did you mean", () => {
    it("counts edits", () => {
        assert.equal(editDistance("", "abc"), 3);
        assert.equal(editDistance("list", "list"), 0);
        assert.equal(editDistance("lsit", "list"), 1);
        assert.equal(editDistance("kitten", "sitting"), 3);
    });

    it("offers the nearest word, or nothing", () => {
        assert.equal(suggest("stat", ["stats", "status"]), "stats");
        assert.equal(suggest("remve", ["resize", "remove"]), "remove");
        assert.equal(suggest("zzz", ["resize", "remove"]), undefined);
    });
});
