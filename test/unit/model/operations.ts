// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** The operations that take several steps, for tests that make each step fail or kill the service in it. */
import type { SimKernel } from "../../../service/src/kernel/index.js";
import type { Model } from "../../../service/src/model/model.js";
import { KEY, HOST, NQN, OTHER_HOST, target } from "./exports.js";
import { allow, GIB, MIB } from "./fixture.js";

export interface Operation {
    name: string;
    /** Kernel set-up before the model first reads it. */
    prepare?: (sim: SimKernel) => void;
    /** What is done first, without faults. */
    before?(model: Model): Promise<void>;
    run(model: Model): Promise<unknown>;
    /** True when a failure in a late step cannot give contents back that the operation was asked to drop. */
    dropsContents?: boolean;
    /**
     * How many of its last steps put an export back on its ports or only tidy up: when they fail, it has happened all the
     * same, and what is left is tried again.
     */
    tidying?: number;
}

const disk = (sim: SimKernel): void => sim.sim.addDisk({ name: "sdb", size: GIB, byId: ["virtio-blue"] });
const volume = async (model: Model): Promise<void> =>
    void (await model.volumes.create(64 * MIB, { persist: true }, allow));
const cache =
    (mode: string) =>
    async (model: Model): Promise<void> => {
        await volume(model);
        await model.caches.create("rd0", "/dev/sdb", mode, { persist: true }, allow);
    };

/** A volume that was exported before: its identity is known. */
async function exportedOnce(model: Model): Promise<void> {
    await volume(model);
    const request = { device: { kind: "volume" as const, id: "rd0" }, nqn: NQN, ports: [], hosts: [HOST] };
    await model.exports.create(request, allow);
    await model.exports.remove(NQN, allow);
}

const exported =
    (how: { hosts?: string[]; noKey?: boolean; allowAnyHost?: boolean; ports?: number[] }) =>
    async (model: Model): Promise<void> => {
        await volume(model);
        const request = { device: { kind: "volume" as const, id: "rd0" }, nqn: NQN, persist: true, ...how };
        await model.exports.create(request, allow);
    };

export const OPERATIONS: Operation[] = [
    { name: "create a volume", run: (model) => model.volumes.create(MIB, {}, allow) },
    { name: "create a persistent volume", run: (model) => model.volumes.create(MIB, { persist: true }, allow) },
    { name: "grow a persistent volume", before: volume, run: (model) => model.volumes.resize("rd0", 128 * MIB, allow) },
    { name: "shrink a persistent volume", before: volume, run: (model) => model.volumes.resize("rd0", MIB, allow) },
    { name: "lock a persistent volume", before: volume, run: (model) => model.volumes.setReadOnly("rd0", true, allow) },
    { name: "erase a volume", before: volume, run: (model) => model.volumes.erase("rd0", allow) },
    { name: "remove a persistent volume", before: volume, run: (model) => model.volumes.remove("rd0", allow) },
    {
        name: "create a persistent write-through cache",
        prepare: disk,
        before: volume,
        run: (model) => model.caches.create("rd0", "/dev/sdb", "write-through", { persist: true }, allow),
    },
    {
        name: "create a persistent writeback cache",
        prepare: (sim) => {
            disk(sim);
            sim.sim.otherAttach(0, 64 * MIB);
            sim.sim.write(0, 0, 4096);
        },
        run: (model) => model.caches.create("rd0", "/dev/sdb", "writeback", { persist: true }, allow),
        dropsContents: true,
    },
    {
        name: "resize a persistent cache whose volume grew",
        prepare: disk,
        before: async (model) => {
            await cache("write-through")(model);
            await model.volumes.resize("rd0", 128 * MIB, allow);
        },
        run: (model) => model.caches.resize("rc-wt_sdb", allow),
    },
    {
        name: "change the mode of a persistent cache",
        prepare: disk,
        before: cache("write-through"),
        run: (model) => model.caches.setMode("rc-wt_sdb", "write-around", allow),
    },
    {
        name: "remove a persistent write-around cache",
        prepare: disk,
        before: cache("write-around"),
        run: (model) => model.caches.remove("rc-wa_sdb", allow),
    },
    {
        name: "remove a persistent writeback cache",
        prepare: disk,
        before: cache("writeback"),
        run: (model) => model.caches.remove("rc-wb_sdb", allow),
        // What it leaves on its volume is dropped.
        tidying: 1,
    },
    {
        name: "create a persistent port",
        prepare: target,
        run: (model) =>
            model.ports.create({ id: 7, transport: "tcp", address: "eth0", family: "ipv6", persist: true }, allow),
    },
    {
        name: "remove a persistent port",
        prepare: target,
        before: async (model) =>
            void (await model.ports.create({ id: 7, transport: "loop", address: "", persist: true }, allow)),
        run: (model) => model.ports.remove("7", allow),
    },
    {
        name: "create a persistent export for two hosts on two ports",
        prepare: target,
        before: exportedOnce,
        run: (model) =>
            model.exports.create(
                { device: { kind: "volume", id: "rd0" }, nqn: NQN, hosts: [HOST, OTHER_HOST], persist: true },
                allow,
            ),
    },
    {
        name: "create an export for any host",
        prepare: target,
        before: exportedOnce,
        run: (model) =>
            model.exports.create({ device: { kind: "volume", id: "rd0" }, nqn: NQN, allowAnyHost: true }, allow),
    },
    {
        name: "let a host with keys into a persistent export that any host may use",
        prepare: target,
        before: exported({ allowAnyHost: true }),
        run: (model) => model.exports.allowHost(NQN, HOST, { key: KEY, controllerKey: KEY, hash: "sha384" }, allow),
        tidying: 2,
    },
    {
        name: "deny a host",
        prepare: target,
        before: exported({ hosts: [HOST, OTHER_HOST] }),
        run: (model) => model.exports.denyHost(NQN, HOST, allow),
        tidying: 3,
    },
    {
        name: "open an export to any host",
        prepare: target,
        before: exported({ hosts: [HOST, OTHER_HOST], noKey: true }),
        run: (model) => model.exports.setAllowAnyHost(NQN, true, allow),
        tidying: 2,
    },
    {
        name: "close an export",
        prepare: target,
        before: exported({ allowAnyHost: true }),
        run: (model) => model.exports.setAllowAnyHost(NQN, false, allow),
        tidying: 2,
    },
    {
        name: "give a host other keys",
        prepare: target,
        before: exported({ hosts: [HOST] }),
        run: (model) => model.exports.setHostKeys(NQN, HOST, { key: KEY, hash: "sha512", dhgroup: "ffdhe2048" }, allow),
    },
    {
        name: "put an export on one more port",
        prepare: target,
        before: exported({ hosts: [HOST], ports: [1] }),
        run: (model) => model.exports.addPort(NQN, 2, {}, allow),
    },
    {
        name: "take an export off a port",
        prepare: target,
        before: exported({ hosts: [HOST] }),
        run: (model) => model.exports.removePort(NQN, 2, allow),
    },
    {
        name: "switch an export off",
        prepare: target,
        before: exported({ hosts: [HOST] }),
        run: (model) => model.exports.setEnabled(NQN, false, allow),
    },
    {
        name: "remove a persistent export",
        prepare: target,
        before: exported({ hosts: [HOST, OTHER_HOST] }),
        run: (model) => model.exports.remove(NQN, allow),
        tidying: 2,
    },
];
