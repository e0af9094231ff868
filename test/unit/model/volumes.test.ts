// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { SimKernel } from "../../../service/src/kernel/index.js";
import { KernelError } from "../../../service/src/kernel/port.js";
import type { Model } from "../../../service/src/model/model.js";
import type { Volume } from "../../../service/src/model/types.js";
import { retryWhileBusy } from "../../../service/src/model/retrybusy.js";
import { allow, modelFixture, failure, GIB, MIB, RecordingAuthorizer } from "./fixture.js";

/** Notes of which RAM disks each reading is; undefined: of all. */
function spy(kernel: SimKernel): (readonly number[] | undefined)[] {
    const read = kernel.readRamDisks.bind(kernel);
    const readings: (readonly number[] | undefined)[] = [];
    kernel.readRamDisks = (numbers) => {
        readings.push(numbers);
        return read(numbers);
    };
    return readings;
}

describe("volumes", () => {
    it("get the lowest free number, from 0", async () => {
        const { model, kernel } = await modelFixture((sim) => sim.sim.otherAttach(1, MIB));
        assert.equal(await model.volumes.create(MIB, {}, allow), "rd0");
        assert.equal(await model.volumes.create(MIB, {}, allow), "rd2");
        await model.volumes.remove("rd0", allow);
        assert.equal(await model.volumes.create(MIB, {}, allow), "rd0");
        assert.deepEqual((await kernel.readRamDisks()).map((disk) => disk.number).sort(), [0, 1, 2]);
    });

    it("that are made or changed are read alone, while all that there are may fill up", async () => {
        const { model, kernel } = await modelFixture((sim) => sim.sim.otherAttach(1, MIB));
        const readings = spy(kernel);
        await model.volumes.create(MIB, {}, allow);
        assert.deepEqual([...model.state.volumes.keys()], ["rd0", "rd1"]);
        assert.equal(model.state.host.memoryCommitted, 2 * MIB);
        await model.volumes.resize("rd0", 2 * MIB, allow);
        assert.equal(model.state.host.memoryCommitted, 3 * MIB);
        await model.volumes.setReadOnly("rd0", true, allow);
        await model.volumes.remove("rd0", allow);
        assert.deepEqual([...model.state.volumes.keys()], ["rd1"]);
        assert.deepEqual(
            readings.filter((numbers) => String(numbers) !== "0"),
            [],
        );
    });

    it("are all read for one that is made while RAM is short, or that others made meanwhile are not known", async () => {
        const { model, kernel } = await modelFixture((sim) => {
            sim.sim.setMemory({ total: 64 * GIB, available: 20 * GIB });
            sim.sim.otherAttach(1, 12 * GIB);
            sim.sim.write(1, 0, 12 * GIB);
        });
        const readings = spy(kernel);
        await model.volumes.create(8 * GIB, {}, allow);
        assert.equal(readings.filter((numbers) => numbers === undefined).length, 1);
        kernel.sim.setMemory({ available: 60 * GIB });
        kernel.sim.setEventsLost(true);
        kernel.sim.otherAttach(7, 30 * GIB);
        const refused = await failure(model.volumes.create(4 * GIB, {}, allow));
        assert.match(refused.message, /volumes have 50 GiB of the 51.2 GiB/);
    });

    it("are read alone when the usage of one is asked for, and all when more than that changed", async () => {
        const { model, kernel } = await modelFixture((sim) => {
            for (let number = 0; number < 3; number++) sim.sim.otherAttach(number, MIB);
        });
        const readings = spy(kernel);
        kernel.sim.setEventsLost(true);
        kernel.sim.write(1, 0, 8192);
        await sleep(60);
        await Promise.all([model.freshUsage(50, 1), model.freshUsage(50, 1)]);
        assert.deepEqual(readings, [[1]]);
        assert.equal(model.state.usageOf("rd1").used, 8192);
        kernel.sim.otherResize(2, 2 * MIB);
        await model.freshUsage(50, 2);
        assert.deepEqual(readings, [[1], [2], undefined]);
        assert.equal(model.state.volumes.get("rd2")?.size, 2 * MIB);
        kernel.sim.otherDetach(0);
        await model.freshUsage(0, 0);
        assert.deepEqual([...model.state.volumes.keys()], ["rd1", "rd2"]);
    });

    it("that are made at once and saved are all noted as the saved ones, with few writes", async () => {
        const one = await modelFixture();
        const save = one.store.save.bind(one.store);
        let saves = 0;
        one.store.save = async (state) => {
            saves++;
            await sleep(5);
            await save(state);
        };
        const numbers = Array.from({ length: 16 }, (_, number) => number);
        await Promise.all(numbers.map((number) => one.model.volumes.create(MIB, { number, persist: true }, allow)));
        assert.deepEqual(
            Object.keys(one.ownership.owned.matched ?? {}).sort(),
            numbers.map((number) => `volume ${number}`).sort(),
        );
        assert.equal(one.store.state.volumes.length, 16);
        assert.ok(saves < 16, `${saves} saves`);
        const model = await one.restart();
        assert.ok([...model.state.volumes.values()].every(({ persistent, managed }) => persistent && managed));
        model.close();
    });

    it("have statistics that are fresh when it is told that they are there, without another reading", async () => {
        const { model } = await modelFixture();
        const fresh: boolean[] = [];
        model.listen({
            added: (_kind, _id, object) =>
                void fresh.push(model.freshUsage(50, (object as Volume).number) === undefined),
            changed: () => undefined,
            removed: () => undefined,
        });
        await sleep(60);
        await model.volumes.create(MIB, {}, allow);
        assert.deepEqual(fresh, [true]);
        assert.notEqual(model.freshUsage(50), undefined, "of others nothing was read");
    });

    it("made at the same time get different numbers", async () => {
        const { model } = await modelFixture();
        const names = await Promise.all(Array.from({ length: 20 }, () => model.volumes.create(MIB, {}, allow)));
        assert.equal(new Set(names).size, 20);
        assert.equal(model.state.volumes.size, 20);
    });

    it("ask permission with their name and size before anything is done", async () => {
        const { model, kernel } = await modelFixture();
        const authorizer = new RecordingAuthorizer();
        await model.volumes.create(MIB, { persist: true }, authorizer.authorize);
        assert.deepEqual(authorizer.asked, [
            {
                action: "volume-create",
                details: {
                    "volume.name": "rd0",
                    "volume.size": "1048576",
                    "volume.populate": "false",
                    "volume.persist": "true",
                },
            },
        ]);
        const refused = failure(
            model.volumes.remove("rd0", async () => {
                throw new Error("no");
            }),
        );
        assert.equal((await refused).message, "no");
        assert.equal((await kernel.readRamDisks()).length, 1);
    });

    const bad: [string, number, RegExp][] = [
        [
            "not a multiple of 512",
            1048577,
            /^Size 1048577 is not a multiple of 512 bytes; the next larger is 1049088\.$/,
        ],
        ["zero", 0, /^Size 0 is too small; the smallest is 4096 bytes\.$/],
        ["under a page", 512, /too small/],
        ["negative", -4096, /out of range/],
        ["over 2^53", 2 ** 60, /out of range/],
        ["not a number", NaN, /out of range/],
    ];
    for (const [what, size, message] of bad) {
        it(`of a size that is ${what} are refused`, async () => {
            const { model, kernel } = await modelFixture();
            const error = await failure(model.volumes.create(size, {}, allow));
            assert.equal(error.kind, "InvalidArgument");
            assert.match(error.message, message);
            assert.equal(kernel.sim.steps.log.length, 0);
        });
    }

    it("with a number that is taken are refused, and the lowest free one is named", async () => {
        const { model } = await modelFixture();
        await model.volumes.create(MIB, { number: 7 }, allow);
        const error = await failure(model.volumes.create(MIB, { number: 7 }, allow));
        assert.equal(error.kind, "AlreadyExists");
        assert.equal(error.message, "rd7 exists already (EEXIST); the lowest free number is 0.");
    });

    it("with a number out of range are refused", async () => {
        const { model } = await modelFixture();
        const error = await failure(model.volumes.create(MIB, { number: 1048576 }, allow));
        assert.equal(error.message, "Volume number 1048576 is out of range; it must be 0 to 1048575.");
    });

    it("are refused while the module is not loaded, and it is named", async () => {
        const { model } = await modelFixture((sim) => sim.sim.setModule("rapiddisk", { loaded: false }));
        const error = await failure(model.volumes.create(MIB, {}, allow));
        assert.equal(error.kind, "NotSupported");
        assert.match(error.message, /rapiddisk is not loaded/);
    });

    it("grow while in use, and the new size is seen at once", async () => {
        const { model, kernel } = await modelFixture((sim) => {
            sim.sim.otherAttach(0, MIB);
            sim.sim.mount("rd0", "/mnt");
        });
        await model.volumes.resize("rd0", 2 * MIB, allow);
        assert.equal(model.state.volumes.get("rd0")?.size, 2 * MIB);
        assert.equal((await kernel.readRamDisks())[0]?.size, 2 * MIB);
    });

    it("shrink only when nothing uses them and no data lies beyond", async () => {
        const { model, kernel } = await modelFixture((sim) => sim.sim.otherAttach(0, 4 * MIB));
        kernel.sim.write(0, 0, 2 * MIB);
        const error = await failure(model.volumes.resize("rd0", MIB, allow));
        assert.equal(error.kind, "Busy");
        assert.match(error.message, /holds data up to byte 2097152/);
        await model.volumes.resize("rd0", 3 * MIB, allow);
        kernel.sim.mount("rd0", "/mnt");
        const used = await failure(model.volumes.resize("rd0", 2 * MIB + 4096, allow));
        assert.equal(used.message, "rd0 is in use: mounted on /mnt.");
    });

    it("in use are not erased, removed or locked, and every user is named", async () => {
        const { model, kernel } = await modelFixture((sim) => {
            sim.sim.addDisk({ name: "sdb", size: GIB });
            sim.sim.otherAttach(0, 64 * MIB);
            sim.sim.otherCreateMapping("rc-wt_sdb", "", {
                length: GIB / 512,
                type: "rapiddisk-cache",
                params: "/dev/sdb /dev/rd0 131072 0",
            });
            sim.sim.mount("dm-0", "/srv");
        });
        for (const work of [
            () => model.volumes.erase("rd0", allow),
            () => model.volumes.remove("rd0", allow),
            () => model.volumes.setReadOnly("rd0", true, allow),
            () => model.volumes.resize("rd0", MIB, allow),
        ]) {
            const error = await failure(work());
            assert.equal(error.kind, "Busy");
            assert.equal(error.message, "rd0 is in use: cache of rc-wt_sdb, mounted on /srv (through rc-wt_sdb).");
        }
        assert.equal(kernel.sim.steps.log.length, 0);
    });

    it("that a process has open are refused by the kernel, and the process is named", async () => {
        const { model, kernel } = await modelFixture((sim) => sim.sim.otherAttach(0, MIB));
        kernel.sim.open("rd0", "dd", 4711);
        const error = await failure(model.volumes.remove("rd0", allow));
        assert.equal(error.kind, "Busy");
        assert.equal(error.message, "rd0 is in use: opened by dd (pid 4711).");
    });

    it("that only udev has open for a moment are waited for", async () => {
        const { model, kernel } = await modelFixture((sim) => sim.sim.otherAttach(0, MIB));
        kernel.sim.open("rd0", "(udev-worker)", 99);
        setTimeout(() => kernel.sim.closeOpener("rd0", 99), 50);
        await model.volumes.remove("rd0", allow);
        assert.deepEqual(await kernel.readRamDisks(), []);
    });

    it("that a slow udev has open are waited for, and the job says for whom", async () => {
        const said: string[] = [];
        const jobs = { say: (id: string, message: string) => said.push(`${id}: ${message}`) };
        const kernel = { findOpeners: async () => ["(udev-worker) (pid 99)", "blkid (pid 100)"] };
        let tries = 0;
        const detach = async (): Promise<void> => {
            if (++tries <= 18) {
                throw new KernelError("EBUSY", "it is in use");
            }
        };
        const paused: number[] = [];
        await retryWhileBusy({ kernel, jobs }, "rd0", "rd0", detach, async (ms) => void paused.push(ms));
        assert.equal(paused.length, 18);
        assert.ok(paused.reduce((sum, ms) => sum + ms, 0) > 10_000);
        assert.deepEqual(
            [...new Set(said)],
            ["rd0: Waiting until (udev-worker) (pid 99), blkid (pid 100) has closed rd0.", "rd0: "],
        );
        tries = -100;
        const never = retryWhileBusy({ kernel, jobs }, "rd0", "rd0", detach, async () => undefined);
        assert.match((await failure(never)).message, /rd0 is in use: \(udev-worker\)/);
    });

    it("that are locked are not erased", async () => {
        const { model } = await modelFixture((sim) => sim.sim.otherAttach(0, MIB));
        await model.volumes.setReadOnly("rd0", true, allow);
        const error = await failure(model.volumes.erase("rd0", allow));
        assert.equal(error.message, "rd0 is locked (EROFS); unlock it before erasing.");
        await model.volumes.setReadOnly("rd0", false, allow);
        await model.volumes.erase("rd0", allow);
    });

    it("give their memory back when erased", async () => {
        const { model, kernel } = await modelFixture((sim) => sim.sim.otherAttach(0, MIB));
        kernel.sim.write(0, 0, 65536);
        await model.volumes.erase("rd0", allow);
        assert.deepEqual(await model.volumes.statistics("rd0"), {
            used: 0,
            errors: 0,
            highest_written: 0,
            read_ios: 0,
            read_bytes: 0,
            read_ms: 0,
            write_ios: 1,
            write_bytes: 65536,
            write_ms: 0,
            discard_ios: 0,
            discard_bytes: 0,
            in_flight: 0,
            io_ms: 0,
        });
    });

    it("that are not there are told so", async () => {
        const { model } = await modelFixture();
        for (const work of [
            model.volumes.erase("rd9", allow),
            model.volumes.remove("rd9", allow),
            model.volumes.resize("rd9", MIB, allow),
            model.volumes.setReadOnly("rd9", true, allow),
            model.volumes.setPersistent("rd9", true, allow),
            model.volumes.statistics("rd9"),
        ]) {
            const error = await failure(work);
            assert.equal(error.kind, "NotFound");
            assert.equal(error.message, "There is no volume rd9.");
        }
    });

    it("that persist are saved, and follow resize, lock and removal", async () => {
        const { model, store } = await modelFixture();
        await model.volumes.create(MIB, { persist: true }, allow);
        await model.volumes.resize("rd0", 2 * MIB, allow);
        await model.volumes.setReadOnly("rd0", true, allow);
        assert.deepEqual(store.state.volumes, [{ number: 0, size: 2 * MIB, readOnly: true }]);
        assert.equal(model.state.volumes.get("rd0")?.persistent, true);
        await model.volumes.setPersistent("rd0", false, allow);
        assert.deepEqual(store.state.volumes, []);
        assert.equal(model.state.volumes.get("rd0")?.persistent, false);
        await model.volumes.setPersistent("rd0", true, allow);
        await model.volumes.remove("rd0", allow);
        assert.deepEqual(store.state.volumes, []);
    });

    it("over the module's own limit are refused with its errno", async () => {
        const { model } = await modelFixture((sim) => sim.sim.setMaxRamDisks(1));
        await model.volumes.create(MIB, {}, allow);
        const error = await failure(model.volumes.create(MIB, {}, allow));
        assert.match(error.message, /ENOSPC/);
    });
});

