// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** The size of a writeback cache is the one that its mapping has. */
import assert from "node:assert/strict";
import type { SimKernel } from "../../../service/src/kernel/index.js";
import { cacheTable } from "../../../service/src/model/tables.js";
import { allow, modelFixture, GIB, MIB, type ModelFixture } from "./fixture.js";

function hardware({ sim }: SimKernel): void {
    sim.addDisk({ name: "sdb", size: GIB });
    sim.addDisk({ name: "sdc", size: GIB });
    sim.otherAttach(0, 64 * MIB);
    sim.otherAttach(1, 64 * MIB);
}

const create = ({ model }: ModelFixture): Promise<string> =>
    model.caches.create("rd0", "/dev/sdb", "writeback", { name: "c" }, allow);

describe("the size of a writeback cache", () => {
    /** Blocks that dm-writecache finds room for in 64 MiB, beside its records. */
    const IN_64_MIB = 16320 * 4096;

    it("is that of its blocks, and stays so when the volume grows", async () => {
        const one = await modelFixture(hardware);
        await create(one);
        assert.equal(one.model.state.caches.get("c")?.cacheSize, IN_64_MIB);
        await one.model.volumes.resize("rd0", 128 * MIB, allow);
        await one.model.refresh();
        assert.equal(one.model.state.volumes.get("rd0")?.size, 128 * MIB);
        assert.equal(one.model.state.caches.get("c")?.cacheSize, IN_64_MIB);
        one.model.close();
        const next = await one.restart();
        assert.equal(next.state.caches.get("c")?.cacheSize, IN_64_MIB, "after a restart of the service");
        next.close();
    });

    it("is the new one of another mapping of the same name and device", async () => {
        const one = await modelFixture(hardware);
        await create(one);
        one.kernel.sim.otherRemoveMapping("c");
        one.kernel.sim.otherResize(0, 32 * MIB);
        const { length, type, params } = cacheTable("writeback", "/dev/sdb", GIB, "/dev/rd0", 32 * MIB);
        one.kernel.sim.otherCreateMapping("c", "", { length, type, params });
        await one.model.refresh();
        assert.equal(one.model.state.caches.get("c")?.cacheSize, 8160 * 4096);
        one.model.close();
    });

    it("is asked of each mapping once; one that does not answer keeps nothing waiting for long", async () => {
        const one = await modelFixture(hardware);
        let asked = 0;
        one.kernel.sim.steps.setTurns(async (verb) => {
            asked += verb === "statusMapping" ? 1 : 0;
        });
        await create(one);
        await one.model.refresh();
        await one.model.refresh();
        assert.equal(asked, 1);
        one.kernel.sim.steps.setTurns(undefined);
        one.kernel.sim.steps.hangVerb("statusMapping");
        await one.model.caches.create("rd1", "/dev/sdc", "writeback", { name: "d" }, allow);
        assert.equal(one.model.state.caches.get("d")?.cacheSize, 64 * MIB, "not known yet");
        one.kernel.sim.steps.releaseHung();
        await new Promise((resolve) => setImmediate(resolve));
        await one.model.refresh();
        assert.equal(one.model.state.caches.get("d")?.cacheSize, IN_64_MIB);
        one.model.close();
    });
});
