// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What of the NVMe target is ours, after others took it away and made their own under the same names. */
import assert from "node:assert/strict";
import type { SimKernel } from "../../../service/src/kernel/index.js";
import { allow, modelFixture, type ModelFixture, failure, MIB } from "./fixture.js";
import { HOST, NQN, OTHER_HOST, target } from "./exports.js";

const NAMESPACE = { kind: "namespace" as const, nqn: NQN, id: 1 };

async function exported(): Promise<ModelFixture> {
    const one = await modelFixture(({ sim }: SimKernel) => sim.setModule("nvmet", { loaded: true }));
    await one.model.volumes.create(MIB, {}, allow);
    await one.model.ports.create({ id: 1, transport: "loop", address: "" }, allow);
    await one.model.exports.create({ device: { kind: "volume", id: "rd0" }, nqn: NQN, hosts: [HOST] }, allow);
    await one.model.refresh();
    return one;
}

/** Others take all of it apart. */
function gone({ sim }: SimKernel): void {
    sim.otherNvmetRemove({ kind: "port-link", port: 1, nqn: NQN });
    sim.otherNvmetWrite(NAMESPACE, "enable", "0");
    sim.otherNvmetRemove(NAMESPACE);
    sim.otherNvmetRemove({ kind: "allowed-host", nqn: NQN, host: HOST });
    sim.otherNvmetRemove({ kind: "subsystem", nqn: NQN });
    sim.otherNvmetRemove({ kind: "host", host: HOST });
    sim.otherNvmetRemove({ kind: "port", id: 1 });
}

/** Others make their own under the same names, nobody using the host. */
function again({ sim }: SimKernel): void {
    sim.otherNvmetCreate({ kind: "port", id: 1 });
    sim.otherNvmetWrite({ kind: "port", id: 1 }, "addr_trtype", "loop");
    sim.otherNvmetCreate({ kind: "host", host: HOST });
    sim.otherNvmetCreate({ kind: "subsystem", nqn: NQN });
}

const managed = ({ model }: ModelFixture): unknown[] => [
    model.state.ports.get("1")?.managed,
    model.state.exports.get(NQN)?.managed,
];

describe("what of the NVMe target is ours", () => {
    it("is what we made, and not what others made at once under the same names", async () => {
        const one = await exported();
        assert.deepEqual(managed(one), [true, true]);
        gone(one.kernel);
        again(one.kernel);
        await one.model.refresh();
        assert.deepEqual(managed(one), [false, false]);
        const { ports, exports, hosts } = one.ownership.owned;
        assert.deepEqual([ports, exports, hosts], [[], [], []]);
        // Their host is not swept away with ours.
        await one.model.exports.allowHost(NQN, OTHER_HOST, {}, allow);
        await one.model.exports.denyHost(NQN, OTHER_HOST, allow);
        assert.deepEqual(
            (await one.kernel.readNvmet()).hosts.map(({ nqn }) => nqn),
            [HOST],
        );
        one.model.close();
    });

    it("is known after a new start, also when they were made again while the service was away", async () => {
        const one = await exported();
        one.model.close();
        const second = await one.restart();
        assert.deepEqual(managed({ ...one, model: second }), [true, true]);
        second.close();
        gone(one.kernel);
        again(one.kernel);
        const third = await one.restart();
        assert.deepEqual(managed({ ...one, model: third }), [false, false]);
        third.close();
    });

    it("is still ours after a removal that failed and was taken back", async () => {
        const one = await exported();
        const { ownership } = one;
        const save = ownership.save.bind(ownership);
        // The very last step, after the subsystem is gone.
        let refuse = true;
        ownership.save = async (next) => {
            if (refuse && !next.exports.includes(NQN)) {
                throw new Error("no space");
            }
            await save(next);
        };
        await assert.rejects(one.model.exports.remove(NQN, allow));
        refuse = false;
        await one.model.refresh();
        assert.deepEqual(managed(one), [true, true]);
        one.model.close();
    });

    it("a reading in the midst of our own work takes nothing from us", async () => {
        const one = await exported();
        const { kernel, model } = one;
        await model.exports.remove(NQN, allow);
        const create = kernel.nvmetCreate.bind(kernel);
        kernel.nvmetCreate = async (node) => {
            // The note is there, the object is not yet.
            await model.refresh();
            await create(node);
        };
        await model.exports.create({ device: { kind: "volume", id: "rd0" }, nqn: NQN, hosts: [HOST] }, allow);
        await model.refresh();
        assert.deepEqual(managed(one), [true, true]);
        assert.deepEqual(one.ownership.owned.hosts, [HOST]);
        model.close();
    });
});

