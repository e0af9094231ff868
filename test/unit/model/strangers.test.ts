// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Saved objects that are not there, and others of their name and size that are: no contents are lost or given away. */
import assert from "node:assert/strict";
import { KernelError } from "../../../service/src/kernel/port.js";
import type { Model } from "../../../service/src/model/model.js";
import { allow, modelFixture, failure, GIB, MIB, type ModelFixture } from "./fixture.js";
import { HOST, NQN } from "./exports.js";
import { after, device, hardware, removeExport } from "./others.js";

describe("a volume of others under the number of a saved one, of the same size", () => {
    const needing = async (model: Model): Promise<void> => {
        await model.volumes.create(64 * MIB, { persist: true }, allow);
        await model.volumes.create(64 * MIB, { persist: true }, allow);
        await model.caches.create("rd0", "/dev/sdb", "write-through", { name: "c", persist: true }, allow);
        await model.ports.create({ id: 1, transport: "loop", address: "" }, allow);
        await model.exports.create({ device: device("rd1"), nqn: NQN, hosts: [HOST], persist: true }, allow);
    };
    /** Others took all of it away and made volumes of their own. */
    const strangers = (): Promise<[ModelFixture, Model]> =>
        after(needing, (kernel) => {
            const { sim } = kernel;
            sim.otherRemoveMapping("c");
            removeExport(kernel);
            for (const number of [0, 1]) {
                sim.otherDetach(number);
                sim.otherAttach(number, 64 * MIB);
            }
        });

    it("is told from it, and Restore neither covers its contents nor gives them to hosts", async () => {
        const [one, model] = await strangers();
        const saved = structuredClone(one.store.state);
        assert.deepEqual(
            ["rd0", "rd1"].map((name) => model.state.volumes.get(name)?.persistent),
            [false, false],
        );
        const words = "rd0 is another volume than the one that is saved";
        assert.ok(
            model.state.host.problems.includes(`${words}; remove it and restore, or make it persistent as it is.`),
            model.state.host.problems.join("\n"),
        );
        assert.ok(
            model.state.host.problems.includes(
                `c is saved but not there, and a restore refuses to make it: ${words}. Put that right and restore, or forget c.`,
            ),
        );
        const { made, failed } = await model.restore(allow);
        assert.deepEqual(made, []);
        assert.deepEqual(failed, [
            `rd0 was not restored: ${words}.`,
            "rd1 was not restored: rd1 is another volume than the one that is saved.",
            `c was not restored: ${words}.`,
            `${NQN} was not restored: rd1 is another volume than the one that is saved.`,
        ]);
        assert.deepEqual(one.store.state, saved);
        model.close();
    });

    it("is saved as it is, and why the one before could not be made is not told of it", async () => {
        const [one, model] = await strangers();
        assert.deepEqual((await model.restore(allow)).made, []);
        await model.forget("c", allow);
        await model.volumes.setPersistent("rd0", true, allow);
        await model.refresh();
        one.kernel.sim.otherDetach(0);
        await model.refresh();
        model.close();
        assert.deepEqual(
            model.state.host.problems.filter((line) => line.startsWith("rd0 ")),
            ["rd0 is saved but not there; restoring makes it again, forgetting it drops what is saved."],
        );
    });

    it("takes nothing that is saved with it when it is removed, and the saved one comes then", async () => {
        const [one, model] = await strangers();
        const saved = structuredClone(one.store.state);
        await model.volumes.remove("rd0", allow);
        await model.volumes.remove("rd1", allow);
        const { volumes, caches, target } = one.store.state;
        assert.deepEqual([volumes, caches, target?.exports], [saved.volumes, saved.caches, saved.target?.exports]);
        assert.deepEqual((await model.restore(allow)).made, ["rd0", "rd1", "c", NQN]);
        assert.deepEqual(model.state.host.problems, []);
        model.close();
        const next = await one.restart();
        assert.equal(next.state.volumes.get("rd0")?.persistent, true);
        next.close();
    });

    it("is saved in its place when that is asked for", async () => {
        const [, model] = await strangers();
        await model.volumes.setPersistent("rd0", true, allow);
        // Hosts would get its contents under the identity of the one that they know.
        const refused = await failure(model.volumes.setPersistent("rd1", true, allow));
        assert.deepEqual(
            [refused.kind, refused.message.includes(`that is exported: ${NQN}. Forget the export`)],
            ["Busy", true],
        );
        await model.forget(NQN, allow);
        await model.volumes.setPersistent("rd1", true, allow);
        assert.equal(model.state.volumes.get("rd0")?.persistent, true);
        assert.deepEqual((await model.restore(allow)).made, ["c"]);
        assert.deepEqual(model.state.host.problems, []);
        model.close();
    });

    it("is one that this service made, too, unless it was to be saved", async () => {
        const [one, model] = await after(needing, (kernel) => {
            kernel.sim.otherRemoveMapping("c");
            kernel.sim.otherDetach(0);
        });
        const saved = structuredClone(one.store.state);
        await model.volumes.create(64 * MIB, { number: 0 }, allow);
        assert.equal(model.state.volumes.get("rd0")?.persistent, false);
        assert.deepEqual((await model.restore(allow)).made, []);
        assert.deepEqual(one.store.state, saved);
        model.close();
        // A restart of the service does not make it the saved one.
        const next = await one.restart();
        assert.equal(next.state.volumes.get("rd0")?.persistent, false);
        await next.volumes.remove("rd0", allow);
        await next.volumes.create(64 * MIB, { number: 0, persist: true }, allow);
        assert.deepEqual((await next.restore(allow)).made, ["c"]);
        next.close();
    });
});

