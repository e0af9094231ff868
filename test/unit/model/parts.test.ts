// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { admit, DEFAULT_MEMORY, memoryFree } from "../../../service/src/model/admission.js";
import type { ModelError } from "../../../service/src/model/errors.js";
import { KeyedLock } from "../../../service/src/model/lock.js";
import { cacheInterface } from "../../../service/src/generated/specs.js";
import { THROUGH_STATISTICS, WRITEBACK_STATISTICS } from "../../../service/src/statisticnames.js";
import { parseCacheStatus } from "../../../service/src/model/statistics.js";
import { cacheTable, parseCacheTable } from "../../../service/src/model/tables.js";
import { allow, modelFixture, failure, GIB, MIB } from "./fixture.js";

const disk = (size: number, used: number) => ({
    number: 0,
    size,
    used,
    errors: 0,
    highestWritten: 0,
    readOnly: false,
    populated: false,
});
const asking = (growth: number, atOnce = false) => ({ what: "rd9", growth, atOnce });
const mapping = (type: string, params: string) => ({
    name: "m",
    uuid: "",
    device: "dm-0",
    devno: "253:0",
    suspended: false,
    targets: [{ start: 0, length: 8, type, params }],
});

describe("admission", () => {
    const memory = { total: 10 * GIB, available: 9 * GIB };
    const cases: [string, number, ReturnType<typeof disk>[], typeof memory, boolean][] = [
        ["up to the limit", 8 * GIB, [], memory, true],
        ["a byte over the limit", 8 * GIB + 512, [], memory, false],
        ["what the others leave of the limit", 3 * GIB, [disk(5 * GIB, 0)], memory, true],
        ["more than the others leave of the limit", 3 * GIB + 512, [disk(5 * GIB, 5 * GIB)], memory, false],
        ["what is available above the reserve", 1 * GIB, [], { total: 10 * GIB, available: 2 * GIB }, true],
        ["what would eat the reserve", 1.5 * GIB, [], { total: 10 * GIB, available: 2 * GIB }, false],
        ["what others have yet to fill", 1 * GIB, [disk(GIB, 0)], { total: 10 * GIB, available: 2.5 * GIB }, false],
        ["what others have filled already", 1 * GIB, [disk(GIB, GIB)], { total: 10 * GIB, available: 2.5 * GIB }, true],
    ];
    for (const [what, size, disks, host, allowed] of cases) {
        it(`${allowed ? "grants" : "refuses"} ${what}`, () => {
            const work = (): void => admit(asking(size), disks, host, DEFAULT_MEMORY);
            if (allowed) {
                work();
            } else {
                assert.throws(
                    work,
                    (error: ModelError) => error.kind === "NoMemory" && error.message.includes("asks for"),
                );
            }
        });
    }

    it("counts what a populated volume holds as filled, and says when what is asked for is taken at once", () => {
        const filled = [{ ...disk(2 * GIB, 2 * GIB), populated: true }];
        const host = { total: 10 * GIB, available: 3 * GIB };
        assert.equal(memoryFree(filled, host, DEFAULT_MEMORY), Math.ceil(2.2 * GIB));
        assert.throws(
            () => admit(asking(3 * GIB, true), filled, host, DEFAULT_MEMORY),
            (error: ModelError) =>
                error.kind === "NoMemory" && /asks for 3 GiB at once \(populate\) but/.test(error.message),
        );
    });

    it("says beforehand how much it grants", () => {
        for (const [, , disks, host] of cases) {
            const free = memoryFree(disks, host, DEFAULT_MEMORY);
            admit(asking(free), disks, host, DEFAULT_MEMORY);
            assert.throws(() => admit(asking(free + 1), disks, host, DEFAULT_MEMORY));
        }
    });

    it("counts volumes made at the same time one after another", async () => {
        const { model } = await modelFixture(undefined, { limit: { bytes: 10 * MIB }, reserve: { bytes: 0 } });
        const results = await Promise.allSettled(
            Array.from({ length: 20 }, () => model.volumes.create(MIB, {}, allow)),
        );
        assert.equal(results.filter(({ status }) => status === "fulfilled").length, 10);
        assert.equal(model.state.host.memoryCommitted, 10 * MIB);
    });

    it("holds for growing too", async () => {
        const { model } = await modelFixture(undefined, { limit: { bytes: 10 * MIB }, reserve: { bytes: 0 } });
        await model.volumes.create(8 * MIB, {}, allow);
        assert.equal((await failure(model.volumes.resize("rd0", 11 * MIB, allow))).kind, "NoMemory");
        await model.volumes.resize("rd0", 10 * MIB, allow);
    });
});

