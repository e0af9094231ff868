// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** A saved state that cannot be understood, or not all of it: nothing that may depend on it is lost, and work goes on. */
import assert from "node:assert/strict";
import type { Model } from "../../../service/src/model/model.js";
import { allow, modelFixture, failure, MIB, type ModelFixture } from "./fixture.js";
import { HOST, KEY, NQN, OTHER_HOST, OTHER_KEY, target } from "./exports.js";

const OTHER_NQN = "nqn.2021-06.org.rapiddisk:other";
const WORDS = "The saved state is damaged.";
const device = (id: string) => ({ kind: "volume" as const, id });

/** Saved: rd0 with an export whose host has a key; not saved: rd1 with an export. Then the state is damaged. */
async function damaged(): Promise<[ModelFixture, Model]> {
    const one = await modelFixture(target);
    const { model } = one;
    await model.volumes.create(MIB, { persist: true }, allow);
    await model.volumes.create(MIB, {}, allow);
    await model.exports.create({ device: device("rd0"), nqn: NQN, hosts: [HOST], persist: true }, allow);
    await model.exports.setHostKeys(NQN, HOST, { key: KEY }, allow);
    await model.exports.create({ device: device("rd1"), nqn: OTHER_NQN, hosts: [OTHER_HOST] }, allow);
    model.close();
    one.store.damage = WORDS;
    return [one, await one.restart()];
}

async function repaired(one: ModelFixture, model: Model): Promise<Model> {
    model.close();
    one.store.damage = undefined;
    return one.restart();
}

describe("while the saved state cannot be understood", () => {
    it("keys stay saved, whatever is done to exports, and are there when it was repaired", async () => {
        const [one, model] = await damaged();
        const saved = structuredClone(one.store.state);
        await model.exports.allowHost(OTHER_NQN, "nqn.2021-06.org.example:third", { key: OTHER_KEY }, allow);
        await model.exports.denyHost(OTHER_NQN, OTHER_HOST, allow);
        await model.exports.remove(OTHER_NQN, allow);
        await model.exports.remove(NQN, allow);
        assert.equal((await one.keys.load(HOST))?.key, KEY);
        assert.deepEqual(one.store.state, saved);
        const next = await repaired(one, model);
        assert.deepEqual((await next.restore(allow)).made, [NQN]);
        assert.deepEqual(next.state.exports.get(NQN)?.authenticatedHosts, [HOST]);
        next.close();
    });

    it("it is said, and nothing can be saved or forgotten", async () => {
        const [one, model] = await damaged();
        const saved = structuredClone(one.store.state);
        assert.deepEqual(model.state.host.problems, [WORDS]);
        assert.deepEqual((await model.restore(allow)).failed, [WORDS]);
        const works = [
            () => model.volumes.create(MIB, { persist: true }, allow),
            () => model.volumes.setPersistent("rd1", true, allow),
            () => model.exports.setPersistent(OTHER_NQN, true, allow),
            () => model.exports.setPersistent(NQN, false, allow),
            () => model.volumes.setPersistent("rd0", false, allow),
            () => model.volumes.setPersistent("rd1", false, allow),
            () => model.ports.setPersistent("1", false, allow),
            () => model.forget("rd0", allow),
            () => model.forget("rd7", allow),
        ];
        for (const work of works) {
            assert.equal((await failure(work())).message, WORDS);
        }
        assert.equal(model.state.volumes.size, 2);
        assert.deepEqual(one.store.state, saved);
        model.close();
    });

    it("volumes are exported, erased and removed, and no contents are known by an identity of others", async () => {
        const [one, model] = await damaged();
        const uuids = [model.state.exports.get(NQN)?.uuid, model.state.exports.get(OTHER_NQN)?.uuid];
        await model.exports.remove(NQN, allow);
        await model.exports.remove(OTHER_NQN, allow);
        await model.volumes.erase("rd0", allow);
        await model.volumes.remove("rd1", allow);
        await model.exports.create({ device: device("rd0"), nqn: OTHER_NQN, hosts: [OTHER_HOST] }, allow);
        uuids.push(model.state.exports.get(OTHER_NQN)?.uuid);
        await model.exports.remove(OTHER_NQN, allow);
        const next = await repaired(one, model);
        await next.volumes.create(MIB, { number: 1 }, allow);
        for (const id of ["rd0", "rd1"]) {
            await next.exports.create({ device: device(id), nqn: `${OTHER_NQN}:${id}`, hosts: [OTHER_HOST] }, allow);
            uuids.push(next.state.exports.get(`${OTHER_NQN}:${id}`)?.uuid);
        }
        assert.equal(new Set(uuids).size, 5, uuids.join("\n"));
        assert.equal(one.ownership.owned.renewed, undefined);
        next.close();
    });

    for (const repairedFirst of [false, true]) {
        it(`a note of what was killed changes nothing of what is saved${repairedFirst ? ", once that was repaired" : ""}`, async () => {
            const [one, model] = await damaged();
            const saved = structuredClone(one.store.state);
            one.kernel.sim.steps.resetSteps();
            one.kernel.sim.steps.crashStep(3, "after");
            void model.exports.remove(NQN, allow);
            while (one.kernel.sim.steps.log.length < 3) {
                await new Promise((resolve) => setImmediate(resolve));
            }
            model.close();
            one.kernel.sim.steps.restartProcess();
            one.store.damage = repairedFirst ? undefined : WORDS;
            const second = await one.restart();
            assert.deepEqual([one.store.state, one.intents.open.size], [saved, 0]);
            const third = await repaired(one, second);
            assert.deepEqual(one.store.state, saved);
            assert.equal((await one.keys.load(HOST))?.key, KEY);
            assert.deepEqual((await third.restore(allow)).failed, []);
            assert.equal(third.state.exports.get(NQN)?.persistent, true);
            third.close();
        });
    }
});

describe("while an entry of the saved state cannot be used", () => {
    it("keys that it may need stay, and everything else works", async () => {
        const one = await modelFixture(target);
        await one.model.volumes.create(MIB, { persist: true }, allow);
        await one.model.exports.create({ device: device("rd0"), nqn: NQN, hosts: [HOST], persist: true }, allow);
        await one.model.exports.setHostKeys(NQN, HOST, { key: KEY }, allow);
        one.model.close();
        await one.keys.save(OTHER_HOST, { key: OTHER_KEY, controllerKey: "", hash: "hmac(sha256)", dhgroup: "null" });
        const sentence = "The saved export x cannot be used.";
        one.store.rejected = [{ kind: "other", sentence }];
        const model = await one.restart();
        assert.deepEqual(model.state.host.problems, [sentence]);
        await model.exports.setHostKeys(NQN, HOST, { clear: true }, allow);
        await model.volumes.create(MIB, { persist: true }, allow);
        assert.equal((await one.keys.load(OTHER_HOST))?.key, OTHER_KEY);
        assert.deepEqual((await model.restore(allow)).failed, [sentence]);
        model.close();
    });
});
