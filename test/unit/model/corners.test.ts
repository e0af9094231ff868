// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What is told must be what is: of jobs, of mappings that come late, of ports and of who uses a device. */
import assert from "node:assert/strict";
import { KernelError } from "../../../service/src/kernel/index.js";
import type { DeviceUser } from "../../../service/src/kernel/port.js";
import { DeviceGraph } from "../../../service/src/model/graph.js";
import { originObstacle } from "../../../service/src/model/derive.js";
import { withExports } from "../../../service/src/model/deriveexports.js";
import { userLine } from "../../../service/src/model/users.js";
import { allow, modelFixture, failure, GIB, MIB, type ModelFixture } from "./fixture.js";
import { HOST, NQN, target } from "./exports.js";

function disk({ sim }: ModelFixture["kernel"]): void {
    sim.addDisk({ name: "sdb", size: GIB });
}

describe("a job that was cancelled was not done, whenever that was", () => {
    for (const operation of ["flush", "remove"] as const) {
        it(`${operation} of a writeback cache, cancelled after each turn of its work`, async () => {
            let done = 0;
            for (let turn = 0; turn < 60; turn++) {
                const one = await modelFixture(disk);
                const { model } = one;
                await model.volumes.create(64 * MIB, {}, allow);
                await model.caches.create("rd0", "/dev/sdb", "writeback", { name: "c" }, allow);
                const started = new Promise<string>((resolve) =>
                    model.listen({
                        added: (kind, id) => kind === "job" && resolve(id),
                        changed: () => undefined,
                        removed: () => undefined,
                    }),
                );
                const work = model.caches[operation]("c", allow).then(
                    () => undefined,
                    (error: Error & { kind?: string }) => error,
                );
                const id = await started;
                for (let count = 0; count < turn; count++) {
                    await Promise.resolve();
                }
                const cancelled = await model.cancelJob(id, allow).then(
                    () => true,
                    () => false,
                );
                const error = await work;
                await model.refresh();
                assert.equal(error?.kind, cancelled ? "Cancelled" : undefined, `turn ${turn}`);
                assert.equal(model.jobs.views[0]?.state, cancelled ? "cancelled" : "done");
                assert.equal(model.state.caches.has("c"), cancelled || operation === "flush");
                done += cancelled ? 0 : 1;
                model.close();
            }
            assert.ok(done > 0 && done < 60, "the cancels came all before or all after the end");
        });
    }
});

describe("a mapping that comes after its creation had run into its time limit", () => {
    /** A creation of a writeback cache that fails for the time; `appear` lets the kernel end it. */
    async function late(): Promise<ModelFixture & { appear: () => void }> {
        const one = await modelFixture(disk, undefined, { lookEvery: 5 });
        await one.model.volumes.create(64 * MIB, {}, allow);
        const createMapping = one.kernel.createMapping.bind(one.kernel);
        let appear = (): void => undefined;
        one.kernel.createMapping = async (name, uuid, table) => {
            appear = () => one.kernel.sim.otherCreateMapping(name, uuid, table);
            throw new KernelError("ETIMEDOUT", "dmsetup did not finish in 30 s.");
        };
        const error = await failure(one.model.caches.create("rd0", "/dev/sdb", "writeback", { name: "c" }, allow));
        assert.equal(error.kind, "TimedOut");
        one.kernel.createMapping = createMapping;
        return { ...one, appear: () => appear() };
    }

    async function untilLogged(lines: string[], what: RegExp): Promise<void> {
        while (!what.test(lines.join("\n"))) {
            await new Promise((resolve) => setImmediate(resolve));
        }
    }

    it("is told to flush, and removed, since its caller was told that it failed", async () => {
        const one = await late();
        one.kernel.sim.steps.resetSteps();
        one.appear();
        one.model.follow();
        await untilLogged(one.lines, /c came after its creation had run into its time limit: it was removed/);
        assert.deepEqual((await one.kernel.snapshot()).mappings, []);
        assert.deepEqual(
            one.kernel.sim.steps.log.map(({ verb }) => verb),
            ["messageMapping", "removeMapping"],
        );
        one.model.close();
    });

    it("stays when it is in use by then, and flushes what it holds when it goes", async () => {
        const one = await late();
        one.appear();
        one.kernel.sim.mount("dm-0", "/mnt");
        one.kernel.sim.steps.resetSteps();
        one.model.follow();
        await untilLogged(one.lines, /c came after .*: it stays, since it is in use by now/);
        assert.equal(one.kernel.sim.steps.log[0]?.verb, "messageMapping");
        assert.deepEqual([...one.model.state.caches.keys()], ["c"]);
        one.model.close();
    });

    it("is not the one of its name that was made since", async () => {
        const one = await late();
        await one.model.caches.create("rd0", "/dev/sdb", "writeback", { name: "c" }, allow);
        const looked = new Promise<void>((resolve) => {
            const read = one.kernel.snapshot.bind(one.kernel);
            let looks = 0;
            one.kernel.snapshot = () => {
                if (++looks === 3) {
                    resolve();
                }
                return read();
            };
        });
        one.model.follow();
        await looked;
        assert.deepEqual([...one.model.state.caches.keys()], ["c"]);
        one.model.close();
    });
});