describe("table lines", () => {
    it("are what the modules and dm-writecache take", () => {
        assert.deepEqual(cacheTable("write-around", "/dev/sdb", 4 * MIB, "/dev/rd0", MIB), {
            length: 8192,
            type: "rapiddisk-cache",
            params: "/dev/sdb /dev/rd0 2048 1",
        });
        assert.deepEqual(cacheTable("writeback", "/dev/sdb", 4 * MIB, "/dev/rd0", MIB), {
            length: 8192,
            type: "writecache",
            params: "s /dev/sdb /dev/rd0 4096 0",
        });
    });

    const lines: [string, string, string, string | undefined][] = [
        ["no mode", "rapiddisk-cache", "8:16 252:0 2048", "write-through"],
        ["mode 0", "rapiddisk-cache", "8:16 252:0 2048 0 512", "write-through"],
        ["mode 1", "rapiddisk-cache", "8:16 252:0 2048 1", "write-around"],
        ["mode passthrough", "rapiddisk-cache", "8:16 252:0 2048 passthrough 512", "pass-through"],
        ["writecache", "writecache", "s 8:16 252:0 4096 0", "writeback"],
        [
            "the old description",
            "rapiddisk-cache",
            "conf:\n\tRapidDisk dev (/dev/rd0), disk dev (/dev/sdb) mode (WRITETHROUGH)\n\tcapacity(64M), associativity(512), block size(4K)\n\ttotal blocks(16384), cached blocks(0)",
            "write-through",
        ],
        ["another target", "linear", "8:16 0", undefined],
        ["nonsense", "rapiddisk-cache", "", undefined],
    ];
    for (const [what, type, params, mode] of lines) {
        it(`with ${what} are understood`, () => {
            const table = parseCacheTable(mapping(type, params));
            assert.equal(table?.mode, mode);
            if (what === "the old description") {
                assert.deepEqual(table, {
                    source: "/dev/sdb",
                    cache: "/dev/rd0",
                    cacheSize: 64 * MIB,
                    mode: "write-through",
                    blockSize: 4096,
                });
            }
        });
    }
});

describe("cache status", () => {
    it("of an unexpected form is an error that says so", () => {
        assert.throws(() => parseCacheStatus("m", false, ""), /has 0 numbers; at least 13/);
        assert.throws(() => parseCacheStatus("m", true, "1 2"), /at least 4/);
    });

    it("has the statistics that the description of the interface promises, in its order", () => {
        const doc = cacheInterface.methods.GetStatistics?.out[0]?.doc ?? "";
        assert.ok(doc.includes(` ${THROUGH_STATISTICS.join(", ")} (t each)`), doc);
        assert.ok(doc.includes(` ${WRITEBACK_STATISTICS.join(", ")} (t each)`), doc);
    });

    it("of an old writecache has zeros for what it does not count", () => {
        assert.equal(parseCacheStatus("m", true, "0 100 90 0").num_read_req, 0);
    });
});

describe("the keyed lock", () => {
    it("runs work on one object in order, and on different objects at once", async () => {
        const lock = new KeyedLock();
        const order: string[] = [];
        const work = (name: string, turns: number) => async (): Promise<void> => {
            order.push(`${name}(`);
            for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
            order.push(`)${name}`);
        };
        await Promise.all([
            lock.run("1", ["a"], work("1", 20)),
            lock.run("2", ["a"], work("2", 1)),
            lock.run("3", ["b"], work("3", 5)),
        ]);
        assert.deepEqual(order, ["1(", "3(", ")3", ")1", "2(", ")2"]);
    });

    it("cannot be led into a deadlock by the order of keys, and is free after a failure", async () => {
        const lock = new KeyedLock();
        const both = Array.from({ length: 50 }, (_, index) =>
            lock.run(
                "both",
                index % 2 ? ["a", "b"] : ["b", "a"],
                async () => new Promise((resolve) => setImmediate(resolve)),
            ),
        );
        await Promise.all(both);
        await assert.rejects(
            lock.run("failing", ["a"], async () => {
                throw new Error("failed");
            }),
        );
        await lock.run("last", ["a", "b"], async () => undefined);
    });
});

