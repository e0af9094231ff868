// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What is saved is of one object: another one of its name neither is persistent by that nor takes its entry away. */
import assert from "node:assert/strict";
import type { SimKernel } from "../../../service/src/kernel/index.js";
import { KernelError } from "../../../service/src/kernel/port.js";
import type { Model } from "../../../service/src/model/model.js";
import { allow, bench, failure, GIB, MIB, type Bench } from "./bench.js";
import { HOST, NQN, OTHER_HOST } from "./exports.js";

const device = (id: string) => ({ kind: "volume" as const, id });

function hardware({ sim }: SimKernel): void {
    sim.addDisk({ name: "sdb", size: GIB, byId: ["virtio-blue"] });
    sim.addDisk({ name: "sdc", size: GIB });
    sim.setModule("nvmet", { loaded: true });
}

/** Takes away the export of NQN on port 1 to HOST, as others would. */
function removeExport({ sim }: SimKernel): void {
    sim.otherNvmetRemove({ kind: "port-link", port: 1, nqn: NQN });
    sim.otherNvmetWrite({ kind: "namespace", nqn: NQN, id: 1 }, "enable", "0");
    sim.otherNvmetRemove({ kind: "namespace", nqn: NQN, id: 1 });
    sim.otherNvmetRemove({ kind: "allowed-host", nqn: NQN, host: HOST });
    sim.otherNvmetRemove({ kind: "subsystem", nqn: NQN });
}

/** A machine with something saved by a first service, and another service over it. @param gone what went in between */
async function after(
    make: (model: Model) => Promise<void>,
    gone: (kernel: SimKernel) => void,
): Promise<[Bench, Model]> {
    const one = await bench(hardware);
    await make(one.model);
    one.model.close();
    gone(one.kernel);
    return [one, await one.restart()];
}

describe("a volume under the number of a saved one of another size", () => {
    const other = (): Promise<[Bench, Model]> =>
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
        await model.volumes.setPersistent("rd0", false, allow);
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
        assert.match(model.state.host.problems.join(), /^rd0 is saved as locked, but can be written; Restore locks it/);
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
    const other = async (): Promise<[Bench, Model]> => {
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
        await model.caches.setPersistent("c", false, allow);
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
    const other = async (): Promise<[Bench, Model]> => {
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
        await model.exports.setPersistent(NQN, false, allow);
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
    const waiting = (): Promise<[Bench, Model]> =>
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
        const one = await bench(hardware);
        one.store.state = {
            volumes: [],
            caches: [{ name: "c", volume: 0, source: "/dev/sdb", mode: "write-through" }],
        };
        const model = await one.restart();
        assert.deepEqual(model.state.host.problems, [
            "c is saved but not there, and rd0, which it needs, is neither there nor saved; create that, or Forget c.",
        ]);
        assert.match((await model.restore(allow)).failed.join(), /c was not restored: There is no volume rd0/);
        await model.volumes.create(64 * MIB, { number: 0 }, allow);
        assert.match(
            model.state.host.problems.join(),
            /c is saved but not there, and the last Restore could not make it: There is no volume rd0 \(ENODEV\)\. Restore tries/,
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

describe("a volume of others under the number of a saved one, of the same size", () => {
    const needing = async (model: Model): Promise<void> => {
        await model.volumes.create(64 * MIB, { persist: true }, allow);
        await model.volumes.create(64 * MIB, { persist: true }, allow);
        await model.caches.create("rd0", "/dev/sdb", "write-through", { name: "c", persist: true }, allow);
        await model.ports.create({ id: 1, transport: "loop", address: "" }, allow);
        await model.exports.create({ device: device("rd1"), nqn: NQN, hosts: [HOST], persist: true }, allow);
    };
    /** Others took all of it away and made volumes of their own. */
    const strangers = (): Promise<[Bench, Model]> =>
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
            model.state.host.problems.includes(`${words}; remove it and Restore, or save it as it is.`),
            model.state.host.problems.join("\n"),
        );
        assert.ok(
            model.state.host.problems.includes(
                `c is saved but not there, and Restore refuses to make it: ${words}. Put that right and Restore, or Forget c.`,
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
        await model.volumes.setPersistent("rd1", true, allow);
        assert.equal(model.state.volumes.get("rd0")?.persistent, true);
        assert.deepEqual((await model.restore(allow)).made, ["c", NQN]);
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
            `c is saved but not there, and Restore refuses to make it: ${words}. Put that right and Restore, or Forget c.`,
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
        const { model, kernel } = await bench(hardware);
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
    const absent = (): Promise<[Bench, Model]> =>
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
        const one = await bench(hardware);
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
        assert.match(await refused("rd0"), /^Busy: rd0 is there; Remove removes it together with its saved entry, /);
        assert.match(
            await refused("rd1"),
            /^Busy: rd1 is there and is another one than the one that is saved: remove it/,
        );
        assert.match(await refused("rd2"), /^NotFound: Nothing is saved under the name "rd2"; what is there/);
        assert.match(await refused("rd9"), /^NotFound: Nothing is saved under the name "rd9"\.$/);
        model.close();
    });
});
