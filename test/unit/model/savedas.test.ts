// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What is saved is of one object: another one of its name neither is persistent by that nor takes its entry away. */
import assert from "node:assert/strict";
import { otherIsThere } from "../../../service/src/model/forget.js";
import type { Model } from "../../../service/src/model/model.js";
import { allow, modelFixture, failure, MIB, type ModelFixture } from "./fixture.js";
import { HOST, NQN, OTHER_HOST } from "./exports.js";
import { after, device, hardware, removeExport } from "./others.js";

describe("a volume under the number of a saved one of another size", () => {
    const other = (): Promise<[ModelFixture, Model]> =>
        after(
            async (model) => void (await model.volumes.create(64 * MIB, { persist: true }, allow)),
            ({ sim }) => {
                sim.otherDetach(0);
                sim.otherAttach(0, 8 * MIB);
            },
        );

    it("is not persistent, which is said as Restore says it", async () => {
        const [, model] = await other();
        assert.equal(model.state.volumes.get("rd0")?.persistent, false);
        assert.match(
            model.state.host.problems.join(),
            /^rd0 is another volume: it is there with 8388608 bytes, saved are 67108864; remove it/,
        );
        const { failed } = await model.restore(allow);
        assert.deepEqual(failed, [
            "rd0 was not restored: rd0 is another volume: it is there with 8388608 bytes, saved are 67108864.",
        ]);
        model.close();
    });

    it("does not change what is saved of the other, whatever is done to it", async () => {
        const [one, model] = await other();
        const saved = structuredClone(one.store.state);
        await model.volumes.resize("rd0", 16 * MIB, allow);
        await model.volumes.setReadOnly("rd0", true, allow);
        await model.volumes.setReadOnly("rd0", false, allow);
        await model.volumes.erase("rd0", allow);
        const refused = await failure(model.volumes.setPersistent("rd0", false, allow));
        assert.deepEqual([refused.kind, refused.message], ["Busy", otherIsThere("rd0").message]);
        assert.deepEqual(one.store.state, saved);
        await model.volumes.remove("rd0", allow);
        assert.deepEqual(one.store.state, saved);
        assert.deepEqual((await model.restore(allow)).made, ["rd0"]);
        assert.deepEqual(model.state.host.problems, []);
        model.close();
    });

    it("is saved in its place when that is asked for", async () => {
        const [one, model] = await other();
        await model.volumes.setPersistent("rd0", true, allow);
        assert.deepEqual(one.store.state.volumes, [{ number: 0, size: 8 * MIB, readOnly: false }]);
        assert.equal(model.state.volumes.get("rd0")?.persistent, true);
        assert.deepEqual(model.state.host.problems, []);
        model.close();
    });

    it("is none when only the lock differs: Restore locks it, unlocking saves that", async () => {
        const [one, model] = await after(
            async (first) => {
                await first.volumes.create(MIB, { persist: true }, allow);
                await first.volumes.setReadOnly("rd0", true, allow);
            },
            ({ sim }) => sim.otherSetReadOnly("rd0", false),
        );
        assert.match(
            model.state.host.problems.join(),
            /^rd0 is saved as locked, but can be written; restoring locks it/,
        );
        assert.deepEqual((await model.restore(allow)).failed, []);
        assert.equal(model.state.volumes.get("rd0")?.readOnly, true);
        assert.deepEqual(model.state.host.problems, []);
        one.kernel.sim.otherSetReadOnly("rd0", false);
        await model.refresh();
        await model.volumes.setReadOnly("rd0", false, allow);
        assert.equal(one.store.state.volumes[0]?.readOnly, false);
        assert.deepEqual(model.state.host.problems, []);
        model.close();
    });
});

