// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** The operations that take several steps, for tests that make each step fail or kill the service in it. */
import type { SimKernel } from "../../../service/src/kernel/index.js";
import type { Model } from "../../../service/src/model/model.js";
import { allow, GIB, MIB } from "./bench.js";

export interface Operation {
    name: string;
    /** Kernel set-up before the model first reads it. */
    prepare?: (sim: SimKernel) => void;
    /** What is done first, without faults. */
    before?(model: Model): Promise<void>;
    run(model: Model): Promise<unknown>;
    /** True when a failure in a late step cannot give contents back that the operation was asked to drop. */
    dropsContents?: boolean;
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
    },
];