describe("a volume whose saved cache went", () => {
    it("is not covered again while it holds something, which is said, and is once it was erased", async () => {
        const [one, model] = await after(
            async (first) => {
                await first.volumes.create(64 * MIB, {}, allow);
                await first.caches.create("rd0", "/dev/sdb", "writeback", { name: "c", persist: true }, allow);
            },
            ({ sim }) => {
                sim.otherRemoveMapping("c");
                sim.write(0, 0, 12288);
            },
        );
        const words = "rd0 holds 12288 bytes, which a cache would destroy: erase it";
        assert.deepEqual(model.state.host.problems, [
            `c is saved but not there, and a restore refuses to make it: ${words}. Put that right and restore, or forget c.`,
        ]);
        const { made, failed } = await model.restore(allow);
        assert.deepEqual([made, failed], [[], [`c was not restored: ${words}.`]]);
        await model.volumes.erase("rd0", allow);
        assert.deepEqual((await model.restore(allow)).made, ["c"]);
        assert.deepEqual(model.state.host.problems, []);
        assert.equal(one.intents.open.size, 0);
        model.close();
    });

    it("holds nothing when it was removed in order", async () => {
        const { model, kernel } = await modelFixture(hardware);
        await model.volumes.create(64 * MIB, {}, allow);
        await model.caches.create("rd0", "/dev/sdb", "writeback", { name: "c" }, allow);
        kernel.sim.write(0, 0, 12288);
        await model.caches.remove("c", allow);
        await model.refresh();
        assert.equal((await model.volumes.statistics("rd0")).used, 0);
        model.close();
    });
});

describe("a cache of the name of a saved one, while the disk of the saved one is absent", () => {
    const absent = (): Promise<[ModelFixture, Model]> =>
        after(
            async (first) => {
                await first.volumes.create(64 * MIB, {}, allow);
                await first.caches.create("rd0", "/dev/sdb", "write-through", { name: "c", persist: true }, allow);
            },
            ({ sim }) => {
                sim.otherRemoveMapping("c");
                sim.removeDisk("sdb");
                const params = "/dev/sdc /dev/rd0 131072 0";
                sim.otherCreateMapping("c", "", { length: GIB / 512, type: "rapiddisk-cache", params });
            },
        );

    it("is not the saved one, and takes nothing with it", async () => {
        const [one, model] = await absent();
        const saved = structuredClone(one.store.state);
        assert.equal(model.state.caches.get("c")?.persistent, false);
        await model.caches.remove("c", allow);
        assert.deepEqual(one.store.state, saved);
        model.close();
    });

    it("nor is one that stays when its disk goes another one than it was", async () => {
        const one = await modelFixture(hardware);
        await one.model.volumes.create(64 * MIB, {}, allow);
        await one.model.caches.create("rd0", "/dev/sdb", "write-through", { name: "c", persist: true }, allow);
        one.model.close();
        const resolve = one.kernel.resolveDevice.bind(one.kernel);
        one.kernel.resolveDevice = async (path) => {
            if (path.includes("virtio-blue")) {
                throw new KernelError("ENOENT", "There is no such path.");
            }
            return resolve(path);
        };
        const model = await one.restart();
        assert.equal(model.state.caches.get("c")?.persistent, true);
        model.close();
    });
});

describe("Forget", () => {
    it("says what is there under a name, and what it would take", async () => {
        const [, model] = await after(
            async (first) => {
                await first.volumes.create(64 * MIB, { persist: true }, allow);
                await first.volumes.create(MIB, { persist: true }, allow);
                await first.volumes.create(MIB, {}, allow);
            },
            ({ sim }) => {
                sim.otherDetach(1);
                sim.otherAttach(1, MIB);
            },
        );
        const refused = async (name: string): Promise<string> => {
            const { kind, message } = await failure(model.forget(name, allow));
            return `${kind}: ${message}`;
        };
        assert.match(await refused("rd0"), /^Busy: rd0 is there: removing it drops its saved entry as well, /);
        assert.match(
            await refused("rd1"),
            /^Busy: rd1 is there and is another one than the one that is saved: remove it/,
        );
        assert.match(await refused("rd2"), /^NotFound: Nothing is saved under the name "rd2"; what is there/);
        assert.match(await refused("rd9"), /^NotFound: Nothing is saved under the name "rd9"\.$/);
        model.close();
    });
});
