// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Nothing waits without end: who stands behind something that hangs is told what, and everything else goes on. */
import assert from "node:assert/strict";
import type { Model } from "../../../service/src/model/model.js";
import { KeyedLock } from "../../../service/src/model/lock.js";
import { userLine } from "../../../service/src/model/users.js";
import { allow, modelFixture, failure, GIB, MIB, type ModelFixture } from "./fixture.js";
import { HOST, NQN, target } from "./exports.js";

/** A turn of the event loop after which everything has run that can. */
const rest = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn++) {
        await new Promise((resolve) => setImmediate(resolve));
    }
};

/** A lock of which nobody waits longer than a moment. */
const IMPATIENT = { waitLimit: 1, readBackLimit: 1 };

describe("the keyed lock tells who waits too long what keeps the object busy", () => {
    it("by the name of the work, and lets others go on", async () => {
        const lock = new KeyedLock(1);
        let end = (): void => undefined;
        const hanging = lock.run(
            "cache-flush of c",
            ["2 cache c"],
            () => new Promise<void>((resolve) => (end = resolve)),
        );
        const error = await failure(
            lock.run("cache-remove of c", ["1 device rd0", "2 cache c"], async () => undefined),
        );
        assert.equal(error.kind, "Busy");
        assert.match(
            error.message,
            /^The cache c is busy: cache-flush of c has been under way for \d+ s; .* \(EBUSY\)\.$/,
        );
        assert.equal(await lock.run("volume-erase of rd0", ["1 device rd0"], async () => "done"), "done");
        end();
        await hanging;
        assert.equal(await lock.run("cache-remove of c", ["2 cache c"], async () => "done"), "done");
    });

    it("at once when the work has ended and only the kernel has not, also those who wait already", async () => {
        const lock = new KeyedLock();
        let cancel = (): void => undefined;
        let end = (): void => undefined;
        const first = lock.run("cache-flush of c", ["2 cache c"], async (keep) => {
            keep(new Promise<void>((resolve) => (end = resolve)), "the kernel still writes what c held");
            await new Promise<void>((resolve) => (cancel = resolve));
        });
        const waiting = failure(lock.run("cache-remove of c", ["2 cache c"], async () => undefined));
        await rest();
        cancel();
        await first;
        assert.match((await waiting).message, /The cache c is busy: the kernel still writes what c held; try again/);
        const later = await failure(lock.run("cache-mode of c", ["2 cache c"], async () => undefined));
        assert.match(later.message, /the kernel still writes what c held/);
        end();
        await rest();
        assert.equal(await lock.run("cache-remove of c", ["2 cache c"], async () => "done"), "done");
    });

    it("and who waits holds nothing that others need", async () => {
        const lock = new KeyedLock();
        let end = (): void => undefined;
        const hanging = lock.run("a", ["1 device a"], () => new Promise<void>((resolve) => (end = resolve)));
        const waiting = lock.run("a and b", ["1 device a", "1 device b"], async () => "both");
        assert.equal(await lock.run("b", ["1 device b"], async () => "b alone"), "b alone");
        end();
        await hanging;
        assert.equal(await waiting, "both");
    });
});

/** rd0 as a writeback cache of sdb, rd1 free; the next flush hangs. */
async function hungFlush(): Promise<{ one: ModelFixture; model: Model; flush: Promise<void> }> {
    const one = await modelFixture(({ sim }) => sim.addDisk({ name: "sdb", size: GIB }), undefined, IMPATIENT);
    const { model } = one;
    await model.volumes.create(64 * MIB, {}, allow);
    await model.volumes.create(64 * MIB, {}, allow);
    await model.caches.create("rd0", "/dev/sdb", "writeback", { name: "c" }, allow);
    one.kernel.sim.steps.resetSteps();
    one.kernel.sim.steps.hangStep(1);
    const flush = model.caches.flush("c", allow);
    flush.catch(() => undefined);
    await rest();
    return { one, model, flush };
}

function close({ kernel, model }: ModelFixture): void {
    kernel.sim.steps.releaseHung();
    model.close();
}