describe("restore", () => {
    it("makes what is saved and not there, caches after volumes, and says what could not be made", async () => {
        const one = await modelFixture((sim) => sim.sim.addDisk({ name: "sdb", size: GIB, byId: ["blue"] }));
        one.store.state = {
            volumes: [
                { number: 3, size: 64 * MIB, readOnly: false },
                { number: 4, size: 900 * GIB, readOnly: false },
                { number: 5, size: MIB, readOnly: true },
            ],
            caches: [
                { name: "upper", volume: 5, source: "/dev/mapper/lower", mode: "write-around" },
                { name: "lower", volume: 3, source: "/dev/disk/by-id/blue", mode: "write-through" },
                { name: "lost", volume: 3, source: "/dev/disk/by-id/gone", mode: "write-through" },
            ],
        };
        const model = await one.restart();
        assert.equal(model.state.host.problems.length, 6);
        const { made, failed } = await model.restore(allow);
        assert.deepEqual(made, ["rd3", "rd5", "lower"]);
        assert.match(failed.join("\n"), /rd4 was not restored: .*900 GiB/);
        assert.match(failed.join("\n"), /lost was not restored: /);
        assert.match(failed.join("\n"), /upper was not restored: rd5 is locked/);
        assert.equal(model.state.volumes.get("rd5")?.readOnly, true);
        assert.equal(model.state.caches.get("lower")?.persistent, true);
        assert.deepEqual((await model.restore(allow)).made, []);
        assert.deepEqual(model.state.host.missing, ["rd4", "upper", "lost"]);
        await model.forget("rd4", allow);
        assert.deepEqual(model.state.host.missing, ["upper", "lost"]);
        assert.equal((await failure(model.forget("rd3", allow))).kind, "Busy");
        assert.equal((await failure(model.forget("rd99", allow))).kind, "NotFound");
        assert.deepEqual(
            one.store.state.volumes.map((entry) => entry.number),
            [3, 5],
        );
    });

    it("leaves a damaged saved state alone, and says so", async () => {
        const one = await modelFixture();
        one.store.damage = "The saved state is damaged.";
        const model = await one.restart();
        assert.deepEqual(model.state.host.problems, ["The saved state is damaged."]);
        const error = await failure(model.volumes.create(MIB, { persist: true }, allow));
        assert.equal(error.message, "The saved state is damaged.");
        assert.deepEqual(await one.kernel.readRamDisks(), []);
        await model.volumes.create(MIB, {}, allow);
    });
});

describe("modules", () => {
    it("are loaded when missing, and named", async () => {
        const { model } = await modelFixture((sim) => sim.sim.setModule("rapiddisk", { loaded: false }));
        const exports = ["nvmet", "nvmet_tcp", "nvme_loop"];
        assert.deepEqual(await model.loadModules(allow), ["rapiddisk", "dm_writecache", ...exports]);
        assert.deepEqual(await model.loadModules(allow), []);
        assert.equal(model.state.host.modules.rapiddisk, true);
    });

    it("that are not installed are named in the refusal, and their features are not offered", async () => {
        const { model } = await modelFixture((sim) =>
            sim.sim.setModule("dm_writecache", { loaded: false, available: false }),
        );
        const error = await failure(model.loadModules(allow));
        assert.match(error.message, /dm_writecache/);
        const exports = ["nvme-tcp", "nvme-rdma", "nvme-loop"];
        assert.deepEqual(model.state.host.features, [
            "volumes",
            "cache-write-through",
            "cache-write-around",
            ...exports,
        ]);
    });
});
