// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What is saved outlives every way in which making it again can be interrupted, and the next run makes it. */
import assert from "node:assert/strict";
import type { SimKernel } from "../../../service/src/kernel/index.js";
import type { Model } from "../../../service/src/model/model.js";
import type { SavedState } from "../../../service/src/model/storage.js";
import { allow, modelFixture, GIB, MIB, type ModelFixture } from "./fixture.js";
import { HOST, KEY, NQN, OTHER_HOST, OTHER_KEY } from "./exports.js";
import { reboot } from "./reboot.js";

interface Machine {
    name: string;
    /** Makes everything that is then saved. */
    make(model: Model): Promise<unknown>;
}

const keys = [KEY, OTHER_KEY];
const volume = { kind: "volume" as const, id: "rd0" };

function hardware({ sim }: SimKernel): void {
    sim.addDisk({ name: "sdb", size: GIB, byId: ["virtio-blue"] });
    sim.addDisk({ name: "sdc", size: GIB });
    sim.setModule("nvmet", { loaded: true });
}

const MACHINES: Machine[] = [
    {
        name: "a locked volume and one that is not",
        make: async (model) => {
            await model.volumes.create(64 * MIB, { persist: true }, allow);
            await model.volumes.create(32 * MIB, { persist: true }, allow);
            await model.volumes.setReadOnly("rd0", true, allow);
        },
    },
    {
        name: "a cache whose volume is saved for its sake",
        make: async (model) => {
            await model.volumes.create(64 * MIB, {}, allow);
            await model.caches.create("rd0", "/dev/sdb", "write-through", { persist: true }, allow);
        },
    },
    {
        name: "a populated volume and a cache on it",
        make: async (model) => {
            await model.volumes.create(64 * MIB, { populate: true, persist: true }, allow);
            await model.caches.create("rd0", "/dev/sdb", "write-through", { persist: true }, allow);
        },
    },
    {
        name: "a writeback cache",
        make: async (model) => {
            await model.volumes.create(64 * MIB, { persist: true }, allow);
            await model.caches.create("rd0", "/dev/sdb", "writeback", { persist: true }, allow);
        },
    },
    {
        name: "a cache on a cache, and an export of it",
        make: async (model) => {
            await model.volumes.create(64 * MIB, {}, allow);
            await model.volumes.create(64 * MIB, {}, allow);
            await model.caches.create("rd0", "/dev/sdb", "write-around", { persist: true, name: "low" }, allow);
            await model.caches.create("rd1", "/dev/mapper/low", "write-around", { persist: true, name: "high" }, allow);
            const device = { kind: "cache" as const, id: "high" };
            await model.exports.create({ device, nqn: NQN, allowAnyHost: true, persist: true, ports: [] }, allow);
        },
    },
    {
        name: "an export for two hosts with keys on two ports",
        make: async (model) => {
            await model.volumes.create(64 * MIB, { persist: true }, allow);
            await model.ports.create({ id: 1, transport: "tcp", address: "192.0.2.10", persist: true }, allow);
            await model.ports.create({ id: 2, transport: "loop", address: "" }, allow);
            await model.exports.create({ device: volume, nqn: NQN, hosts: [HOST, OTHER_HOST], persist: true }, allow);
            await model.exports.setHostKeys(NQN, HOST, { key: KEY, hash: "sha384" }, allow);
            await model.exports.setHostKeys(NQN, OTHER_HOST, { key: OTHER_KEY }, allow);
        },
    },
];

/** A rebooted machine with something saved, and a model over it. */
async function booted(machine: Machine): Promise<{ one: ModelFixture; model: Model; saved: string }> {
    const one = await modelFixture(hardware);
    await machine.make(one.model);
    one.model.close();
    await reboot(one);
    const saved = savedIn(one);
    const model = await one.restart();
    one.kernel.sim.steps.resetSteps();
    return { one, model, saved };
}

const savedIn = ({ store }: ModelFixture): string => JSON.stringify(sorted(store.state));

/** A state whose lists are in one order: that of entries says nothing. */
function sorted({ volumes, caches, target }: SavedState): unknown[] {
    const inOrder = (list: readonly object[] = []): string[] => list.map((entry) => JSON.stringify(entry)).sort();
    return [volumes, caches, target?.ports, target?.exports].map(inOrder);
}