describe("an export that was switched off", () => {
    it("is not switched on for another device under the path of the one that it exported", async () => {
        const one = await modelFixture(target);
        const { model, kernel } = one;
        await model.volumes.create(64 * MIB, {}, allow);
        await model.exports.create(
            { device: { kind: "volume", id: "rd0" }, nqn: NQN, hosts: [HOST], ports: [2] },
            allow,
        );
        await model.exports.setEnabled(NQN, false, allow);
        await model.exports.setEnabled(NQN, true, allow);
        await model.exports.setEnabled(NQN, false, allow);
        kernel.sim.otherDetach(0);
        kernel.sim.otherAttach(0, 64 * MIB);
        await model.refresh();
        const refused = await failure(model.exports.setEnabled(NQN, true, allow));
        assert.match(
            refused.message,
            /^\/dev\/rd0 is another device than the one that nqn.* exported: that was renamed/,
        );
        model.close();
        // A restart of the service does not forget it.
        const next = await one.restart();
        assert.equal((await failure(next.exports.setEnabled(NQN, true, allow))).kind, "Failed");
        await next.exports.remove(NQN, allow);
        await next.exports.create(
            { device: { kind: "volume", id: "rd0" }, nqn: NQN, hosts: [HOST], ports: [2] },
            allow,
        );
        assert.equal(next.state.exports.get(NQN)?.enabled, true);
        await next.exports.remove(NQN, allow);
        assert.equal(one.ownership.owned.backing, undefined);
        next.close();
    });

    it("has the path that its mapping has now, and is named as what uses it", async () => {
        const one = await modelFixture(target);
        const { model, kernel } = one;
        await model.volumes.create(64 * MIB, {}, allow);
        kernel.sim.addDisk({ name: "sdb", size: 256 * MIB });
        kernel.sim.addDisk({ name: "sdc", size: 256 * MIB });
        await model.caches.create("rd0", "/dev/sdb", "write-through", { name: "kn" }, allow);
        await model.exports.create({ device: { kind: "cache", id: "kn" }, nqn: NQN, hosts: [HOST], ports: [2] }, allow);
        kernel.sim.otherRenameMapping("kn", "zwei");
        await model.refresh();
        const shown = model.state.exports.get(NQN);
        assert.equal(shown?.device, "/dev/mapper/zwei");
        assert.deepEqual(shown?.backing, { kind: "cache", id: "zwei" });
        const refused = await failure(model.caches.remove("zwei", allow));
        assert.equal(refused.kind, "Busy");
        assert.match(refused.message, /exported as nqn/);
        // A reading in the midst of a renaming has one name for the export and for its cache.
        const snapshot = kernel.snapshot.bind(kernel);
        kernel.snapshot = async () => {
            const read = await snapshot();
            kernel.sim.otherRenameMapping("zwei", "drei");
            return read;
        };
        await model.refresh();
        kernel.snapshot = snapshot;
        assert.deepEqual(model.state.exports.get(NQN)?.backing, { kind: "cache", id: "zwei" });
        kernel.sim.otherRenameMapping("drei", "zwei");
        await model.refresh();
        // What is made under the old name since has nothing to do with it.
        kernel.sim.otherCreateMapping("kn", "", { length: 2048, type: "linear", params: "/dev/sdc 0" });
        await model.refresh();
        assert.equal(model.state.exports.get(NQN)?.device, "/dev/mapper/zwei");
        // The target itself knows the old path only, which is another device when it is switched on again.
        await model.exports.setEnabled(NQN, false, allow);
        assert.equal((await failure(model.exports.setEnabled(NQN, true, allow))).kind, "Failed");
        await model.exports.remove(NQN, allow);
        await model.caches.remove("zwei", allow);
        model.close();
    });
});
