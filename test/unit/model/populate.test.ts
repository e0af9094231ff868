// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Populated volumes: their memory is all there from the start, also after a reboot, or they are not made. */
import assert from "node:assert/strict";
import {
    allow,
    modelFixture,
    failure,
    GIB,
    MIB,
    RecordingAuthorizer,
    wholeState,
    type ModelFixture,
} from "./fixture.js";
import { reboot } from "./reboot.js";

const shown = ({ model }: ModelFixture, name = "rd0"): Record<string, unknown> => {
    const { size, populated, persistent } = model.state.volumes.get(name)!;
    return { size, populated, persistent, used: model.state.usageOf(name).used };
};

describe("populated volumes", () => {
    it("hold all of their memory at once, and say so; others do not", async () => {
        const one = await modelFixture();
        const authorizer = new RecordingAuthorizer();
        await one.model.volumes.create(8 * MIB, { populate: true }, authorizer.authorize);
        await one.model.volumes.create(8 * MIB, { populate: false }, allow);
        assert.equal(authorizer.asked[0]?.details["volume.populate"], "true");
        assert.deepEqual(shown(one), { size: 8 * MIB, populated: true, persistent: false, used: 8 * MIB });
        assert.deepEqual(shown(one, "rd1"), { size: 8 * MIB, populated: false, persistent: false, used: 0 });
    });

    it("keep their memory when they are erased", async () => {
        const one = await modelFixture();
        await one.model.volumes.create(8 * MIB, { populate: true }, allow);
        one.kernel.sim.write(0, 0, MIB);
        await one.model.volumes.erase("rd0", allow);
        await one.model.freshUsage(0);
        assert.deepEqual(one.model.state.usageOf("rd0"), { used: 8 * MIB, errors: 0, highestWritten: 0 });
    });

    it("are refused when the memory is not there, saying that it is wanted at once", async () => {
        const one = await modelFixture(({ sim }) => sim.setMemory({ available: GIB }));
        const before = await wholeState(one);
        const error = await failure(one.model.volumes.create(2 * GIB, { populate: true }, allow));
        assert.equal(error.kind, "NoMemory");
        assert.match(
            error.message,
            /^rd0 asks for 2 GiB at once \(populate\) but only .* are free for volumes: .* of which memory-reserve keeps .* for everything else/,
        );
        assert.equal(await wholeState(one), before);
        await one.model.volumes.create(8 * MIB, { populate: true }, allow);
        const growth = await failure(one.model.volumes.resize("rd0", 2 * GIB, allow));
        assert.match(growth.message, /^Growing rd0 asks for 2\.0 GiB at once \(populate\)/);
    });

    for (const errno of ["ENOMEM", "ENOSPC"]) {
        it(`leave nothing when the kernel cannot allocate their memory (${errno})`, async () => {
            const one = await modelFixture();
            const before = await wholeState(one);
            one.kernel.sim.steps.failVerb("attachRamDisk", errno);
            const error = await failure(one.model.volumes.create(8 * MIB, { populate: true, persist: true }, allow));
            assert.equal(error.kind, "NoMemory");
            assert.equal(await wholeState(one), before);
        });
    }

    it("allocate what they grow by, and keep their size when the kernel cannot", async () => {
        const one = await modelFixture();
        await one.model.volumes.create(8 * MIB, { populate: true, persist: true }, allow);
        await one.model.volumes.resize("rd0", 12 * MIB, allow);
        assert.deepEqual(shown(one), { size: 12 * MIB, populated: true, persistent: true, used: 12 * MIB });
        one.kernel.sim.steps.failVerb("resizeRamDisk", "ENOMEM");
        assert.equal((await failure(one.model.volumes.resize("rd0", 16 * MIB, allow))).kind, "NoMemory");
        assert.deepEqual(shown(one), { size: 12 * MIB, populated: true, persistent: true, used: 12 * MIB });
        assert.deepEqual(one.store.state.volumes, [{ number: 0, size: 12 * MIB, readOnly: false, populated: true }]);
    });

    it("are refused with upstream's module, which cannot make them", async () => {
        const one = await modelFixture(({ sim }) => sim.setUpstreamModule(true));
        const error = await failure(one.model.volumes.create(8 * MIB, { populate: true }, allow));
        assert.equal(error.kind, "NotSupported");
        assert.equal(one.model.state.volumes.size, 0);
    });

    it("come back populated after a reboot, however they were saved", async () => {
        const one = await modelFixture();
        await one.model.volumes.create(8 * MIB, { populate: true, persist: true }, allow);
        await one.model.volumes.create(4 * MIB, { populate: true }, allow);
        await one.model.volumes.setPersistent("rd1", true, allow);
        await one.model.volumes.setReadOnly("rd1", true, allow);
        await one.model.volumes.create(4 * MIB, { persist: true }, allow);
        one.model.close();
        await reboot(one);
        one.model = await one.restart();
        assert.deepEqual((await one.model.restore(allow)).failed, []);
        assert.deepEqual(shown(one), { size: 8 * MIB, populated: true, persistent: true, used: 8 * MIB });
        assert.deepEqual(shown(one, "rd1"), { size: 4 * MIB, populated: true, persistent: true, used: 4 * MIB });
        assert.deepEqual(shown(one, "rd2"), { size: 4 * MIB, populated: false, persistent: true, used: 0 });
    });

    it("that were never written are no obstacle to the saved cache on them, and written ones are", async () => {
        const one = await modelFixture(({ sim }) => sim.addDisk({ name: "sdb", size: GIB, byId: ["blue"] }));
        await one.model.volumes.create(8 * MIB, { populate: true }, allow);
        await one.model.caches.create("rd0", "/dev/sdb", "write-through", { persist: true, name: "kept" }, allow);
        one.model.close();
        await reboot(one);
        one.model = await one.restart();
        assert.deepEqual(await one.model.restore(allow), { made: ["rd0", "kept"], failed: [] });
        assert.equal(one.model.state.volumes.get("rd0")?.populated, true);
        one.kernel.sim.otherRemoveMapping("kept");
        one.kernel.sim.write(0, 0, MIB);
        await one.model.refresh();
        assert.match((await one.model.restore(allow)).failed.join(), /kept was not restored: rd0 holds 1048576 bytes/);
    });
});
