// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { objectPath } from "../../../service/src/client/index.js";
import { runCommandLine } from "../../../service/src/cli/run.js";
import { type Answers, dictionary, FakeEnvironment, run, volume } from "./fixture.js";

describe("stats", () => {
    const statistics = (reads: bigint): Answers => ({
        GetStatistics: ({ path }) => [
            path.includes("/volumes/")
                ? dictionary({
                      used: ["t", 4096n],
                      read_ios: ["t", reads],
                      read_bytes: ["t", 8192n],
                      write_ios: ["t", 0n],
                      errors: ["t", 0n],
                  })
                : dictionary({
                      reads: ["t", reads],
                      writes: ["t", 5n],
                      cache_hits: ["t", 7n],
                      origin_errors: ["t", 2n],
                      hit_ratio: ["d", 0.875],
                  }),
        ],
    });

    it("shows all", async () => {
        const { stdout } = await run("stats", statistics(8n));
        assert.match(stdout, /^rd0 +4 KiB +8 +8 KiB +0 +0 B +0$/m);
        assert.match(stdout, /^rc-wt_sdb +write-through +8 +5 +7 +87.5 % +2$/m);
    });

    it("asks once, however many volumes there are", async () => {
        const environment = new FakeEnvironment({
            ListVolumes: [Array.from({ length: 1024 }, (_, number) => volume(`rd${number}`))],
            GetStatistics: [dictionary({ used: ["t", 0n] })],
        });
        assert.equal(await runCommandLine(["stats"], environment), 0);
        assert.equal(environment.stdout.match(/^rd/gm)!.length, 1024);
        assert.deepEqual(environment.sent.map(({ member }) => member).sort(), [
            "GetAllStatistics",
            "ListCaches",
            "ListVolumes",
        ]);
    });

    it("shows one with every statistic", async () => {
        const { stdout } = await run("stats rc-wt_sdb", {
            ...statistics(8n),
            Resolve: [objectPath("caches", "rc-wt_sdb")],
        });
        assert.match(stdout, /^cache_hits: +7$/m);
        assert.match(stdout, /^hit_ratio: +87.5 %$/m);
    });

    it("says of what there are no statistics, and not that there is no such thing", async () => {
        const none = await run("stats", { GetAllStatistics: [new Map()] });
        assert.deepEqual(
            [none.status, none.stdout],
            [0, "The statistics of rd0 could not be read.\n\nThe statistics of rc-wt_sdb could not be read.\n"],
        );
        const some = { GetAllStatistics: [new Map([[objectPath("volumes", "rd0"), new Map()]])] };
        assert.match(
            (await run("stats", some)).stdout,
            /^rd0 [^]*\n\nThe statistics of rc-wt_sdb could not be read\.\n$/m,
        );
        const json = JSON.parse((await run("stats --json", some)).stdout) as { unread: unknown };
        assert.deepEqual(json.unread, { volumes: [], caches: ["rc-wt_sdb"] });
        const nothing = { GetAllStatistics: [new Map()], ListVolumes: [[]], ListCaches: [[]] };
        assert.equal((await run("stats", nothing)).stdout, "No volumes.\n\nNo cache mappings.\n");
    });

    it("names the command for an export, and what has statistics for anything else", async () => {
        const nqn = "nqn.2021-06.org.rapiddisk:a";
        const answered = await run(`stats ${nqn}`, { Resolve: [objectPath("exports", nqn)] });
        assert.deepEqual(
            [answered.status, answered.stderr],
            [2, `rapiddisk: ${nqn} is an export; its statistics are shown by: rapiddisk export stats ${nqn}\n`],
        );
        assert.match(
            (await run("stats 1", { Resolve: [objectPath("ports", "1")] })).stderr,
            /1 has no statistics; volumes/,
        );
    });

    it("watches: again and again, with rates, as often as asked for", async () => {
        let reads = 0n;
        const answers: Answers = {
            GetStatistics: (sent) => (statistics((reads += 10n)).GetStatistics as (s: typeof sent) => unknown[])(sent),
        };
        const { status, stdout } = await run("stats --watch 0.1 --count 3", answers);
        assert.equal(status, 0);
        assert.equal(stdout.match(/^VOLUME/gm)!.length, 3);
        assert.match(stdout, /READ\/S {2}WRITE\/S\nrd0 .* 10 +0\.0$/m);
    });

    it("watches one with the rates of what is counted, and none of what goes up and down", async () => {
        let turn = 0n;
        const answers: Answers = {
            Resolve: [objectPath("caches", "rc-wb_sdb")],
            GetStatistics: () => {
                turn += 1n;
                const gauges = [
                    "used",
                    "errors",
                    "in_flight",
                    "highest_written",
                    "num_blocks",
                    "num_free_blocks",
                    "num_wb_blocks",
                ];
                const counters = ["read_ios", "write_bytes", "num_read_req", "num_flush_req", "cache_hits"];
                return [
                    dictionary(Object.fromEntries([...gauges, ...counters].map((name) => [name, ["t", turn * 10n]]))),
                ];
            },
        };
        const { stdout } = await run("stats rc-wb_sdb --watch 0.1 --count 2", answers);
        const rated = [...stdout.matchAll(/^(\w+): +20 \(.*\/s\)$/gm)].map(([, name]) => name);
        assert.deepEqual(rated, ["read_ios", "write_bytes", "num_read_req", "num_flush_req", "cache_hits"]);
        assert.match(stdout, /^highest_written: +20$/m);
    });

    it("watches in JSON: one line each time", async () => {
        const { stdout } = await run("stats --watch 0.1 --count 2 --json", statistics(1n));
        assert.equal(
            stdout
                .trimEnd()
                .split("\n")
                .map((line) => JSON.parse(line) as object).length,
            2,
        );
    });

    for (const line of [
        "stats --count 3",
        "stats --watch=0",
        "stats --watch=x",
        "stats --watch=-1",
        "stats --watch --count 0",
        "stats --watch=1e9",
    ]) {
        it(`refuses ${line}`, async () => assert.equal((await run(line)).status, 2));
    }
});