describe("a cache under the name of a saved one of another disk", () => {
    const other = async (): Promise<[ModelFixture, Model]> => {
        const [one, model] = await after(
            async (first) => {
                await first.volumes.create(64 * MIB, {}, allow);
                await first.caches.create("rd0", "/dev/sdb", "write-through", { name: "c", persist: true }, allow);
            },
            ({ sim }) => sim.otherRemoveMapping("c"),
        );
        await model.caches.create("rd0", "/dev/sdc", "write-around", { name: "c" }, allow);
        return [one, model];
    };

    it("is not persistent, which is said as Restore says it", async () => {
        const [one, model] = await other();
        assert.equal(model.state.caches.get("c")?.persistent, false);
        const words = /is there on rd0 for \/dev\/sdc, but saved is rd0 for \/dev\/disk\/by-id\/virtio-blue/;
        assert.match(model.state.host.problems.join(), words);
        assert.match((await model.restore(allow)).failed.join(), words);
        assert.equal(one.intents.open.size, 0);
        model.close();
    });

    it("does not change what is saved of the other, whatever is done to it", async () => {
        const [one, model] = await other();
        const saved = structuredClone(one.store.state);
        await model.caches.setMode("c", "write-through", allow);
        const refused = await failure(model.caches.setPersistent("c", false, allow));
        assert.deepEqual([refused.kind, refused.message], ["Busy", otherIsThere("c").message]);
        assert.deepEqual(one.store.state, saved);
        await model.caches.remove("c", allow);
        assert.deepEqual(one.store.state, saved);
        assert.deepEqual((await model.restore(allow)).made, ["c"]);
        assert.equal(model.state.caches.get("c")?.source, "/dev/sdb");
        model.close();
    });

    it("is the same one under another path of its disk", async () => {
        const [, model] = await after(
            async (first) => {
                await first.volumes.create(64 * MIB, {}, allow);
                await first.caches.create("rd0", "/dev/sdb", "write-through", { name: "c", persist: true }, allow);
            },
            () => undefined,
        );
        assert.equal(model.state.caches.get("c")?.persistent, true);
        assert.deepEqual((await model.restore(allow)).failed, []);
        model.close();
    });
});

describe("an export under the name of a saved one of another device", () => {
    const other = async (): Promise<[ModelFixture, Model]> => {
        const [one, model] = await after(async (first) => {
            await first.volumes.create(MIB, { persist: true }, allow);
            await first.volumes.create(MIB, { persist: true }, allow);
            await first.ports.create({ id: 1, transport: "loop", address: "", persist: true }, allow);
            await first.exports.create({ device: device("rd0"), nqn: NQN, hosts: [HOST], persist: true }, allow);
        }, removeExport);
        await model.exports.create({ device: device("rd1"), nqn: NQN, hosts: [HOST] }, allow);
        return [one, model];
    };

    it("is not persistent, which is said as Restore says it", async () => {
        const [, model] = await other();
        const shown = model.state.exports.get(NQN);
        assert.deepEqual([shown?.persistent, shown?.managed], [false, true]);
        const words = /is there for \/dev\/rd1, but saved is \/dev\/rd0/;
        assert.match(model.state.host.problems.join(), words);
        assert.match((await model.restore(allow)).failed.join(), words);
        model.close();
    });

    it("never comes at boot because of its name", async () => {
        const [one, model] = await other();
        const saved = structuredClone(one.store.state);
        await model.exports.allowHost(NQN, OTHER_HOST, {}, allow);
        await model.exports.setEnabled(NQN, false, allow);
        await model.exports.removePort(NQN, 1, allow);
        await model.exports.addPort(NQN, 1, {}, allow);
        const refused = await failure(model.exports.setPersistent(NQN, false, allow));
        assert.deepEqual([refused.kind, refused.message], ["Busy", otherIsThere(NQN).message]);
        assert.deepEqual(one.store.state, saved);
        await model.exports.remove(NQN, allow);
        assert.deepEqual(one.store.state, saved);
        assert.deepEqual((await model.restore(allow)).made, [NQN]);
        assert.equal(model.state.exports.get(NQN)?.device, "/dev/rd0");
        model.close();
    });

    it("is saved in its place when that is asked for", async () => {
        const [one, model] = await other();
        await model.exports.setPersistent(NQN, true, allow);
        assert.equal(one.store.state.target?.exports[0]?.device, "/dev/rd1");
        assert.equal(model.state.exports.get(NQN)?.persistent, true);
        assert.deepEqual(model.state.host.problems, []);
        model.close();
    });
});

