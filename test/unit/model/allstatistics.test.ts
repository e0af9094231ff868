// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** The statistics of everything, read at once. */
import assert from "node:assert/strict";
import { cacheState } from "../../../service/src/model/originfailures.js";
import { KernelError } from "../../../service/src/kernel/port.js";
import { allow, modelFixture, GIB, MIB, type ModelFixture } from "./fixture.js";

const NQN = "nqn.2014-08.org.example:one";

/** Three volumes, of which two hold caches, and exports of the third and of one cache. */
async function withEverything(measureLimit?: number): Promise<ModelFixture> {
    const prepare = ({ sim }: ModelFixture["kernel"]): void => {
        ["sdb", "sdc"].forEach((name) => sim.addDisk({ name, size: GIB }));
        sim.setModule("nvmet", { loaded: true });
    };
    const one = await modelFixture(prepare, undefined, measureLimit === undefined ? {} : { measureLimit });
    const { volumes, caches, exports } = one.model;
    for (const number of [0, 1, 2]) await volumes.create(64 * MIB, { number }, allow);
    await caches.create("rd0", "/dev/sdb", "write-through", { name: "through" }, allow);
    await caches.create("rd1", "/dev/sdc", "writeback", { name: "back" }, allow);
    await exports.create({ device: { kind: "volume", id: "rd2" }, nqn: NQN }, allow);
    await exports.create({ device: { kind: "cache", id: "back" }, nqn: `${NQN}-back` }, allow);
    return one;
}

/** Counts calls of a verb of the kernel, and lets one object's calls end otherwise. */
function watch(
    { kernel }: ModelFixture,
    verb: "statusMapping" | "readRamDisks" | "readAllIoCounters" | "readIoCounters",
    instead: (name: string) => Promise<never> | undefined = () => undefined,
): { calls: number } {
    const seen = { calls: 0 };
    const original = kernel[verb].bind(kernel) as (...args: unknown[]) => Promise<unknown>;
    Object.assign(kernel, {
        [verb]: (...args: unknown[]) => {
            seen.calls += 1;
            return instead(String(args[0])) ?? original(...args);
        },
    });
    return seen;
}

describe("the statistics of everything", () => {
    it("are what each object tells by itself", async () => {
        const one = await withEverything();
        one.kernel.sim.write(2, 0, 3 * MIB);
        const { volumes, caches, exports } = await one.model.statistics.get();
        assert.deepEqual([...volumes.keys()], ["rd0", "rd1", "rd2"]);
        assert.deepEqual([...caches.keys()].sort(), ["back", "through"]);
        assert.deepEqual([...exports.keys()].sort(), [NQN, `${NQN}-back`]);
        for (const [name, values] of volumes) assert.deepEqual(values, await one.model.volumes.statistics(name));
        for (const [name, values] of caches) assert.deepEqual(values, await one.model.caches.statistics(name));
        for (const [nqn, values] of exports) assert.deepEqual(values, await one.model.exportStatistics(nqn));
        assert.equal(volumes.get("rd2")?.used, 3 * MIB);
        one.model.close();
    });

    it("take one reading of the RAM disks and one of the counters, and all who ask meanwhile share one more", async () => {
        const one = await withEverything();
        const [disks, counters, single, status] = [
            watch(one, "readRamDisks"),
            watch(one, "readAllIoCounters"),
            watch(one, "readIoCounters"),
            watch(one, "statusMapping"),
        ];
        await one.model.statistics.get();
        assert.deepEqual([disks.calls, counters.calls, single.calls, status.calls], [1, 1, 0, 2]);
        await Promise.all(Array.from({ length: 20 }, () => one.model.statistics.get()));
        assert.deepEqual([counters.calls, status.calls], [3, 6]);
        one.model.close();
    });

    it("are without what has gone since the state was read", async () => {
        const one = await withEverything();
        one.kernel.sim.otherRemoveMapping("through");
        await one.kernel.detachRamDisk(0);
        const { volumes, caches, exports } = await one.model.statistics.get();
        assert.deepEqual([...volumes.keys()], ["rd1", "rd2"]);
        assert.deepEqual([...caches.keys()], ["back"]);
        assert.equal(exports.size, 2);
        one.model.close();
    });

    it("are without a cache that fails", async () => {
        const one = await withEverything();
        const refuse = (name: string): Promise<never> | undefined =>
            name === "back" ? Promise.reject(new KernelError("EIO", "It failed.")) : undefined;
        watch(one, "statusMapping", refuse);
        const { volumes, caches } = await one.model.statistics.get();
        assert.deepEqual([volumes.size, [...caches.keys()]], [3, ["through"]]);
        one.model.close();
    });

    it("are without a cache that does not answer, for which nobody waits twice", async () => {
        const one = await withEverything(50);
        let answer = (): void => undefined;
        const hanging = new Promise<never>((_resolve, reject) => {
            answer = () => reject(new KernelError("ETIMEDOUT", "dmsetup did not finish."));
        });
        const hung = watch(one, "statusMapping", (name) => (name === "through" ? hanging : undefined));
        const first = await one.model.statistics.get();
        assert.deepEqual([first.volumes.size, [...first.caches.keys()], hung.calls], [3, ["back"], 2]);
        const second = await one.model.statistics.get();
        assert.deepEqual([second.volumes.size, [...second.caches.keys()], hung.calls], [3, ["back"], 3]);
        answer();
        await new Promise((resolve) => setImmediate(resolve));
        await one.model.statistics.get();
        assert.equal(hung.calls, 5, "it is asked again once it has ended");
        one.model.close();
    });

    it("are without volumes when the RAM disks cannot be read in time, and caches are told", async () => {
        const one = await withEverything(50);
        one.kernel.sim.steps.hangVerb("readRamDisks");
        const { volumes, caches } = await one.model.statistics.get();
        assert.deepEqual([volumes.size, caches.size], [0, 2]);
        one.kernel.sim.steps.releaseHung();
        one.model.close();
    });

    it("put what they say of failed I/O into the state", async () => {
        const one = await withEverything();
        one.kernel.sim.setStatus("through", [...new Array<number>(13).fill(0), 3]);
        const { caches } = await one.model.statistics.get();
        assert.equal(caches.get("through")?.origin_errors, 3);
        assert.equal(cacheState(one.model.caches.get("through")), "origin-errors");
        one.model.close();
    });
});