describe("after a creation was replied to the next call works", () => {
    it("a volume that was made a moment ago is exported, saved, and has its export as a user", async () => {
        const one = await modelFixture(target);
        const { model } = one;
        await model.volumes.create(MIB, {}, allow);
        const device = { kind: "volume" as const, id: "rd0" };
        await model.exports.create({ device, nqn: NQN, hosts: [HOST], ports: [2] }, allow);
        assert.deepEqual(model.state.exports.get(NQN)?.backing, device);
        await model.exports.setPersistent(NQN, true, allow);
        assert.deepEqual(model.state.host.problems, [
            `${NQN} is saved, but rd0 is not, so that it cannot come again at boot.`,
        ]);
        await model.volumes.setPersistent("rd0", true, allow);
        assert.deepEqual(model.state.host.problems, []);
        assert.deepEqual(model.state.volumes.get("rd0")?.users.map(userLine), [`exported as ${NQN}`]);
        model.close();
    });
});

describe("a port whose address is gone is told among the problems", () => {
    for (const [what, address, expected] of [
        ["gone", [], /^Port 1 is tcp 192\.0\.2\.10:4420, but no interface that is up has that address/],
        [
            "another",
            [{ interface: "eth0", family: "ipv4", address: "198.51.100.7" }],
            /^Port 1 is tcp 192\.0\.2\.10:4420/,
        ],
    ] as const) {
        it(`the address is ${what}, and it is told no more when it is back`, async () => {
            const one = await modelFixture(target);
            const { addresses } = await one.kernel.readNetwork();
            assert.deepEqual(one.model.state.host.problems, []);
            one.kernel.sim.setNetwork({ addresses: [...address] });
            await one.model.refresh();
            assert.equal(one.model.state.host.problems.length, 1);
            assert.match(one.model.state.host.problems[0] ?? "", expected);
            one.kernel.sim.setNetwork({ addresses });
            await one.model.refresh();
            assert.deepEqual(one.model.state.host.problems, []);
            one.model.close();
        });
    }

    it("but none that needs no certain one: loopback, any, loop, or not set up yet", async () => {
        const one = await modelFixture((kernel) => {
            kernel.sim.setModule("nvmet", { loaded: true });
            ["127.0.0.2", "0.0.0.0", "::", "::1", ""].forEach((address, index) => {
                const port = { kind: "port" as const, id: index + 1 };
                kernel.sim.otherNvmetCreate(port);
                kernel.sim.otherNvmetWrite(port, "addr_trtype", "tcp");
                if (address !== "") {
                    kernel.sim.otherNvmetWrite(port, "addr_traddr", address);
                }
            });
            kernel.sim.otherNvmetCreate({ kind: "port", id: 9 });
            kernel.sim.otherNvmetWrite({ kind: "port", id: 9 }, "addr_trtype", "loop");
        });
        assert.deepEqual(one.model.state.host.problems, []);
        one.model.close();
    });
});

