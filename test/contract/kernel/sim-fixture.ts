// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** The fixture over the simulated kernel: its test controls play the other people. */
import { createSimKernel } from "../../../service/src/kernel/index.js";
import { MIB, type KernelFixture } from "./fixture.js";

/** A fresh simulated machine with one disk, sdb. */
export function simFixture(): KernelFixture {
    const kernel = createSimKernel();
    const { sim } = kernel;
    sim.setModule("nvmet", { loaded: true });
    sim.addDisk({ name: "sdb", size: 128 * MIB, byId: ["ata-TEST_1"] });
    let number = 900;
    let count = 0;
    return {
        kernel,
        lacks: () => undefined,
        freeNumber: () => number++,
        freeName: () => `contract-${count++}`,
        origin: async () => "sdb",
        mount: async (device) => {
            const path = `/mnt/a b${count++}`;
            const known = (await kernel.snapshot()).ramDisks.find((disk) => `rd${disk.number}` === device);
            if (known) sim.write(known.number, 0, known.size - MIB);
            sim.mount(device, path);
            return { path, undo: async () => sim.unmount(device, path) };
        },
        format: async (device, blockSize) => sim.setContents(device, { type: "ext4", blockSize }),
        swap: async (device) => {
            sim.setContents(device, { type: "swap" });
            sim.swapOn(device);
            return async () => sim.swapOff(device);
        },
        partition: async (device) => {
            sim.addPartitions(device, [4 * MIB, 4 * MIB]);
            sim.setContents(device, { table: "dos" });
            return [`${device}p1`, `${device}p2`];
        },
        hold: async (device) => {
            const pid = 1000 + count++;
            sim.open(device, "sleep", pid);
            return { command: "sleep", pid, undo: async () => sim.closeOpener(device, pid) };
        },
        hideOrigin: async (name, source) => sim.hideOrigin({ name, source, mode: "write-through" }),
        write: async (disk, offset, length) => sim.write(disk, offset, length),
        other: {
            attach: async (disk, size) => sim.otherAttach(disk, size),
            detach: async (disk) => sim.otherDetach(disk),
            resize: async (disk, size) => sim.otherResize(disk, size),
            setReadOnly: async (device, readOnly) => sim.otherSetReadOnly(device, readOnly),
            createLinear: async (name, device, sectors) =>
                sim.otherCreateMapping(name, "", { length: sectors, type: "linear", params: `/dev/${device} 0` }),
            removeMapping: async (name) => sim.otherRemoveMapping(name),
            suspend: async (name, suspended) => sim.setSuspended(name, suspended),
            removeNvmet: async (nqn) => sim.otherNvmetRemove({ kind: "subsystem", nqn }),
        },
        settle: async () => undefined,
        quiet: () => new Promise((resolve) => setTimeout(resolve, 2)),
        clean: () => kernel.close(),
    };
}
