// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import type { SimKernel } from "../../../service/src/kernel/index.js";
import type { ObjectKinds, StateListener } from "../../../service/src/model/types.js";
import { userLine } from "../../../service/src/model/users.js";
import { allow, modelFixture, GIB, MIB, type ModelFixture } from "./fixture.js";

/** Rebuilds the state from what listeners are told alone. */
class Follower implements StateListener {
    readonly objects = new Map<string, object>();
    readonly events: string[] = [];

    added<K extends keyof ObjectKinds>(kind: K, id: string, object: ObjectKinds[K]): void {
        assert.ok(!this.objects.has(`${kind} ${id}`), `${kind} ${id} was added twice`);
        this.objects.set(`${kind} ${id}`, object);
        this.events.push(`+${kind} ${id}`);
    }

    changed<K extends keyof ObjectKinds>(kind: K, id: string, object: ObjectKinds[K], keys: string[]): void {
        const all = object as unknown as Record<string, unknown>;
        const old = this.objects.get(`${kind} ${id}`) ?? {};
        this.objects.set(`${kind} ${id}`, { ...old, ...Object.fromEntries(keys.map((key) => [key, all[key]])) });
        this.events.push(`~${kind} ${id} ${keys.join(",")}`);
    }

    removed(kind: keyof ObjectKinds, id: string): void {
        assert.ok(this.objects.delete(`${kind} ${id}`), `${kind} ${id} was removed but never added`);
        this.events.push(`-${kind} ${id}`);
    }

    check({ model }: ModelFixture): void {
        const pick = (kind: string): object[] =>
            [...this.objects].filter(([key]) => key.startsWith(`${kind} `)).map(([, object]) => object);
        assert.deepEqual(pick("volume"), [...model.state.volumes.values()]);
        assert.deepEqual(pick("cache"), [...model.state.caches.values()]);
    }
}

async function until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe("listeners", () => {
    it("can rebuild the whole state from what they are told, after every operation", async () => {
        const one = await modelFixture((sim) => sim.sim.addDisk({ name: "sdb", size: GIB }));
        const follower = new Follower();
        one.model.listen(follower);
        const { volumes, caches } = one.model;
        for (const work of [
            () => volumes.create(64 * MIB, {}, allow),
            () => volumes.create(MIB, { persist: true }, allow),
            () => volumes.resize("rd1", 2 * MIB, allow),
            () => volumes.setReadOnly("rd1", true, allow),
            () => volumes.setPersistent("rd1", false, allow),
            () => caches.create("rd0", "/dev/sdb", "write-through", {}, allow),
            () => caches.setMode("rc-wt_sdb", "write-around", allow),
            () => caches.setPersistent("rc-wt_sdb", true, allow),
            () => caches.remove("rc-wt_sdb", allow),
            () => volumes.erase("rd0", allow),
            () => volumes.remove("rd0", allow),
            () => volumes.remove("rd1", allow),
        ]) {
            await work();
            follower.check(one);
        }
    });

    it("hear of a volume before the cache on it, and of the cache's end before the volume's", async () => {
        const one = await modelFixture((sim) => sim.sim.addDisk({ name: "sdb", size: GIB }));
        const follower = new Follower();
        one.model.listen(follower);
        const { sim } = one.kernel;
        sim.otherAttach(0, 64 * MIB);
        sim.otherCreateMapping("x", "", {
            length: 2048,
            type: "rapiddisk-cache",
            params: "/dev/sdb /dev/rd0 131072 0",
        });
        await one.model.refresh();
        sim.otherRemoveMapping("x");
        sim.otherDetach(0);
        await one.model.refresh();
        const order = follower.events.filter((event) => !event.startsWith("~"));
        assert.deepEqual(order, ["+volume rd0", "+cache x", "-cache x", "-volume rd0"]);
    });

    it("are told nothing when nothing differs", async () => {
        const one = await modelFixture((sim) => sim.sim.otherAttach(0, MIB));
        const follower = new Follower();
        one.model.listen(follower);
        await one.model.refresh();
        await one.model.refresh();
        assert.deepEqual(follower.events, []);
    });
});

describe("the state", () => {
    it("keeps the objects and usage that did not change, for what was made of them, and no others", async () => {
        const one = await modelFixture(({ sim }) => {
            sim.addDisk({ name: "sdb", size: GIB });
            for (const number of [0, 1, 2]) sim.otherAttach(number, 64 * MIB);
            const params = "/dev/sdb /dev/rd0 131072 0";
            sim.otherCreateMapping("x", "", { length: 2048, type: "rapiddisk-cache", params });
        });
        const { model } = one;
        const { sim } = one.kernel;
        const seen = () => ({
            volumes: [...model.state.volumes.values()],
            caches: [...model.state.caches.values()],
            usage: ["rd0", "rd1", "rd2"].map((name) => model.state.usageOf(name)),
            revision: model.state.usageRevision,
        });
        const before = seen();
        await model.refresh();
        await model.freshUsage(0);
        const same = seen();
        for (const kind of ["volumes", "caches", "usage"] as const) {
            before[kind].forEach((object, index) => assert.equal(same[kind][index], object, kind));
        }
        assert.equal(same.revision, before.revision);
        sim.otherResize(1, 128 * MIB);
        sim.write(2, 0, MIB);
        await model.refresh();
        const after = seen();
        assert.deepEqual(
            after.volumes.map((volume, index) => volume === before.volumes[index]),
            [true, false, true],
        );
        assert.equal(after.volumes[1]?.size, 128 * MIB);
        assert.deepEqual(
            after.usage.map((usage, index) => usage === before.usage[index]),
            [true, true, false],
        );
        assert.equal(after.usage[2]?.used, MIB);
        assert.notEqual(after.revision, before.revision);
        sim.otherDetach(1);
        await model.refresh();
        assert.notEqual(seen().revision, after.revision);
        assert.equal(model.state.usageOf("rd1").used, 0);
    });
});

