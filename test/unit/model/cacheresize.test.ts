// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** A cache takes up in use what its origin and its volume have grown by. */
import assert from "node:assert/strict";
import { target } from "./exports.js";
import { userLine } from "../../../service/src/model/users.js";
import {
    allow,
    modelFixture,
    failure,
    GIB,
    MIB,
    RecordingAuthorizer,
    wholeState,
    type ModelFixture,
} from "./fixture.js";

async function withCache(mode = "write-around", persist = false): Promise<ModelFixture> {
    const one = await modelFixture(({ sim }) => sim.addDisk({ name: "sdb", size: GIB, byId: ["virtio-blue"] }));
    await one.model.volumes.create(64 * MIB, { number: 0 }, allow);
    await one.model.caches.create("rd0", "/dev/sdb", mode, { name: "c", persist }, allow);
    // A file system is mounted on it.
    one.kernel.sim.mount("dm-0", "/mnt");
    await one.model.refresh();
    return one;
}

const sizes = ({ model }: ModelFixture): number[] => [model.caches.get("c").size, model.caches.get("c").cacheSize];
const reloads = ({ kernel }: ModelFixture): number =>
    kernel.sim.steps.log.filter(({ verb }) => verb === "reloadMapping").length;

describe("resizing a cache", () => {
    for (const persist of [false, true]) {
        it(`takes up a larger origin and a larger volume in use${persist ? ", saved" : ""}`, async () => {
            const one = await withCache("write-around", persist);
            one.kernel.sim.write(0, 0, MIB);
            one.kernel.sim.resizeDisk("sdb", 2 * GIB);
            const authorizer = new RecordingAuthorizer();
            await one.model.caches.resize("c", authorizer.authorize);
            assert.deepEqual(
                authorizer.asked.map(({ action }) => action),
                ["cache-resize"],
            );
            assert.deepEqual(sizes(one), [2 * GIB, 64 * MIB]);
            await one.model.volumes.resize("rd0", 128 * MIB, allow);
            assert.deepEqual(sizes(one), [2 * GIB, 64 * MIB], "a volume that grows does not grow the cache by itself");
            await one.model.caches.resize("c", allow);
            assert.deepEqual(sizes(one), [2 * GIB, 128 * MIB]);
            const { mode, users, persistent } = one.model.caches.get("c");
            assert.deepEqual([mode, users.map(userLine), persistent], ["write-around", ["mounted on /mnt"], persist]);
            const [mapping] = (await one.kernel.snapshot()).mappings;
            assert.match(mapping?.targets[0]?.params ?? "", / 262144 1$/);
            assert.equal((await one.model.caches.statistics("c")).cached_blocks, 0, "it begins empty");
            assert.equal(one.store.state.caches[0]?.origin?.size, persist ? 2 * GIB : undefined);
            assert.deepEqual(one.model.state.host.problems, []);
            assert.equal(one.intents.open.size, 0);
            one.model.close();
        });
    }

    it("does nothing when nothing has grown: what is cached stays", async () => {
        const one = await withCache();
        await one.model.caches.resize("c", allow);
        assert.equal(reloads(one), 0);
        one.model.close();
    });

    it("keeps the mode that the cache was switched to, and its cutoff", async () => {
        const one = await withCache();
        await one.model.caches.setMode("c", "pass-through", allow);
        one.kernel.sim.otherMessage("c", "seq_cutoff 0");
        one.kernel.sim.resizeDisk("sdb", 2 * GIB);
        await one.model.caches.resize("c", allow);
        assert.equal(one.model.caches.get("c").mode, "pass-through");
        assert.match(await one.kernel.statsMapping("c"), / seq_cutoff=0 /);
        one.model.close();
    });

    it("is refused when the origin shrank or is gone, and for a writeback cache, before anybody is asked", async () => {
        const one = await withCache();
        const refused = async (fixture: ModelFixture, kind: string, words: RegExp): Promise<void> => {
            const before = await wholeState(fixture);
            const authorizer = new RecordingAuthorizer();
            const error = await failure(fixture.model.caches.resize("c", authorizer.authorize));
            assert.equal(error.kind, kind, error.message);
            assert.match(error.message, words);
            assert.deepEqual(authorizer.asked, []);
            assert.equal(await wholeState(fixture), before);
            assert.equal(reloads(fixture), 0);
        };
        one.kernel.sim.resizeDisk("sdb", GIB / 2);
        await refused(one, "Failed", /^\/dev\/sdb shrank to 512 MiB, less than the 1 GiB of c/);
        one.kernel.sim.removeDisk("sdb");
        await refused(one, "Failed", /^\/dev\/sdb, the origin of c, is gone/);
        one.model.close();
        const back = await withCache("writeback");
        back.kernel.sim.resizeDisk("sdb", 2 * GIB);
        await refused(back, "NotSupported", /^c is a writeback cache/);
        back.model.close();
    });

    it("that the kernel refuses leaves everything as it was, what is saved too", async () => {
        const one = await withCache("write-through", true);
        one.kernel.sim.resizeDisk("sdb", 2 * GIB);
        const before = await wholeState(one);
        one.kernel.sim.steps.failVerb("reloadMapping", "ENOMEM");
        assert.equal((await failure(one.model.caches.resize("c", allow))).kind, "NoMemory");
        assert.equal(await wholeState(one), before);
        await one.model.caches.resize("c", allow);
        assert.deepEqual(sizes(one), [2 * GIB, 64 * MIB]);
        one.model.close();
    });

    it("tells hosts that have it the new size", async () => {
        const one = await modelFixture((kernel) => {
            target(kernel);
            kernel.sim.addDisk({ name: "sdb", size: GIB });
        });
        await one.model.volumes.create(64 * MIB, { number: 0 }, allow);
        await one.model.caches.create("rd0", "/dev/sdb", "write-through", { name: "c" }, allow);
        await one.model.exports.create(
            {
                device: { kind: "cache", id: "c" },
                nqn: "nqn.2014-08.org.example:c",
                hosts: [],
                ports: [1],
                allowAnyHost: true,
            },
            allow,
        );
        one.kernel.sim.resizeDisk("sdb", 2 * GIB);
        one.kernel.sim.steps.resetSteps();
        await one.model.caches.resize("c", allow);
        assert.ok(
            one.kernel.sim.steps.log.some(
                ({ verb, target: at }) => verb === "nvmetWrite" && at.includes("revalidate_size"),
            ),
        );
        one.model.close();
    });
});
