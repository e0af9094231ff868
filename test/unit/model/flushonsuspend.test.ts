// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** A writeback cache of ours always knows that it has to flush when it is suspended, however it came to be there. */
import assert from "node:assert/strict";
import type { SimKernel } from "../../../service/src/kernel/index.js";
import { cacheTable, cacheUuid } from "../../../service/src/model/tables.js";
import { allow, modelFixture, failure, GIB, MIB, type ModelFixture } from "./fixture.js";

const NAME = "rc-wb_sdb";
const hardware = ({ sim }: SimKernel): void => sim.addDisk({ name: "sdb", size: GIB });
const messages = ({ kernel }: ModelFixture): string[] =>
    kernel.sim.steps.log
        .filter(({ verb, result }) => verb === "messageMapping" && result === "")
        .map(({ target }) => target);
const create = ({ model }: ModelFixture): Promise<string> =>
    model.caches.create("rd0", "/dev/sdb", "writeback", {}, allow);

async function withVolume(): Promise<ModelFixture> {
    const one = await modelFixture(hardware);
    await one.model.volumes.create(64 * MIB, {}, allow);
    one.kernel.sim.steps.resetSteps();
    return one;
}

describe("a writeback cache is told to flush when it is suspended", () => {
    it("once, when it is created", async () => {
        const one = await withVolume();
        await create(one);
        await one.model.refresh();
        await one.model.caches.catchUp();
        assert.deepEqual(messages(one), [NAME]);
        one.model.close();
    });

    for (const [step, when] of [
        [1, "after"],
        [2, "before"],
    ] as const) {
        it(`by the next start, when its creation was killed ${when} step ${step}`, async () => {
            const one = await withVolume();
            one.kernel.sim.steps.crashStep(step, when);
            void create(one);
            while (one.kernel.sim.steps.log.length < step) {
                await new Promise((resolve) => setImmediate(resolve));
            }
            one.model.close();
            one.kernel.sim.steps.restartProcess();
            one.kernel.sim.steps.resetSteps();
            const next = await one.restart();
            // The start does not wait for it.
            next.follow();
            while (messages(one).length === 0) {
                await new Promise((resolve) => setImmediate(resolve));
            }
            assert.deepEqual(messages(one), [NAME]);
            next.close();
        });
    }

    it("when its mapping appears after its creation was given up, again and again until that works", async () => {
        const one = await withVolume();
        one.kernel.sim.steps.failStep(1, "ETIMEDOUT");
        assert.match((await failure(create(one))).message, /ETIMEDOUT/);
        const table = cacheTable("writeback", "/dev/sdb", GIB, "/dev/rd0", 64 * MIB);
        one.kernel.sim.otherCreateMapping(NAME, cacheUuid("writeback", NAME), table);
        one.kernel.sim.steps.failVerb("messageMapping", "EIO");
        await one.model.refresh();
        await one.model.caches.catchUp();
        assert.match(one.lines.join(), /rc-wb_sdb was not told to flush when it is suspended: .*EIO/);
        assert.deepEqual(messages(one), []);
        await one.model.caches.catchUp();
        assert.deepEqual(messages(one), [NAME]);
        one.model.close();
    });

    it("but not one that others made: it is theirs", async () => {
        const one = await withVolume();
        const table = cacheTable("writeback", "/dev/sdb", GIB, "/dev/rd0", 64 * MIB);
        one.kernel.sim.otherCreateMapping("theirs", "", table);
        await one.model.refresh();
        await one.model.caches.catchUp();
        assert.equal(one.model.state.caches.get("theirs")?.managed, false);
        assert.deepEqual(messages(one), []);
        one.model.close();
    });
});
