// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { COMMANDS } from "../../../service/src/cli/commands/index.js";
import { objectPath } from "../../../service/src/client/index.js";
import { type Answers, cache, dictionary, exported, NQN, port, run, volume } from "./fixture.js";

const HOST = "nqn.2014-08.org.example:a";

/** A command line of each command; of one whose calls depend on its words, several. */
const LINES = [
    "volume list",
    "volume create 1M",
    "volume create 1M --json",
    "volume show rd0",
    "volume show /dev/disk/by-id/x",
    "volume resize rd0 1G",
    "volume lock rd0",
    "volume unlock rd0",
    "volume persist rd0",
    "volume erase rd0",
    "volume remove rd0 rd1",
    "cache list",
    "cache create rd0 /dev/sdb",
    "cache show x",
    "cache mode x wa",
    "cache resize x",
    "cache persist x",
    "cache flush x",
    "cache remove x",
    "cache reset-stats x",
    "port list",
    "port create loop",
    "port show 1",
    "port persist 1",
    "port remove 1",
    "export list",
    `export create rd0 --host ${HOST}`,
    "export show rd0",
    `export allow rd0 ${HOST}`,
    `export allow rd0 ${HOST} --generate-key`,
    "export allow rd0 --any",
    `export deny rd0 ${HOST}`,
    "export deny rd0 --any",
    `export rekey rd0 ${HOST} --off`,
    "export add-port rd0 1",
    "export remove-port rd0 1",
    "export enable rd0",
    "export disable rd0",
    "export persist rd0",
    "export revalidate rd0",
    "export remove rd0",
    "export stats rd0",
    "stats",
    "stats x",
    "list",
    "status",
    "resources",
    "modules list",
    "modules load",
    "restore",
    "forget rd9",
    "jobs list",
    "jobs cancel 1",
    "token create x",
    "token list",
    `token revoke ${"0".repeat(16)}`,
];

/** A host where each call that depends on an answer is made. */
const one = exported({ AllowAnyHost: ["b", false], AllowedHosts: ["as", [HOST]], AuthenticatedHosts: ["as", [HOST]] });
const ANSWERS: Answers = {
    GetAll: ({ path }) => {
        const kind = path.split("/")[4] ?? "";
        const writeback = cache("x", { Mode: ["s", "writeback"] });
        const rows: Record<string, unknown> = {
            volumes: volume("rd0"),
            caches: writeback,
            ports: port(1),
            exports: one,
        };
        return [rows[kind] ?? dictionary({ Modules: ["a{sb}", new Map()], Missing: ["as", []], ...ROOT })];
    },
    ListExports: [[one]],
    ListPorts: [[port(1)]],
    Resolve: ({ args }) => [args[0] === "x" ? objectPath("caches", "x") : objectPath("volumes", "rd0")],
    GetStatistics: [new Map()],
    GetAllStatistics: [new Map()],
    GetManagedObjects: [new Map()],
    TakeHostKeys: [new Map([[HOST, "KEY"]])],
    LoadModules: [[]],
    Restore: [[], []],
    CreateToken: ["0".repeat(16), "T"],
    ListTokens: [[]],
    RevokeToken: [],
    CreateExport: [objectPath("exports", NQN)],
};
const ROOT: Record<string, [string, unknown]> = {
    Features: ["as", []],
    Problems: ["as", []],
    MemoryTotal: ["t", 0n],
    MemoryAvailable: ["t", 0n],
    MemoryCommitted: ["t", 0n],
    MemoryUsed: ["t", 0n],
};

describe("--explain prints each call that the command makes", () => {
    it("is tried with every command", () => {
        const missing = COMMANDS.filter(({ hidden, words }) => !hidden && !LINES.some((line) => isOf(line, words)));
        assert.deepEqual(missing, []);
        function isOf(line: string, words: readonly string[]): boolean {
            return `${line} `.startsWith(`${words.join(" ")} `);
        }
    });

    for (const line of LINES) {
        it(line, async () => {
            const made = await run(line, ANSWERS);
            assert.equal(made.status, 0, made.stderr);
            const explained = await run(`${line} --explain`, ANSWERS);
            assert.equal(explained.status, 0, explained.stderr);
            assert.deepEqual(explained.changes, [], "nothing was changed");
            const printed = explained.stdout.trimEnd().split("\n");
            const calls = printed.map((text) => /busctl .*?call (?:-- )?\S+ \S+ \S+ (\w+)/.exec(text)![1]!);
            const sent = made.sent.map(({ member }) => member);
            // The follow-up of another output (--json) may be printed as well; a call that was made is always there.
            const more = [...calls];
            for (const member of sent.filter((each) => each !== "Ping")) {
                assert.ok(more.includes(member), `${member} is not printed:\n${explained.stdout}`);
                more.splice(more.indexOf(member), 1);
            }
            assert.ok(
                more.length === 0 || printed.some((text) => text.startsWith("# With --json")),
                `${more.join()} is printed and not made:\n${explained.stdout}`,
            );
        });
    }
});
