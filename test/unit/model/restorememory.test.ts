// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Saved volumes that need more memory than there is: what fits is made, the rest stays saved and comes when it fits. */
import assert from "node:assert/strict";
import type { Model } from "../../../service/src/model/model.js";
import { allow, modelFixture, GIB, MIB, type ModelFixture } from "./fixture.js";
import { NQN } from "./exports.js";
import { reboot } from "./reboot.js";

const OF_BIG = `${NQN}-big`;
const OF_SMALL = `${NQN}-small`;
const OF_VOLUME = `${NQN}-volume`;

/**
 * A rebooted machine with too little memory for two of its four saved volumes: rd0 (2 GiB, below the cache "big", which is
 * exported) and rd2 (1 GiB, exported); rd1 (64 MiB, below the exported cache "small") and rd3 (32 MiB) fit.
 */
async function booted(): Promise<{ one: ModelFixture; model: Model }> {
    const one = await modelFixture(({ sim }) => {
        sim.addDisk({ name: "sdb", size: GIB, byId: ["blue"] });
        sim.addDisk({ name: "sdc", size: GIB, byId: ["red"] });
        sim.setModule("nvmet", { loaded: true });
    });
    const { volumes, caches, ports, exports } = one.model;
    for (const size of [2 * GIB, 64 * MIB, GIB, 32 * MIB]) {
        await volumes.create(size, { persist: true }, allow);
    }
    await caches.create("rd0", "/dev/sdb", "write-through", { persist: true, name: "big" }, allow);
    await caches.create("rd1", "/dev/sdc", "write-through", { persist: true, name: "small" }, allow);
    await ports.create({ id: 1, transport: "tcp", address: "192.0.2.10", persist: true }, allow);
    for (const [nqn, kind, id] of [
        [OF_BIG, "cache", "big"],
        [OF_SMALL, "cache", "small"],
        [OF_VOLUME, "volume", "rd2"],
    ] as const) {
        await exports.create({ device: { kind, id }, nqn, allowAnyHost: true, persist: true }, allow);
    }
    one.model.close();
    await reboot(one);
    one.kernel.sim.setMemory({ available: 900 * MIB });
    return { one, model: await one.restart() };
}

const saved = ({ store }: ModelFixture): string => JSON.stringify(store.state);

describe("restore with too little memory", () => {
    it("makes what fits and what lies on that, and says of the rest what it needs and what there is", async () => {
        const { one, model } = await booted();
        const before = saved(one);
        const { made, failed } = await model.restore(allow);
        assert.deepEqual(made, ["rd1", "rd3", "small", "port 1", OF_SMALL]);
        const told = failed.join("\n");
        assert.equal(failed.length, 5, told);
        assert.match(told, /^rd0 was not restored: rd0 asks for 2 GiB but only 244\.6 MiB are free for volumes: /m);
        assert.match(told, /^rd2 was not restored: rd2 asks for 1 GiB but only 180\.6 MiB are free for volumes: /m);
        assert.match(told, /^big was not restored: it needs rd0, which could not be made\.$/m);
        assert.match(told, new RegExp(`^${OF_BIG} was not restored: it needs big, which could not be made\\.$`, "m"));
        assert.match(
            told,
            new RegExp(`^${OF_VOLUME} was not restored: it needs rd2, which could not be made\\.$`, "m"),
        );
        const problems = model.state.host.problems.join("\n");
        assert.equal(model.state.host.problems.length, 5, problems);
        assert.match(problems, /^rd0 is saved but not there, .* rd0 asks for 2 GiB but only 244\.6 MiB are free/m);
        assert.match(problems, /^big is saved but not there, .*: it needs rd0, which could not be made\./m);
        assert.deepEqual(model.state.host.missing, ["rd0", "rd2", "big", OF_BIG, OF_VOLUME]);
        assert.equal(saved(one), before);
        assert.equal(one.intents.open.size, 0);
        model.close();
    });

    it("says so still after a restart, and makes the rest once there is memory", async () => {
        const { one, model } = await booted();
        const before = saved(one);
        await model.restore(allow);
        const { problems } = model.state.host;
        model.close();
        const next = await one.restart();
        assert.deepEqual(next.state.host.problems, problems);
        assert.deepEqual((await next.restore(allow)).made, []);
        // Enough for one of the two.
        one.kernel.sim.setMemory({ available: 2 * GIB });
        assert.deepEqual((await next.restore(allow)).made, ["rd2", OF_VOLUME]);
        assert.deepEqual(next.state.host.missing, ["rd0", "big", OF_BIG]);
        one.kernel.sim.setMemory({ available: 6 * GIB });
        assert.deepEqual(await next.restore(allow), { made: ["rd0", "big", OF_BIG], failed: [] });
        assert.deepEqual([next.state.host.problems, next.state.host.missing], [[], []]);
        assert.equal(saved(one), before);
        next.close();
    });

    it("loses nothing when the service dies while it makes the rest", async () => {
        const { one, model } = await booted();
        const before = saved(one);
        await model.restore(allow);
        one.kernel.sim.setMemory({ available: 6 * GIB });
        const { steps } = one.kernel.sim;
        steps.resetSteps();
        steps.crashStep(1, "before");
        void model.restore(allow);
        while (steps.log.length < 1) {
            await new Promise((resolve) => setImmediate(resolve));
        }
        model.close();
        steps.restartProcess();
        const next = await one.restart();
        assert.equal(saved(one), before);
        assert.deepEqual((await next.restore(allow)).failed, []);
        assert.deepEqual(next.state.host.problems, []);
        assert.equal(saved(one), before);
        next.close();
    });

    it("the kernel's own refusal of one volume stops no other one either", async () => {
        const { one, model } = await booted();
        one.kernel.sim.setMemory({ available: 6 * GIB });
        one.kernel.sim.steps.resetSteps();
        one.kernel.sim.steps.failStep(1, "ENOMEM");
        const before = saved(one);
        const { made, failed } = await model.restore(allow);
        assert.deepEqual(made, ["rd1", "rd2", "rd3", "small", "port 1", OF_SMALL, OF_VOLUME]);
        assert.match(failed[0] ?? "", /^rd0 was not restored: .*ENOMEM/);
        assert.equal(saved(one), before);
        assert.deepEqual((await model.restore(allow)).made, ["rd0", "big", OF_BIG]);
        assert.deepEqual(model.state.host.problems, []);
        model.close();
    });
});
