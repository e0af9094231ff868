// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** A cache whose origin fails I/O, or which the kernel stopped for that. */
import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { cacheState } from "../../../service/src/model/originfailures.js";
import { parseStats } from "../../../service/src/model/statistics.js";
import { cacheTable } from "../../../service/src/model/tables.js";
import { allow, modelFixture, GIB, MIB, type ModelFixture } from "./fixture.js";

const ZEROS = new Array<number>(13).fill(0);

async function withCache(mode = "write-through"): Promise<ModelFixture> {
    const one = await modelFixture(({ sim }) => sim.addDisk({ name: "sdb", size: GIB }), undefined, { lookEvery: 1 });
    await one.model.volumes.create(64 * MIB, { number: 0 }, allow);
    await one.model.caches.create("rd0", "/dev/sdb", mode, { name: "c" }, allow);
    return one;
}

async function until(holds: () => boolean): Promise<void> {
    while (!holds()) await turn();
}

const kinds = ({ model }: ModelFixture): readonly string[] => model.state.host.problemDetails.map(({ kind }) => kind);
const problems = ({ model }: ModelFixture): readonly string[] => model.state.host.problems;
const state = ({ model }: ModelFixture): string => cacheState(model.caches.get("c"));

describe("I/O that the origin of a cache fails", () => {
    it("is in the statistics, the state and the problems, until the statistics are reset", async () => {
        const one = await withCache();
        assert.equal((await one.model.caches.statistics("c")).origin_errors, 0);
        assert.deepEqual([state(one), problems(one)], ["ok", []]);
        one.kernel.sim.setStatus("c", [...ZEROS, 3]);
        assert.equal((await one.model.caches.statistics("c")).origin_errors, 3);
        assert.equal(state(one), "origin-errors");
        assert.equal(problems(one).length, 1, problems(one).join("\n"));
        assert.match(
            problems(one)[0]!,
            /^\/dev\/sdb, the origin of c, reported 3 I\/O errors since c was made or resized/,
        );
        assert.deepEqual(kinds(one), ["origin-failing"]);
        await one.model.refresh();
        assert.equal(state(one), "origin-errors", "other readings leave it");
        await one.model.caches.resetStatistics("c", allow);
        assert.deepEqual([state(one), problems(one)], ["ok", []]);
        one.model.close();
    });

    it("is known without anybody asking, also to a service that starts later", async () => {
        const one = await withCache();
        one.kernel.sim.setStatus("c", [...ZEROS, 1]);
        one.model.close();
        const next = await one.restart();
        next.follow();
        await until(() => cacheState(next.caches.get("c")) === "origin-errors");
        next.close();
    });

    it("is of no other mapping that has its name and device", async () => {
        const one = await withCache();
        one.kernel.sim.setStatus("c", [...ZEROS, 1]);
        await one.model.caches.statistics("c");
        one.kernel.sim.otherRemoveMapping("c");
        one.kernel.sim.otherCreateMapping("c", "", cacheTable("write-through", "/dev/sdb", GIB, "/dev/rd0", 64 * MIB));
        await one.model.refresh();
        assert.deepEqual([state(one), problems(one)], ["ok", []]);
        one.model.close();
    });

    it("is told as the loss of the origin once that is gone", async () => {
        const one = await withCache();
        one.kernel.sim.setStatus("c", [...ZEROS, 1]);
        await one.model.caches.statistics("c");
        one.kernel.sim.removeDisk("sdb");
        await one.model.refresh();
        assert.equal(state(one), "origin-gone");
        assert.deepEqual(kinds(one), ["origin-gone"]);
        one.model.close();
    });

    it("is not known of a module that does not count it, which is asked once", async () => {
        const one = await withCache();
        let asked = 0;
        one.kernel.sim.steps.setTurns(async (verb) => {
            asked += verb === "statsMapping" ? 1 : 0;
        });
        one.kernel.sim.steps.failVerb("statsMapping", "EINVAL");
        for (let times = 0; times < 3; times++) {
            assert.equal((await one.model.caches.statistics("c")).origin_errors, undefined);
        }
        assert.deepEqual([asked, state(one)], [1, "ok"]);
        one.model.close();
    });

    it("is read once in a while, and a mapping that does not answer is not asked again meanwhile", async () => {
        const one = await withCache();
        let asked = 0;
        let looks = 0;
        let answer = (): void => undefined;
        const held = new Promise<void>((resolve) => (answer = resolve));
        one.kernel.sim.steps.setTurns(async (verb) => {
            looks += verb === "readRamDisks" || verb === "snapshot" ? 1 : 0;
            if (verb === "statsMapping") {
                asked++;
                await held;
            }
        });
        one.model.close();
        const next = await one.restart();
        next.follow();
        await until(() => asked === 1 && looks > 10);
        answer();
        const before = looks;
        await until(() => looks > before + 10);
        assert.equal(asked, 1);
        next.close();
    });
});

describe("an I/O error at which dm-writecache stopped", () => {
    it("is a state and a problem; failures of the origin are not counted by it", async () => {
        const one = await withCache("writeback");
        one.kernel.sim.setStatus("c", [5, 16320, 16000, 0]);
        const statistics = await one.model.caches.statistics("c");
        assert.deepEqual([statistics.errors, statistics.origin_errors], [5, undefined]);
        assert.equal(state(one), "stopped");
        assert.match(problems(one)[0]!, /^c stopped at an I\/O error \(errno 5\) of \/dev\/sdb or rd0: /);
        assert.deepEqual(kinds(one), ["cache-stopped"]);
        one.model.close();
    });
});

describe("the answer of rapiddisk-cache to stats", () => {
    it("is read by the names in it; what is not a number is not known", () => {
        const answer =
            "mode=write-through block_size=4096 blocks=2048 cached_blocks=7 reads=1 origin_errors=2 flushes=0";
        assert.deepEqual(parseStats(answer), { cached_blocks: 7, origin_errors: 2 });
        assert.deepEqual(parseStats("other_origin_errors=2 cached_blocks=x"), {});
        assert.deepEqual(parseStats(""), {});
    });
});