async function turns(count: number): Promise<void> {
    for (let turn = 0; turn < count; turn++) {
        await new Promise((resolve) => setImmediate(resolve));
    }
}

/** Everything that is saved is there, as it is saved, and nobody is told of anything wrong. */
async function checkMade(one: ModelFixture, model: Model, { failed }: { failed: string[] }): Promise<void> {
    assert.deepEqual(failed, []);
    assert.deepEqual(model.state.host.problems, []);
    assert.deepEqual(model.state.host.missing, []);
    const { volumes, caches, target } = one.store.state;
    for (const entry of volumes) {
        const is = model.state.volumes.get(`rd${entry.number}`);
        assert.deepEqual([is?.size, is?.readOnly, is?.persistent], [entry.size, entry.readOnly, true]);
    }
    for (const { name } of caches) {
        assert.equal(model.state.caches.get(name)?.persistent, true, name);
        const table = await one.kernel.statusMapping(name);
        assert.ok(table.length > 0);
    }
    for (const entry of target?.exports ?? []) {
        const is = model.state.exports.get(entry.nqn);
        assert.deepEqual([is?.persistent, is?.ports, is?.enabled], [true, entry.ports, true]);
        assert.deepEqual(is?.authenticatedHosts.toSorted(), entry.authenticated.toSorted());
        const set = (is?.authenticatedHosts ?? []).map((host) => one.kernel.sim.nvmetKeys(host)?.[0]);
        assert.deepEqual(set.toSorted(), keys.slice(0, set.length).toSorted());
    }
}

describe("a restore that is killed in any step costs nothing that is saved, and the next one makes it", () => {
    for (const machine of MACHINES) {
        for (const when of ["before", "after"] as const) {
            it(`${machine.name}, killed ${when} each kernel step`, async () => {
                const whole = await booted(machine);
                const report = await whole.model.restore(allow);
                await checkMade(whole.one, whole.model, report);
                assert.equal(savedIn(whole.one), whole.saved);
                const count = whole.one.kernel.sim.steps.log.length;
                whole.model.close();
                for (let step = 1; step <= count; step++) {
                    const { one, model, saved } = await booted(machine);
                    one.kernel.sim.steps.crashStep(step, when);
                    void model.restore(allow);
                    while (one.kernel.sim.steps.log.length < step) {
                        await turns(1);
                    }
                    await turns(20);
                    model.close();
                    one.kernel.sim.steps.restartProcess();
                    const next = await one.restart();
                    assert.equal(savedIn(one), saved, `something was forgotten in step ${step}`);
                    assert.equal(one.intents.open.size, 0);
                    for (const { number, readOnly } of one.store.state.volumes.filter((entry) => entry.readOnly)) {
                        assert.equal(next.state.volumes.get(`rd${number}`)?.readOnly ?? readOnly, readOnly);
                    }
                    await checkMade(one, next, await next.restore(allow));
                    assert.equal(savedIn(one), saved);
                    next.close();
                }
            });
        }

        it(`${machine.name}, when any kernel step of it fails`, async () => {
            const whole = await booted(machine);
            await whole.model.restore(allow);
            const count = whole.one.kernel.sim.steps.log.length;
            whole.model.close();
            for (let step = 1; step <= count; step++) {
                const { one, model, saved } = await booted(machine);
                one.kernel.sim.steps.failStep(step, "EIO");
                await model.restore(allow);
                assert.equal(savedIn(one), saved, `something was forgotten in step ${step}`);
                await checkMade(one, model, await model.restore(allow));
                model.close();
            }
        });

        it(`${machine.name}, by two restores at once`, async () => {
            const { one, model, saved } = await booted(machine);
            const reports = await Promise.all([model.restore(allow), model.restore(allow)]);
            assert.deepEqual(
                reports.map((report) => report.failed),
                [[], []],
            );
            const made = reports.flatMap((report) => report.made);
            assert.equal(new Set(made).size, made.length, made.join());
            await checkMade(one, model, reports[0]);
            assert.equal(savedIn(one), saved);
            model.close();
        });
    }
});