describe("volumes made outside", () => {
    const managed = (model: Model, name: string) => model.state.volumes.get(name)?.managed;

    it("are told from those that the service made, also after it was started again", async () => {
        const one = await modelFixture((sim) => sim.sim.otherAttach(7, MIB));
        await one.model.volumes.create(MIB, {}, allow);
        assert.deepEqual([managed(one.model, "rd0"), managed(one.model, "rd7")], [true, false]);
        await one.model.refresh();
        assert.deepEqual([managed(one.model, "rd0"), managed(one.model, "rd7")], [true, false]);
        const again = await one.restart();
        assert.deepEqual([managed(again, "rd0"), managed(again, "rd7")], [true, false]);
    });

    it("are not taken for one of the service whose name they have", async () => {
        const one = await modelFixture();
        const others = (): void => {
            one.kernel.sim.otherDetach(0);
            one.kernel.sim.otherAttach(0, MIB);
        };
        await one.model.volumes.create(MIB, {}, allow);
        others();
        await one.model.refresh();
        assert.equal(managed(one.model, "rd0"), false);
        await one.model.volumes.remove("rd0", allow);
        await one.model.volumes.create(MIB, {}, allow);
        assert.equal(managed(one.model, "rd0"), true);
        one.model.close();
        others();
        assert.equal(managed(await one.restart(), "rd0"), false);
        assert.deepEqual(one.ownership.owned.volumes, []);
    });

    it("are none that was made again as it is saved, nor one over whose making the service died", async () => {
        const one = await modelFixture();
        await one.model.volumes.create(MIB, { persist: true }, allow);
        one.kernel.sim.otherDetach(0);
        await one.model.refresh();
        await one.model.restore(allow);
        assert.equal(managed(one.model, "rd0"), true);

        one.kernel.sim.steps.resetSteps();
        one.kernel.sim.steps.crashStep(1, "after");
        void one.model.volumes.create(MIB, { number: 5 }, allow);
        while (one.kernel.sim.steps.log.length === 0) await new Promise((resolve) => setImmediate(resolve));
        one.model.close();
        one.kernel.sim.steps.restartProcess();
        const again = await one.restart();
        assert.deepEqual([managed(again, "rd0"), managed(again, "rd5")], [true, true]);
    });

    it("stay so when making one under their name is refused", async () => {
        const one = await modelFixture();
        one.kernel.sim.steps.failVerb("attachRamDisk", "EEXIST");
        await failure(one.model.volumes.create(MIB, { number: 3 }, allow));
        one.kernel.sim.otherAttach(3, MIB);
        await one.model.refresh();
        assert.equal(managed(one.model, "rd3"), false);
    });
});

describe("caches made outside", () => {
    it("are told from those that the service made", async () => {
        const { model, kernel } = await modelFixture((sim) => sim.sim.addDisk({ name: "sdb", size: GIB }));
        kernel.sim.addDisk({ name: "sdc", size: GIB });
        for (const number of [0, 1]) await model.volumes.create(64 * MIB, { number }, allow);
        await model.caches.create("rd0", "/dev/sdb", "write-through", {}, allow);
        kernel.sim.otherCreateMapping("theirs", "", {
            length: 2048,
            type: "rapiddisk-cache",
            params: "/dev/sdc /dev/rd1 131072 0",
        });
        await model.refresh();
        assert.equal(model.state.caches.get("rc-wt_sdb")?.managed, true);
        assert.equal(model.state.caches.get("theirs")?.managed, false);
    });
});