describe("behind a flush that hangs", () => {
    it("volumes are made and resized, its own as well, and other caches are made", async () => {
        const { one, model } = await hungFlush();
        await model.volumes.create(MIB, {}, allow);
        await model.volumes.resize("rd1", 128 * MIB, allow);
        await model.volumes.resize("rd0", 128 * MIB, allow);
        await model.volumes.setPersistent("rd0", true, allow);
        close(one);
    });

    it("what needs the cache is told so, before and after the flush was cancelled, and the flush is a job", async () => {
        const { one, model, flush } = await hungFlush();
        const needs: [string, () => Promise<unknown>][] = [
            ["remove", () => model.caches.remove("c", allow)],
            ["save", () => model.caches.setPersistent("c", true, allow)],
            ["reset", () => model.caches.resetStatistics("c", allow)],
            ["flush", () => model.caches.flush("c", allow)],
        ];
        for (const [name, run] of needs) {
            const error = await failure(run());
            assert.equal(error.kind, "Busy", name);
            assert.match(error.message, /The cache c is busy: cache-flush of c has been under way for \d+ s/);
        }
        const job = model.jobs.views.find(({ state }) => state === "running");
        assert.equal(job?.operation, "cache-flush");
        await model.cancelJob(job?.id ?? "", allow);
        assert.equal((await failure(flush)).kind, "Cancelled");
        await rest();
        for (const [name, run] of needs) {
            const error = await failure(run());
            assert.equal(error.kind, "Busy", name);
            assert.match(error.message, /the kernel still writes what c held when its flush was cancelled \(job \d+\)/);
        }
        one.kernel.sim.steps.releaseHung();
        await rest();
        await model.caches.remove("c", allow);
        close(one);
    });
});

describe("behind a reading of the kernel that takes long", () => {
    it("the block devices are told as they were last read, and again once they are read", async () => {
        const one = await modelFixture(({ sim }) => sim.addDisk({ name: "sdb", size: GIB }), undefined, IMPATIENT);
        const { model, kernel } = one;
        const { refresher } = model["context"];
        const names = async () => (await model.resources()).map(({ device }) => device.name);
        assert.deepEqual(await names(), ["sdb"]);
        const snapshot = kernel.snapshot.bind(kernel);
        let goOn = (): void => undefined;
        const hangs = new Promise<void>((resolve) => (goOn = resolve));
        kernel.snapshot = () => hangs.then(snapshot);
        kernel.sim.addDisk({ name: "sdc", size: GIB });
        refresher.last!.at -= 2000; // It is older than anybody who asks would take it, if it could be had again.
        assert.deepEqual(await names(), ["sdb"]);
        goOn();
        await refresher.refresh();
        assert.deepEqual(await names(), ["sdb", "sdc"]);
        close(one);
    });
});

