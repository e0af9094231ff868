// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** A writeback cache whose origin cannot be written to is removed only when the loss was asked for. */
import assert from "node:assert/strict";
import { allow, modelFixture, failure, GIB, MIB, RecordingAuthorizer, type ModelFixture } from "./fixture.js";

/** A writeback cache c of rd0, which holds so many blocks that its origin lacks. */
async function withUnwritten(blocks = 10, persist = false): Promise<ModelFixture> {
    const one = await modelFixture(({ sim }) => sim.addDisk({ name: "sdb", size: GIB }));
    await one.model.volumes.create(64 * MIB, { number: 0 }, allow);
    await one.model.caches.create("rd0", "/dev/sdb", "writeback", { name: "c", persist }, allow);
    one.kernel.sim.setStatus("c", [0, 100, 100 - blocks, 0]);
    return one;
}

async function withoutOrigin(persist = false): Promise<ModelFixture> {
    const one = await withUnwritten(10, persist);
    one.kernel.sim.removeDisk("sdb");
    await one.model.refresh();
    return one;
}

describe("a writeback cache whose origin is gone", () => {
    it("is not removed: the refusal names the disk, the bytes and the option", async () => {
        const { model } = await withoutOrigin();
        const error = await failure(model.caches.remove("c", allow));
        assert.equal(error.kind, "Failed");
        assert.match(
            error.message,
            /^\/dev\/sdb, the origin of c, is gone, and it lacks 40960 bytes that only c holds/,
        );
        assert.match(error.message, /lose-unwritten/);
        assert.equal(model.state.caches.size, 1);
        model.close();
    });

    it("is removed when the loss was asked for, with what is saved of it, and its volume is free and empty", async () => {
        const { model, kernel } = await withoutOrigin(true);
        const authorizer = new RecordingAuthorizer();
        kernel.sim.steps.resetSteps();
        assert.equal(await model.caches.remove("c", authorizer.authorize, true), 40960);
        assert.deepEqual(
            kernel.sim.steps.log.map(({ verb }) => verb),
            ["messageMapping", "removeMapping", "eraseRamDisk"],
            "the flush is tried first",
        );
        assert.deepEqual(
            authorizer.asked.map(({ action }) => action),
            ["cache-remove", "cache-lose-unwritten"],
        );
        assert.equal(authorizer.asked[1]?.details["cache.unwritten"], "40960");
        assert.equal(model.state.caches.size, 0);
        assert.deepEqual(model.state.host.problems, []);
        await model.volumes.remove("rd0", allow);
        model.close();
    });

    it("is not removed while it is used, whatever was asked for", async () => {
        const { model, kernel } = await withoutOrigin();
        const device = (await kernel.snapshot()).mappings[0]?.device ?? "";
        kernel.sim.mount(device, "/mnt");
        await model.refresh();
        const error = await failure(model.caches.remove("c", allow, true));
        assert.equal(error.kind, "Busy");
        assert.match(error.message, /mounted on \/mnt/);
        assert.equal(model.state.caches.size, 1);
        model.close();
    });
});

describe("a loss that was asked for", () => {
    it("is none while the origin can be written to", async () => {
        const { model } = await withUnwritten(0);
        assert.equal(await model.caches.remove("c", allow, true), 0);
        model.close();
    });

    it("is refused while the kernel did not stop the cache: its data may still be written", async () => {
        const { model, kernel } = await withUnwritten();
        assert.equal((await failure(model.caches.remove("c", allow, true))).kind, "Busy");
        kernel.sim.steps.resetSteps();
        kernel.sim.steps.failStep(1, "EINVAL");
        await failure(model.caches.remove("c", allow, true));
        assert.equal(model.state.caches.size, 1);
        model.close();
    });

    it("takes a cache that stopped at an error of its origin", async () => {
        const { model, kernel } = await withUnwritten();
        kernel.sim.setStatus("c", [1, 100, 90, 0]);
        assert.match((await failure(model.caches.remove("c", allow))).message, /could not be written to.* 40960 bytes/);
        assert.equal(await model.caches.remove("c", allow, true), 40960);
        model.close();
    });

    it("is refused for a cache whose origin has all data, before anybody is asked", async () => {
        const one = await modelFixture(({ sim }) => sim.addDisk({ name: "sdb", size: GIB }));
        await one.model.volumes.create(64 * MIB, { number: 0 }, allow);
        await one.model.caches.create("rd0", "/dev/sdb", "write-through", { name: "c" }, allow);
        const authorizer = new RecordingAuthorizer();
        assert.equal((await failure(one.model.caches.remove("c", authorizer.authorize, true))).kind, "NotSupported");
        assert.deepEqual(authorizer.asked, []);
        one.model.close();
    });
});