describe("what a saved object needs that is not there", () => {
    const waiting = (): Promise<[ModelFixture, Model]> =>
        after(async (first) => {
            await first.volumes.create(64 * MIB, {}, allow);
            await first.volumes.create(64 * MIB, { persist: true }, allow);
            await first.caches.create("rd0", "/dev/sdb", "write-through", { name: "c", persist: true }, allow);
            await first.ports.create({ id: 1, transport: "loop", address: "", persist: true }, allow);
            const request = { device: { kind: "cache" as const, id: "c" }, nqn: NQN, hosts: [HOST], persist: true };
            await first.exports.create(request, allow);
        }, removeExport);

    it("is not removed or forgotten before that is forgotten", async () => {
        const [one, model] = await waiting();
        const refused = async (work: Promise<unknown>, words: RegExp): Promise<void> => {
            const error = await failure(work);
            assert.equal(error.kind, "Busy");
            assert.match(error.message, words);
        };
        await refused(model.ports.remove("1", allow), /Port 1 is in use: saved export nqn/);
        await refused(model.caches.remove("c", allow), /c is in use: saved export nqn/);
        one.kernel.sim.otherRemoveMapping("c");
        one.kernel.sim.otherNvmetRemove({ kind: "port", id: 1 });
        await model.refresh();
        await refused(model.volumes.remove("rd0", allow), /rd0 is in use: saved cache c/);
        await refused(model.forget("1", allow), /1 is in use: saved export nqn/);
        await refused(model.forget("c", allow), /c is in use: saved export nqn/);
        one.kernel.sim.otherDetach(0);
        await model.refresh();
        await refused(model.forget("rd0", allow), /rd0 is in use: saved cache c/);
        assert.deepEqual((await model.restore(allow)).failed, []);
        assert.deepEqual(model.state.host.problems, []);
        model.close();
    });

    it("goes when that is forgotten first", async () => {
        const [one, model] = await waiting();
        await model.forget(NQN, allow);
        await model.ports.remove("1", allow);
        await model.caches.remove("c", allow);
        await model.volumes.remove("rd0", allow);
        await model.volumes.remove("rd1", allow);
        const { volumes, caches, target } = one.store.state;
        assert.deepEqual([volumes, caches, target?.ports, target?.exports], [[], [], [], []]);
        model.close();
    });

    it("is named where it is neither there nor saved, by Problems and by Restore", async () => {
        const one = await modelFixture(hardware);
        one.store.state = {
            volumes: [],
            caches: [{ name: "c", volume: 0, source: "/dev/sdb", mode: "write-through" }],
        };
        const model = await one.restart();
        assert.deepEqual(model.state.host.problems, [
            "c is saved but not there, and rd0, which it needs, is neither there nor saved; create that, or forget c.",
        ]);
        assert.match((await model.restore(allow)).failed.join(), /c was not restored: There is no volume rd0/);
        await model.volumes.create(64 * MIB, { number: 0 }, allow);
        assert.match(
            model.state.host.problems.join(),
            /c is saved but not there, and the last restore could not make it: There is no volume rd0 \(ENODEV\)\. Restoring tries/,
        );
        assert.deepEqual((await model.restore(allow)).made, ["c"]);
        assert.equal(one.intents.open.size, 0);
        model.close();
    });
});

describe("what is made while something saved is not there", () => {
    it("gets no number of a saved volume, and one with its number is not taken for it as a cache", async () => {
        const [one, model] = await after(
            async (first) => {
                await first.volumes.create(64 * MIB, { persist: true }, allow);
                await first.caches.create("rd0", "/dev/sdb", "write-through", { name: "c", persist: true }, allow);
            },
            ({ sim }) => {
                sim.otherRemoveMapping("c");
                sim.otherDetach(0);
            },
        );
        assert.equal(await model.volumes.create(MIB, {}, allow), "rd1");
        one.kernel.sim.otherAttach(0, 8 * MIB);
        await model.refresh();
        const { made, failed } = await model.restore(allow);
        assert.deepEqual(made, []);
        assert.match(failed.join(), /c was not restored: rd0 is another volume: it is there with 8388608 bytes/);
        assert.equal(model.state.volumes.get("rd0")?.users.length, 0);
        model.close();
    });

    it("gets no number of a saved port, and one with its number neither replaces it nor gets its exports", async () => {
        const [one, model] = await after(
            async (first) => {
                await first.volumes.create(MIB, { persist: true }, allow);
                await first.ports.create({ id: 0, transport: "loop", address: "", persist: true }, allow);
                await first.exports.create({ device: device("rd0"), nqn: NQN, hosts: [HOST], persist: true }, allow);
            },
            (kernel) => {
                removeExport(kernel);
                kernel.sim.otherNvmetRemove({ kind: "port", id: 1 });
            },
        );
        const saved = structuredClone(one.store.state);
        const tcp = { transport: "tcp", address: "127.0.0.1" };
        assert.equal(await model.ports.create({ id: 0, ...tcp }, allow), "2");
        const again = { id: 1, ...tcp, service: "4421" };
        const refusal = await failure(model.ports.create({ ...again, persist: true }, allow));
        assert.match(refusal.message, /saved port 1 is in use: saved export nqn/);
        await model.ports.create(again, allow);
        assert.deepEqual(one.store.state, saved);
        assert.match(model.state.host.problems.join(), /Port 1 is tcp 127\.0\.0\.1:4421, but saved is loop/);
        const { failed } = await model.restore(allow);
        assert.match(failed.join("\n"), /port 1 was not restored: Port 1 is tcp .*, but saved is loop/);
        assert.equal(model.state.exports.size, 0);
        model.close();
    });
});