describe("behind a volume that hangs while it is made", () => {
    it("others are made, of the RAM that is left, and the one of its name is refused as busy", async () => {
        const settings = { limit: { bytes: 100 * MIB }, reserve: { bytes: 0 } };
        const one = await modelFixture(undefined, settings, IMPATIENT);
        const { model, kernel } = one;
        kernel.sim.steps.hangStep(1);
        const hanging = model.volumes.create(60 * MIB, { number: 7 }, allow);
        await rest();
        assert.equal(await model.volumes.create(20 * MIB, {}, allow), "rd0");
        const error = await failure(model.volumes.create(30 * MIB, {}, allow));
        assert.equal(error.kind, "NoMemory");
        assert.equal(await model.memoryFree(), 20 * MIB);
        const same = await failure(model.volumes.create(MIB, { number: 7 }, allow));
        assert.match(same.message, /The device rd7 is busy: volume-create of rd7 has been under way/);
        kernel.sim.steps.releaseHung();
        assert.equal(await hanging, "rd7");
        assert.equal(await model.memoryFree(), 20 * MIB);
        await model.volumes.resize("rd0", 40 * MIB, allow);
        assert.equal(await model.memoryFree(), 0);
        close(one);
    });

    it("RAM that was admitted twice at once is found out", async () => {
        const settings = { limit: { bytes: 100 * MIB }, reserve: { bytes: 0 } };
        const one = await modelFixture(undefined, settings);
        const results = await Promise.allSettled([
            one.model.volumes.create(60 * MIB, {}, allow),
            one.model.volumes.create(60 * MIB, {}, allow),
        ]);
        assert.deepEqual(results.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
        close(one);
    });
});

describe("behind a step on the NVMe target that hangs", () => {
    it("volumes go on, and what needs the target is told what keeps it busy", async () => {
        const one = await modelFixture(target, undefined, IMPATIENT);
        const { model, kernel } = one;
        await model.volumes.create(MIB, {}, allow);
        await model.volumes.create(MIB, {}, allow);
        kernel.sim.steps.resetSteps();
        kernel.sim.steps.hangStep(2);
        const create = (id: string, nqn: string): Promise<string> =>
            model.exports.create({ device: { kind: "volume", id }, nqn, hosts: [HOST], ports: [2] }, allow);
        const hanging = create("rd0", NQN);
        await rest();
        await model.volumes.resize("rd1", 2 * MIB, allow);
        const error = await failure(create("rd1", `${NQN}-other`));
        assert.equal(error.kind, "Busy");
        assert.match(error.message, new RegExp(`The NVMe target is busy: export-create of ${NQN} has been under way`));
        const device = await failure(model.volumes.erase("rd0", allow));
        assert.match(device.message, /The device rd0 is busy: export-create of/);
        kernel.sim.steps.releaseHung();
        await hanging;
        close(one);
    });
});

describe("while a reading of everything hangs", () => {
    it("volumes are made, shown, saved and removed, and exports changed", async () => {
        const one = await modelFixture(target, undefined, IMPATIENT);
        const { model, kernel } = one;
        await model.volumes.create(MIB, {}, allow);
        await model.exports.create({ device: { kind: "volume", id: "rd0" }, nqn: NQN, hosts: [HOST] }, allow);
        kernel.sim.steps.hangVerb("snapshot");
        void model.refresh();
        assert.equal(await model.volumes.create(MIB, {}, allow), "rd1");
        assert.ok(model.state.volumes.has("rd1"));
        await model.freshUsage(0);
        await model.volumes.setPersistent("rd1", true, allow);
        assert.equal(model.state.volumes.get("rd1")?.persistent, true);
        await model.exports.removePort(NQN, 1, allow);
        assert.deepEqual(model.state.exports.get(NQN)?.ports, [2]);
        await model.volumes.remove("rd1", allow);
        assert.ok(!model.state.volumes.has("rd1"));
        close(one);
    });

    it("a cache that was made is told as made, and shown once the kernel answers", async () => {
        const one = await modelFixture(({ sim }) => sim.addDisk({ name: "sdb", size: GIB }), undefined, IMPATIENT);
        const { model, kernel } = one;
        await model.volumes.create(MIB, {}, allow);
        const create = kernel.createMapping.bind(kernel);
        kernel.createMapping = async (...args) => {
            await create(...args);
            kernel.sim.steps.hangVerb("snapshot");
        };
        assert.equal(await model.caches.create("rd0", "/dev/sdb", "write-through", { name: "c" }, allow), "c");
        assert.match(one.lines.join("\n"), /What a change came to could not be read in time/);
        kernel.sim.steps.releaseHung();
        await model.refresh();
        assert.ok(model.state.caches.has("c"));
        close(one);
    });

    it("an older reading of everything takes nothing from a volume that was read alone since, nor is it lost for it", async () => {
        const one = await modelFixture();
        const { model, kernel } = one;
        const snapshot = kernel.snapshot.bind(kernel);
        let answer = (): void => undefined;
        kernel.snapshot = async () => {
            const read = structuredClone(await snapshot());
            await new Promise<void>((resolve) => (answer = resolve));
            return read;
        };
        kernel.sim.otherAttach(5, MIB);
        const old = model.refresh();
        await rest();
        await model.volumes.create(MIB, { number: 0 }, allow);
        assert.deepEqual([...model.state.volumes.keys()], ["rd0"]);
        answer();
        await old;
        assert.deepEqual([...model.state.volumes.keys()], ["rd0", "rd5"]);
        kernel.snapshot = snapshot;
        kernel.sim.otherDetach(0);
        await model.refresh();
        assert.deepEqual([...model.state.volumes.keys()], ["rd5"]);
        close(one);
    });

    it("what an older reading says does not replace what a younger one said", async () => {
        const one = await modelFixture(target);
        const { model, kernel } = one;
        const snapshot = kernel.snapshot.bind(kernel);
        let answer = (): void => undefined;
        kernel.snapshot = async () => {
            const read = structuredClone(await snapshot());
            await new Promise<void>((resolve) => (answer = resolve));
            return read;
        };
        const old = model.refresh();
        await rest();
        await model.volumes.create(MIB, {}, allow);
        const device = { kind: "volume" as const, id: "rd0" };
        await model.exports.create({ device, nqn: NQN, hosts: [HOST], ports: [2] }, allow);
        answer();
        await old;
        assert.deepEqual(model.state.volumes.get("rd0")?.users.map(userLine), [`exported as ${NQN}`]);
        assert.deepEqual(model.state.exports.get(NQN)?.backing, device);
        close(one);
    });
});

describe("a change that is done is not reported as failed because the kernel cannot be read then", () => {
    for (const [what, verb] of [
        ["RAM disks", "readRamDisks"],
        ["the NVMe target, for the hosts that have it", "readNvmet"],
    ] as const) {
        it(`growing a volume, when ${what} cannot be read`, async () => {
            const one = await modelFixture(target);
            const { model, kernel } = one;
            await model.volumes.create(64 * MIB, { persist: true }, allow);
            const resize = kernel.resizeRamDisk.bind(kernel);
            kernel.resizeRamDisk = async (...args) => {
                await resize(...args);
                kernel.sim.steps.failVerb(verb, "EIO");
            };
            await model.volumes.resize("rd0", 128 * MIB, allow);
            assert.deepEqual(one.store.state.volumes, [{ number: 0, size: 128 * MIB, readOnly: false }]);
            assert.match(
                one.lines.join("\n"),
                verb === "readNvmet" ? /hosts could not be told of the new size/ : /EIO/,
            );
            close(one);
        });
    }
});
