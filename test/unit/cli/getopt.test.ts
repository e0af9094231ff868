// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { getopt } from "../../../service/src/cli/upstream/getopt.js";
import { isUpstreamNotation, readInvocation } from "../../../service/src/cli/upstream/options.js";

const SHAPE = "a:jld:";

function flat(words: string[]): string {
    const { options, complaint } = getopt(words, SHAPE);
    return [
        ...options.map(({ letter, argument }) => (argument === undefined ? letter : `${letter}=${argument}`)),
        complaint,
    ]
        .filter((part) => part !== undefined)
        .join(" ");
}

describe("getopt", () => {
    const table: [string[], string][] = [
        [[], ""],
        [["-a", "64"], "a=64"],
        [["-a64"], "a=64"],
        [["-jl"], "j l"],
        [["-jla", "64"], "j l a=64"],
        [["-jla64"], "j l a=64"],
        [["-l", "-j"], "l j"],
        [["-a", "-l"], "a=-l"],
        [["-a", "--"], "a=--"],
        [["x", "-l"], "l"],
        [["-l", "x", "-j"], "l j"],
        [["-l", "--", "-j"], "l"],
        [["-", "-j"], "j"],
        [["-z"], "invalid option -- 'z'"],
        [["-lz", "-j"], "l invalid option -- 'z'"],
        [["--attach", "64"], "invalid option -- '-'"],
        [["-:"], "invalid option -- ':'"],
        [["-j", "-a"], "j option requires an argument -- 'a'"],
        [["-a", ""], "a="],
    ];
    for (const [words, expected] of table) {
        it(`${JSON.stringify(words)} gives "${expected}"`, () => assert.equal(flat(words), expected));
    }

    it("agrees with the C library (through bash's external getopt(1))", () => {
        const words = fc.array(fc.constantFrom("-a", "-j", "-jl", "-a5", "-d", "x", "-", "-lj", "-ja", "7", "-z"), {
            maxLength: 6,
        });
        fc.assert(
            fc.property(words, (line) => {
                const { options, complaint } = getopt(line, SHAPE);
                let theirs: string;
                try {
                    theirs = execFileSync("getopt", ["-o", SHAPE, "-q", "--", ...line], { encoding: "utf8" });
                } catch {
                    assert.notEqual(complaint, undefined, `${line.join(" ")}: the C library complains`);
                    return;
                }
                assert.equal(complaint, undefined, `${line.join(" ")}: the C library does not complain`);
                const ours = options.flatMap(({ letter, argument }) =>
                    argument === undefined ? [`-${letter}`] : [`-${letter}`, `'${argument}'`],
                );
                assert.equal(theirs.split(" -- ")[0]!.trim().replace(/ --$/, "").replace(/^--$/, ""), ours.join(" "));
            }),
            { numRuns: 60 },
        );
    });
});

describe("the old notation", () => {
    it("is told from the commands by its first word", () => {
        const old = [[], ["-l"], ["-jl"], ["-a", "64"], ["-h"], ["-"], ["--"]];
        const words = [
            ["list"],
            ["--json", "list"],
            ["--help"],
            ["--version"],
            ["volume", "-h"],
            ["--explain", "list"],
            ["--jsonn", "list"],
            ["--attach", "64"],
            ["--json=1", "list"],
        ];
        assert.deepEqual(
            old.map((line) => isUpstreamNotation(line)),
            old.map(() => true),
        );
        assert.deepEqual(
            words.map((line) => isUpstreamNotation(line)),
            words.map(() => false),
        );
    });

    it("does the last action, with that action's argument", () => {
        const { action, name } = readInvocation(["-d", "rd0", "-L", "rd1"]);
        assert.deepEqual([action, name], ["L", "rd1"]);
        assert.equal(readInvocation(["-a", "64", "-l"]).action, "l");
    });

    it("takes the size from the later one of -a and -c", () => {
        assert.equal(readInvocation(["-a", "64", "-c", "128"]).size, "128");
        assert.equal(readInvocation(["-c", "128", "-a", "64"]).size, "64");
    });

    it("prints no banner with -g or -j", () => {
        assert.equal(readInvocation(["-l"]).banner, true);
        assert.equal(readInvocation(["-gl"]).banner, false);
        assert.equal(readInvocation(["-lj"]).banner, false);
    });

    it("does nothing but help when there is no action, or the line is wrong", () => {
        assert.equal(readInvocation(["-j"]).action, "V");
        assert.equal(readInvocation(["-a", "64", "-z"]).action, "V");
        assert.equal(readInvocation(["-a"]).action, "V");
    });
});