describe("what others do", () => {
    const changes: [string, (one: ModelFixture) => void, (one: ModelFixture) => boolean][] = [
        [
            "a RAM disk attached",
            ({ kernel }) => kernel.sim.otherAttach(5, MIB),
            ({ model }) => model.state.volumes.has("rd5"),
        ],
        [
            "a RAM disk detached",
            ({ kernel }) => kernel.sim.otherDetach(0),
            ({ model }) => !model.state.volumes.has("rd0"),
        ],
        [
            "a RAM disk resized",
            ({ kernel }) => kernel.sim.otherResize(0, 2 * MIB),
            ({ model }) => model.state.volumes.get("rd0")?.size === 2 * MIB,
        ],
        [
            "a RAM disk locked",
            ({ kernel }) => kernel.sim.otherSetReadOnly("rd0", true),
            ({ model }) => model.state.volumes.get("rd0")?.readOnly === true,
        ],
        [
            "a mount",
            ({ kernel }) => kernel.sim.mount("rd0", "/mnt"),
            ({ model }) => model.state.volumes.get("rd0")?.users.map(userLine).join() === "mounted on /mnt",
        ],
        [
            "a mapping made",
            ({ kernel }) =>
                kernel.sim.otherCreateMapping("x", "", {
                    length: 2048,
                    type: "rapiddisk-cache",
                    params: "/dev/sdb /dev/rd0 2048 1",
                }),
            ({ model }) => model.state.caches.get("x")?.mode === "write-around",
        ],
        [
            "a module loaded",
            ({ kernel }) => kernel.sim.setModule("nvmet", { loaded: true }),
            ({ model }) => model.state.host.modules.nvmet === true,
        ],
    ];
    for (const eventsLost of [false, true]) {
        for (const [what, act, holds] of changes) {
            it(`${what} is seen${eventsLost ? " at the next look when its event is lost" : " by its event"}`, async () => {
                // Where the event is to be what tells of it, nothing is looked at by itself.
                const lookEvery = eventsLost ? 100 : 3_600_000;
                const prepare = (sim: SimKernel): void => {
                    sim.sim.addDisk({ name: "sdb", size: GIB });
                    sim.sim.otherAttach(0, MIB);
                };
                const one = await modelFixture(prepare, undefined, { lookEvery, readEvery: lookEvery });
                await new Promise((resolve) => setTimeout(resolve, 50)); // events of the set-up have passed
                one.model.follow();
                one.kernel.sim.setEventsLost(eventsLost);
                act(one);
                await until(() => holds(one));
                one.model.close();
            });
        }
    }

    it("many at once cost few readings", async () => {
        const one = await modelFixture();
        one.model.follow();
        let readings = 0;
        const { kernel } = one;
        const snapshot = kernel.snapshot.bind(kernel);
        kernel.snapshot = () => {
            readings++;
            return snapshot();
        };
        for (let number = 0; number < 200; number++) {
            kernel.sim.otherAttach(number, MIB);
        }
        await until(() => one.model.state.volumes.size === 200);
        one.model.close();
        assert.ok(readings <= 5, `${readings} readings`);
    });

    it("that are looked at again for refused callers, by the hundred, cost few readings; none is refused by what is over", async () => {
        const one = await modelFixture((sim) => {
            sim.sim.addDisk({ name: "sdb", size: GIB });
            sim.sim.otherAttach(0, MIB);
            sim.sim.mount("sdb", "/mnt");
            sim.sim.eventsLost = true;
        });
        let readings = 0;
        const { kernel, model } = one;
        const snapshot = kernel.snapshot.bind(kernel);
        kernel.snapshot = () => {
            readings++;
            return snapshot();
        };
        const create = (): Promise<string> => model.caches.create("rd0", "/dev/sdb", "write-through", {}, allow);
        const answers = await Promise.all(
            Array.from({ length: 300 }, () => create().catch((error: Error) => error.message)),
        );
        assert.deepEqual([...new Set(answers)], ["/dev/sdb is in use: mounted on /mnt."]);
        assert.ok(readings <= 3, `${readings} readings`);
        kernel.sim.unmount("sdb", "/mnt");
        assert.equal(await create(), "rc-wt_sdb");
        model.close();
    });

    it("tells the memory of the host once somebody asks how much is available, when it became another", async () => {
        const one = await modelFixture(undefined, undefined, { readEvery: 3_600_000 });
        one.kernel.sim.setMemory({ total: 128 * 2 ** 30, available: 30 * 2 ** 30 });
        assert.equal(await one.model.memoryAvailable(), 30 * 2 ** 30);
        assert.equal(one.model.state.host.memoryTotal, 128 * 2 ** 30);
    });
});