describe("who uses a device", () => {
    const plain = { blockSize: 512, readOnly: false, removable: false, vendor: "", model: "" };
    const device = (name: string, more: object = {}) => ({
        ...plain,
        ...{ name, path: `/dev/${name}`, devno: `8:${name.length}`, size: GIB, type: "disk" as const },
        ...{ holders: [], slaves: [], partitions: [], users: [] as DeviceUser[], ...more },
    });

    it("each namespace of a subsystem that others made counts for itself, also one by a path that is not known", () => {
        const nqn = "nqn.x";
        const namespace = (id: number, devicePath: string) => ({
            ...{ id, devicePath, uuid: "", nguid: "", enabled: true },
        });
        const namespaces = [namespace(1, "/dev/rd1"), namespace(2, "/dev/disk/by-id/X")];
        const subsystem = { nqn, inode: 1, allowAnyHost: false, serial: "", model: "", hosts: [], namespaces };
        const tree = { present: true, subsystems: [subsystem], ports: [], hosts: [] };
        const users: DeviceUser[] = [{ kind: "export", name: nqn }];
        const shown = (devices: ReturnType<typeof device>[], now = tree): DeviceUser[][] =>
            withExports(devices, now).map((one) => one.users);
        const devices = [device("rd1", { users }), device("sdb", { users })];
        assert.deepEqual(shown(devices), [users, users]);
        // Once all are known, what the devices were read with is older than the target.
        const known = { ...tree, subsystems: [{ ...subsystem, namespaces: [namespace(1, "/dev/rd1")] }] };
        assert.deepEqual(shown(devices, known), [users, []]);
        const off = { ...namespace(1, "/dev/rd1"), enabled: false };
        const switchedOff = { ...tree, subsystems: [{ ...subsystem, namespaces: [off, namespaces[1]!] }] };
        assert.deepEqual(shown(devices, switchedOff), [[{ kind: "export-off", name: nqn }], users]);
    });

    it("the disk of a partition, and what lies below, count for an origin", () => {
        const graph = new DeviceGraph([
            device("sda", { users: [{ kind: "export" as const, name: "nqn.x" }], partitions: ["sda1"] }),
            device("sda1", { parent: "sda", type: "partition" }),
            device("sdb", { holders: ["dm-0"], partitions: ["sdb1"] }),
            device("sdb1", { parent: "sdb", type: "partition" }),
            device("dm-0", { slaves: ["sdb"], type: "dm" }),
            device("sdc", { holders: ["dm-1", "dm-2"], users: [{ kind: "export" as const, name: "nqn.y" }] }),
            device("dm-1", { slaves: ["sdc"], type: "dm" }),
            device("dm-2", { slaves: ["sdc"], type: "dm" }),
            device("sdd", { partitions: ["sdd1", "sdd2"] }),
            device("sdd1", { parent: "sdd", type: "partition", users: [{ kind: "mount" as const, name: "/" }] }),
            device("sdd2", { parent: "sdd", type: "partition", holders: ["dm-3", "dm-4"] }),
            device("dm-3", { slaves: ["sdd2"], type: "dm" }),
            device("dm-4", { slaves: ["sdd2"], type: "dm", users: [{ kind: "mount" as const, name: "/var" }] }),
        ]);
        const why = (name: string): string | undefined => originObstacle(graph.get(name)!, graph);
        assert.equal(why("sda1"), "is in use: sda: exported as nqn.x");
        assert.equal(why("sdb1"), "is in use: sdb: held by dm-0");
        assert.equal(why("dm-1"), "is in use: sdc: exported as nqn.y");
        assert.equal(why("dm-3"), undefined, "another mapping on the same partition does not matter");
    });

    it("so that the service itself refuses a partition of an exported volume", async () => {
        const one = await modelFixture((kernel) => {
            target(kernel);
            kernel.sim.otherAttach(0, 64 * MIB);
            kernel.sim.otherAttach(1, 64 * MIB);
            kernel.sim.addPartitions("rd1", [16 * MIB]);
        });
        const device = { kind: "volume" as const, id: "rd1" };
        await one.model.exports.create({ device, nqn: NQN, hosts: [HOST], ports: [2] }, allow);
        one.kernel.sim.steps.resetSteps();
        const error = await failure(one.model.caches.create("rd0", "/dev/rd1p1", "write-through", {}, allow));
        assert.equal(error.kind, "Busy");
        assert.equal(error.message, `/dev/rd1p1 is in use: rd1: exported as ${NQN}.`);
        assert.deepEqual(one.kernel.sim.steps.log, []);
        one.model.close();
    });
});
