// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { allow, modelFixture, failure, GIB, MIB, RecordingAuthorizer, type ModelFixture } from "./fixture.js";
import type { SimKernel } from "../../../service/src/kernel/index.js";
import type { Model } from "../../../service/src/model/model.js";
import type { SavedState } from "../../../service/src/model/storage.js";
import { userLine } from "../../../service/src/model/users.js";

const ready = (sim: SimKernel): void => {
    sim.sim.addDisk({ name: "sdb", size: GIB, byId: ["virtio-blue"] });
    sim.sim.otherAttach(0, 64 * MIB);
};

describe("caches", () => {
    it("are made by the table line that the modules expect, and shown with what it says", async () => {
        const { model, kernel } = await modelFixture(ready);
        assert.equal(await model.caches.create("rd0", "/dev/sdb", "write-around", {}, allow), "rc-wa_sdb");
        const [mapping] = (await kernel.snapshot()).mappings;
        assert.equal(mapping?.uuid, "RAPIDDISK-wa-rc-wa_sdb");
        assert.equal(mapping?.targets[0]?.type, "rapiddisk-cache");
        assert.equal(mapping?.targets[0]?.length, GIB / 512);
        assert.match(mapping?.targets[0]?.params ?? "", / 131072 1$/);
        assert.deepEqual(model.state.caches.get("rc-wa_sdb"), {
            name: "rc-wa_sdb",
            device: "/dev/mapper/rc-wa_sdb",
            volume: "rd0",
            source: "/dev/sdb",
            mode: "write-around",
            size: GIB,
            cacheSize: 64 * MIB,
            blockSize: 4096,
            users: [],
            managed: true,
            originGone: false,
            originErrors: 0,
            stopped: 0,
            persistent: false,
        });
        assert.deepEqual(model.state.volumes.get("rd0")?.users.map(userLine), ["cache of rc-wa_sdb"]);
    });

    it("with writeback are dm-writecache, need a second permission, and take write-back for writeback", async () => {
        const { model, kernel } = await modelFixture(ready);
        const authorizer = new RecordingAuthorizer();
        await model.caches.create("rd0", "/dev/sdb", "write-back", {}, authorizer.authorize);
        assert.deepEqual(
            authorizer.asked.map((one) => one.action),
            ["cache-create", "cache-writeback"],
        );
        assert.equal(authorizer.asked[0]?.details["cache.source"], "/dev/sdb");
        assert.equal(authorizer.asked[0]?.details["cache.persist"], "false");
        assert.equal((await kernel.snapshot()).mappings[0]?.targets[0]?.type, "writecache");
        assert.equal(model.state.caches.get("rc-wb_sdb")?.mode, "writeback");
    });

    it("with writeback begin on an empty volume, or an old cache's records would be written to this origin", async () => {
        const { model, kernel } = await modelFixture(ready);
        kernel.sim.write(0, 0, 4096);
        await model.caches.create("rd0", "/dev/sdb", "writeback", {}, allow);
        assert.deepEqual(
            kernel.sim.steps.log.map((step) => step.verb),
            ["eraseRamDisk", "createMapping", "messageMapping"],
        );
    });

    const refusals: [string, string, (sim: SimKernel) => void, [string, string, string, string?], RegExp][] = [
        ["an unknown mode", "InvalidArgument", ready, ["rd0", "/dev/sdb", "writethru"], /Mode "writethru" is unknown/],
        ["an unknown volume", "NotFound", ready, ["rd5", "/dev/sdb", "write-through"], /no volume rd5/],
        ["an unknown source", "NotFound", ready, ["rd0", "/dev/nope", "write-through"], /nope.*ENOENT|ENOENT.*nope/],
        ["a relative source", "InvalidArgument", ready, ["rd0", "sdb", "write-through"], /must begin with \/dev\//],
        ["itself as source", "InvalidArgument", ready, ["rd0", "/dev/rd0", "write-through"], /cache of itself/],
        [
            "a mounted source",
            "Busy",
            (sim) => {
                ready(sim);
                sim.sim.mount("sdb", "/mnt");
            },
            ["rd0", "/dev/sdb", "write-through"],
            /^\/dev\/sdb is in use: mounted on \/mnt\.$/,
        ],
        [
            "a source with a mounted partition",
            "Busy",
            (sim) => {
                sim.sim.otherAttach(0, 64 * MIB);
                sim.sim.addDisk({ name: "sdc", size: GIB, partitions: [MIB, MIB] });
                sim.sim.mount("sdc2", "/boot");
            },
            ["rd0", "/dev/sdc", "write-through"],
            /^\/dev\/sdc is in use: sdc2: mounted on \/boot\.$/,
        ],
        [
            "a source that is swap",
            "Busy",
            (sim) => {
                ready(sim);
                sim.sim.swapOn("sdb");
            },
            ["rd0", "/dev/sdb", "write-through"],
            /in use: swap/,
        ],
        [
            "a read-only source",
            "InvalidArgument",
            (sim) => {
                sim.sim.otherAttach(0, 64 * MIB);
                sim.sim.addDisk({ name: "sdb", size: GIB, readOnly: true });
            },
            ["rd0", "/dev/sdb", "write-through"],
            /is read-only/,
        ],
        [
            "a volume in use",
            "Busy",
            (sim) => {
                ready(sim);
                sim.sim.mount("rd0", "/mnt");
            },
            ["rd0", "/dev/sdb", "write-through"],
            /^rd0 is in use: mounted on \/mnt\.$/,
        ],
        [
            "a locked volume",
            "Failed",
            (sim) => {
                ready(sim);
                sim.sim.otherSetReadOnly("rd0", true);
            },
            ["rd0", "/dev/sdb", "write-through"],
            /locked/,
        ],
        [
            "a volume that is too small",
            "InvalidArgument",
            (sim) => {
                sim.sim.addDisk({ name: "sdb", size: GIB });
                sim.sim.otherAttach(0, 8192);
            },
            ["rd0", "/dev/sdb", "write-through"],
            /rd0 has 8 KiB; a write-through cache needs at least 32 KiB/,
        ],
        ["a bad name", "InvalidArgument", ready, ["rd0", "/dev/sdb", "write-through", "a/b"], /may hold only/],
        [
            "a mode whose module is missing",
            "NotSupported",
            (sim) => {
                ready(sim);
                sim.sim.setModule("dm_writecache", { loaded: false, available: false });
            },
            ["rd0", "/dev/sdb", "writeback"],
            /dm_writecache/,
        ],
    ];
    for (const [what, kind, prepare, [volume, source, mode, name], message] of refusals) {
        it(`of ${what} are refused before any step`, async () => {
            const { model, kernel } = await modelFixture(prepare);
            const options = name === undefined ? {} : { name };
            const error = await failure(model.caches.create(volume, source, mode, options, allow));
            assert.equal(error.kind, kind, error.message);
            assert.match(error.message, message);
            assert.deepEqual(kernel.sim.steps.log, []);
        });
    }

    it("of a source that is cached already are refused, whatever path it is named by", async () => {
        const { model, kernel } = await modelFixture((sim) => {
            ready(sim);
            sim.sim.otherAttach(1, 64 * MIB);
        });
        await model.caches.create("rd0", "/dev/sdb", "write-through", {}, allow);
        kernel.sim.steps.resetSteps();
        for (const path of ["/dev/sdb", "/dev/disk/by-id/virtio-blue"]) {
            const { kind, message } = await failure(
                model.caches.create("rd1", path, "write-through", { name: "b" }, allow),
            );
            assert.equal(kind, "Busy");
            assert.match(message, /sdb.* is in use: origin of rc-wt_sdb/);
        }
        assert.deepEqual(kernel.sim.steps.log, []);
        model.close();
    });

    it("of a source that lies on the volume itself are refused", async () => {
        const { model, kernel } = await modelFixture(ready);
        kernel.sim.otherCreateMapping("lin", "", { length: 8, type: "linear", params: "/dev/rd0 0" });
        const error = await failure(model.caches.create("rd0", "/dev/mapper/lin", "write-through", {}, allow));
        assert.match(error.message, /lies on rd0 itself|rd0 is in use/);
    });

    it("made by others are shown, with the mode from the table and not from the name", async () => {
        const { model, kernel } = await modelFixture(ready);
        kernel.sim.otherCreateMapping("rc-wb_liar", "", {
            length: 2048,
            type: "rapiddisk-cache",
            params: "/dev/sdb /dev/rd0 131072 0",
        });
        await model.refresh();
        assert.equal(model.state.caches.get("rc-wb_liar")?.mode, "write-through");
    });

    it("give statistics by upstream's names, and a hit ratio, which is 0 before the first read", async () => {
        const { model, kernel } = await modelFixture(ready);
        await model.caches.create("rd0", "/dev/sdb", "write-through", {}, allow);
        assert.equal((await model.caches.statistics("rc-wt_sdb")).hit_ratio, 0);
        kernel.sim.setStatus("rc-wt_sdb", [8, 7, 6, 5, 4, 3, 2, 1, 0, 9, 10, 11, 12]);
        const statistics = await model.caches.statistics("rc-wt_sdb");
        assert.equal(statistics.reads, 8);
        assert.equal(statistics.cache_hits, 6);
        assert.equal(statistics.cache_writes, 12);
        assert.equal(statistics.hit_ratio, 0.75);
        await model.caches.resetStatistics("rc-wt_sdb", allow);
        assert.equal((await model.caches.statistics("rc-wt_sdb")).reads, 0);
    });

    it("in writeback tell the bytes that the origin may lack", async () => {
        const { model, kernel } = await modelFixture(ready);
        await model.caches.create("rd0", "/dev/sdb", "writeback", { name: "fast" }, allow);
        kernel.sim.setStatus("fast", [0, 100, 90, 1]);
        const { blockSize } = model.state.caches.get("fast")!;
        assert.equal((await model.caches.statistics("fast")).unwritten_bytes, 10 * blockSize);
    });

    it("in use are not removed, and the users are named", async () => {
        const { model, kernel } = await modelFixture(ready);
        await model.caches.create("rd0", "/dev/sdb", "write-through", {}, allow);
        kernel.sim.mount("dm-0", "/srv");
        const error = await failure(model.caches.remove("rc-wt_sdb", allow));
        assert.equal(error.message, "rc-wt_sdb is in use: mounted on /srv.");
        kernel.sim.unmount("dm-0", "/srv");
        await model.caches.remove("rc-wt_sdb", allow);
        assert.equal(model.state.caches.size, 0);
        assert.deepEqual(model.state.volumes.get("rd0")?.users, []);
    });

    it("with writeback are flushed before they are removed, as a job that stays visible", async () => {
        const { model, kernel } = await modelFixture(ready);
        await model.caches.create("rd0", "/dev/sdb", "writeback", {}, allow);
        kernel.sim.steps.resetSteps();
        await model.caches.remove("rc-wb_sdb", allow);
        assert.deepEqual(
            kernel.sim.steps.log.map((step) => step.verb),
            ["messageMapping", "removeMapping", "eraseRamDisk"],
        );
        assert.equal(model.jobs.views[0]?.state, "done");
        assert.equal(model.jobs.views[0]?.operation, "cache-flush");
        model.close();
    });

    it("with writeback that still hold data after the flush are not removed", async () => {
        const { model, kernel } = await modelFixture(ready);
        await model.caches.create("rd0", "/dev/sdb", "writeback", {}, allow);
        kernel.sim.setStatus("rc-wb_sdb", [0, 100, 90, 0]);
        const error = await failure(model.caches.remove("rc-wb_sdb", allow));
        assert.equal(error.kind, "Busy");
        assert.match(error.message, /still holds 10 blocks/);
        assert.equal(model.state.caches.size, 1);
        model.close();
    });

    it("with writeback whose origin returned errors are not removed", async () => {
        const { model, kernel } = await modelFixture(ready);
        await model.caches.create("rd0", "/dev/sdb", "writeback", {}, allow);
        kernel.sim.setStatus("rc-wb_sdb", [3, 100, 100, 0]);
        const error = await failure(model.caches.remove("rc-wb_sdb", allow));
        assert.match(error.message, /had 3 errors .*EIO/);
        assert.equal(model.jobs.views[0]?.state, "failed");
        model.close();
    });

    it("whose flush is cancelled tell the caller at once and are not removed", async () => {
        const { model, kernel } = await modelFixture(ready);
        await model.caches.create("rd0", "/dev/sdb", "writeback", {}, allow);
        kernel.sim.steps.resetSteps();
        kernel.sim.steps.hangStep(1);
        const removal = failure(model.caches.remove("rc-wb_sdb", allow));
        while (model.jobs.views.length === 0) {
            await new Promise((resolve) => setTimeout(resolve, 5));
        }
        await model.cancelJob(model.jobs.views[0]?.id ?? "", allow);
        assert.equal((await removal).kind, "Cancelled");
        assert.equal(model.jobs.views[0]?.state, "cancelled");
        assert.equal(model.state.caches.size, 1);
        kernel.sim.steps.releaseHung();
        await model.caches.remove("rc-wb_sdb", allow);
        model.close();
    });

    it("change between write-through, write-around and back while in use", async () => {
        const { model, kernel } = await modelFixture(ready);
        await model.caches.create("rd0", "/dev/sdb", "write-through", { persist: true }, allow);
        kernel.sim.mount("dm-0", "/srv");
        await model.caches.setMode("rc-wt_sdb", "write-around", allow);
        assert.equal(model.state.caches.get("rc-wt_sdb")?.mode, "write-around");
        const error = await failure(model.caches.setMode("rc-wt_sdb", "writeback", allow));
        assert.equal(error.kind, "NotSupported");
    });

    it("that persist save a path of the origin that stays the same across boots", async () => {
        const { model, store } = await modelFixture(ready);
        await model.caches.create("rd0", "/dev/sdb", "write-through", { persist: true }, allow);
        assert.deepEqual(store.state.caches, [
            {
                ...{ name: "rc-wt_sdb", volume: 0, source: "/dev/disk/by-id/virtio-blue", mode: "write-through" },
                origin: { id: "serial virtio-blue", size: GIB },
            },
        ]);
        await model.caches.remove("rc-wt_sdb", allow);
        assert.deepEqual(store.state.caches, []);
    });

    it("that persist save the device that was authorized, not the link by which it was named", async () => {
        const one = await modelFixture(ready);
        const resolve = one.kernel.resolveDevice.bind(one.kernel);
        one.kernel.resolveDevice = (path) => resolve(path === "/dev/disk/by-label/fast" ? "/dev/sdb" : path);
        const source = "/dev/disk/by-label/fast";
        await one.model.caches.create("rd0", source, "write-through", { name: "c", persist: true }, allow);
        assert.equal(one.store.state.caches[0]?.source, "/dev/disk/by-id/virtio-blue");
        assert.equal(one.model.state.caches.get("c")?.persistent, true);
        one.model.close();
    });

    for (const [what, disk, words] of [
        [
            "says to be another one",
            { byId: ["virtio-red"], size: GIB },
            /it is serial virtio-red, 1073741824 bytes; saved is serial v/,
        ],
        [
            "says nothing and has another size",
            { size: 2 * GIB },
            /it is a device without identity, 2147483648 bytes; saved is/,
        ],
    ] as [string, { byId?: string[]; size: number }, RegExp][]) {
        it(`are not restored over a device of the saved path that ${what}`, async () => {
            const one = await modelFixture(ready);
            await one.model.caches.create("rd0", "/dev/sdb", "write-through", { name: "c", persist: true }, allow);
            one.model.close();
            const { sim } = one.kernel;
            sim.otherRemoveMapping("c");
            sim.removeDisk("sdb");
            sim.addDisk({ name: "sdb", ...disk });
            const resolve = one.kernel.resolveDevice.bind(one.kernel);
            one.kernel.resolveDevice = (path) => resolve(path === "/dev/disk/by-id/virtio-blue" ? "/dev/sdb" : path);
            const model = await one.restart();
            const { made, failed } = await model.restore(allow);
            assert.deepEqual(made, []);
            assert.match(failed.join(), /virtio-blue is another device than the one that was saved: /);
            assert.match(failed.join(), words);
            assert.match(model.state.host.problems.join(), words);
            sim.removeDisk("sdb");
            // Its size may have changed: it says who it is.
            sim.addDisk({ name: "sdb", size: 3 * GIB, byId: ["virtio-blue"] });
            assert.deepEqual((await model.restore(allow)).made, ["c"]);
            model.close();
        });
    }

    /** Another boot of the same machine: the saved state outlives it, RAM disks and mappings do not. */
    const reboot = async (state: SavedState): Promise<ModelFixture> => {
        const next = await modelFixture((sim) => sim.sim.addDisk({ name: "sdb", size: GIB, byId: ["virtio-blue"] }));
        next.store.state = state;
        await next.model.load();
        return next;
    };

    for (const [how, save] of [
        [
            "when they are created",
            (model) => model.caches.create("rd0", "/dev/sdb", "write-through", { persist: true }, allow),
        ],
        [
            "afterwards",
            async (model) => {
                await model.caches.create("rd0", "/dev/sdb", "write-through", {}, allow);
                await model.caches.setPersistent("rc-wt_sdb", true, allow);
            },
        ],
    ] as [string, (model: Model) => Promise<unknown>][]) {
        it(`that persist are restored with a volume that nobody saved, asked for ${how}; it goes with them`, async () => {
            const { model, store } = await modelFixture(ready);
            await save(model);
            assert.equal(model.state.volumes.get("rd0")?.persistent, true);
            const next = await reboot(store.state);
            assert.deepEqual(await next.model.restore(allow), { made: ["rd0", "rc-wt_sdb"], failed: [] });
            assert.equal(next.model.state.volumes.get("rd0")?.size, 64 * MIB);
            await next.model.caches.setPersistent("rc-wt_sdb", false, allow);
            assert.equal(next.model.state.volumes.get("rd0")?.persistent, false);
            assert.deepEqual(next.store.state.volumes, []);
        });
    }

    it("that go leave a volume saved that was saved for itself", async () => {
        const { model, store } = await modelFixture(ready);
        await model.caches.create("rd0", "/dev/sdb", "write-through", { persist: true }, allow);
        await model.volumes.setPersistent("rd0", true, allow);
        await model.caches.remove("rc-wt_sdb", allow);
        assert.deepEqual(store.state.volumes, [{ number: 0, size: 64 * MIB, readOnly: false }]);
    });

    it("that cannot be removed after all keep their entry, and that of their volume", async () => {
        const { model, store, kernel } = await modelFixture(ready);
        await model.caches.create("rd0", "/dev/sdb", "write-through", { persist: true }, allow);
        const before = structuredClone(store.state);
        kernel.sim.steps.failVerb("removeMapping", "EIO");
        await failure(model.caches.remove("rc-wt_sdb", allow));
        assert.deepEqual(store.state, before);
    });

    it("that persist on a volume that no longer does are told of", async () => {
        const one = await modelFixture(ready);
        const { model, store } = one;
        await model.caches.create("rd0", "/dev/sdb", "write-through", { persist: true }, allow);
        const refused = await failure(model.volumes.setPersistent("rd0", false, allow));
        assert.deepEqual([refused.kind, refused.message], ["Busy", "rd0 is in use: saved cache rc-wt_sdb."]);
        // As an earlier version could leave it.
        model.close();
        store.state.volumes = [];
        const next = await one.restart();
        assert.match(next.state.host.problems.join("\n"), /^rc-wt_sdb is saved, but rd0 is not, .* cannot come again/);
        await next.caches.setPersistent("rc-wt_sdb", true, allow);
        assert.deepEqual(next.state.host.problems, []);
        next.close();
    });
});
