// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Promises about block devices, their users, modules, memory and events. */
import assert from "node:assert/strict";
import { attach, look, MIB, patiently, refused, type Promised, type Rig } from "./rig.js";

const EVENT_LIMIT_MS = 2000;

/** Asserts that a change made behind the port's back raises an event within 2 s. */
async function noticed(rig: Rig, change: () => Promise<unknown>): Promise<void> {
    const delays: number[] = [];
    let changed = Infinity;
    const watch = rig.kernel.watch(() => delays.push(performance.now() - changed));
    try {
        // What came before, and what the port reads to compare with, must not count.
        await rig.quiet();
        changed = performance.now();
        await change();
        // Counted in polls: where the machine is kept busy by others they take longer, as what makes the event does.
        for (let polls = 0; !delays.some((delay) => delay > 0) && polls < EVENT_LIMIT_MS / 5; polls++) {
            await new Promise((resolve) => setTimeout(resolve, 5));
        }
        assert.ok(
            delays.some((delay) => delay > 0),
            `no event within ${EVENT_LIMIT_MS} ms`,
        );
    } finally {
        watch.close();
    }
}

export const devicePromises: Promised[] = [
    {
        name: "what is on a device is told by its signature: nothing, a file system with its blocks, a partition table",
        run: async (rig) => {
            const device = `rd${await attach(rig, 16 * MIB)}`;
            assert.deepEqual(await rig.kernel.readContents(device), { type: "", table: "" });
            await rig.format(device, 1024);
            assert.deepEqual(await rig.kernel.readContents(device), { type: "ext4", blockSize: 1024, table: "" });
            await rig.format(device, 4096);
            assert.deepEqual(await rig.kernel.readContents(device), { type: "ext4", blockSize: 4096, table: "" });
            const disk = `rd${await attach(rig, 16 * MIB)}`;
            const [partition] = await rig.partition(disk);
            assert.deepEqual(await rig.kernel.readContents(disk), { type: "", table: "dos" });
            assert.deepEqual(await rig.kernel.readContents(partition), { type: "", table: "" });
            await refused(rig.kernel.readContents("rd1048575"), "ENODEV");
        },
    },
    {
        name: "a mount names its mount point, blanks included, and is gone after the unmount",
        run: async (rig) => {
            const number = await attach(rig, 8 * MIB);
            const { path, undo } = await rig.mount(`rd${number}`);
            assert.match(path, / /, "the rig's mount point has no blank");
            try {
                assert.deepEqual((await look(rig)).device(`rd${number}`)?.users, [{ kind: "mount", name: path }]);
            } finally {
                await undo();
            }
            assert.deepEqual((await look(rig)).device(`rd${number}`)?.users, []);
        },
    },
    {
        name: "openers are named with command and pid, at most as many as asked",
        run: async (rig) => {
            const number = await attach(rig, MIB);
            assert.deepEqual(await rig.kernel.findOpeners(`rd${number}`, 8), []);
            const first = await rig.hold(`rd${number}`);
            const second = await rig.hold(`rd${number}`);
            try {
                const lines = [first, second].map(({ command, pid }) => `${command} (pid ${pid})`);
                assert.deepEqual((await rig.kernel.findOpeners(`rd${number}`, 8)).sort(), lines.sort());
                assert.equal((await rig.kernel.findOpeners(`rd${number}`, 1)).length, 1);
            } finally {
                await first.undo();
                await second.undo();
            }
            await rig.settle();
            assert.deepEqual(await rig.kernel.findOpeners(`rd${number}`, 8), []);
        },
    },
    {
        name: "a stack shows the device and everything above it with users, and nothing else",
        run: async (rig) => {
            const number = await attach(rig, 8 * MIB);
            await attach(rig, MIB);
            const [lower, upper] = [rig.freeName(), rig.freeName()];
            const over = async (name: string, path: string): Promise<string> => {
                const table = { length: 16384, type: "linear", params: `${path} 0` };
                await patiently(rig, () => rig.kernel.createMapping(name, "", table));
                await rig.settle();
                return (await look(rig)).mapping(name)?.device ?? "";
            };
            const first = await over(lower, `/dev/rd${number}`);
            const second = await over(upper, `/dev/mapper/${lower}`);
            const { path, undo } = await rig.mount(second);
            try {
                const stack = await rig.kernel.readStack(`rd${number}`);
                assert.deepEqual(stack.map((device) => device.name).sort(), [`rd${number}`, first, second].sort());
                const users = stack.find((device) => device.name === second)?.users;
                assert.deepEqual(users, [{ kind: "mount", name: path }]);
                const { device } = await look(rig);
                for (const one of stack) assert.deepEqual(one, device(one.name));
            } finally {
                await undo();
            }
            assert.deepEqual(
                (await rig.kernel.readStack(second)).map((device) => device.name),
                [second],
            );
        },
    },
    {
        name: "partitions belong to their disk, and a mounted one keeps the disk from being detached",
        needs: ["our-module"],
        run: async (rig) => {
            const number = await attach(rig, 16 * MIB);
            const disk = `rd${number}`;
            const parts = await rig.partition(disk);
            const { device } = await look(rig);
            assert.deepEqual(device(disk)?.partitions.sort(), parts);
            const { type, parent, size, blockSize } = device(parts[1]) ?? {};
            assert.deepEqual(
                { type, parent, size, blockSize },
                { type: "partition", parent: disk, size: 4 * MIB, blockSize: device(disk)?.blockSize },
            );
            const { path, undo } = await rig.mount(parts[1]);
            try {
                const stack = await rig.kernel.readStack(disk);
                assert.deepEqual(stack.map((one) => one.name).sort(), [disk, ...parts]);
                assert.deepEqual(stack.find((one) => one.name === parts[1])?.users, [{ kind: "mount", name: path }]);
                await refused(rig.kernel.detachRamDisk(number), "EBUSY");
                await refused(rig.kernel.eraseRamDisk(number), "EBUSY");
            } finally {
                await undo();
            }
            await patiently(rig, () => rig.kernel.detachRamDisk(number));
            assert.equal((await look(rig)).device(parts[0]), undefined);
        },
    },
    {
        name: "paths are resolved through links to kernel names",
        needs: ["by-id"],
        run: async (rig) => {
            const origin = await rig.origin();
            assert.equal(await rig.kernel.resolveDevice(`/dev/${origin}`), origin);
            const stable = await rig.kernel.stablePath(origin);
            assert.match(stable ?? "", /^\/dev\/disk\/by-id\//);
            assert.equal(await rig.kernel.resolveDevice(stable ?? ""), origin);
        },
    },
    {
        name: "a device says who it is, if it does, and a partition where it begins on whose disk",
        needs: ["by-id"],
        run: async (rig) => {
            const origin = await rig.origin();
            const identity = await rig.kernel.deviceIdentity(origin);
            assert.match(identity, /^(wwid|serial) \S/);
            assert.equal(await rig.kernel.deviceIdentity(origin), identity);
            const number = await attach(rig, 16 * MIB);
            assert.equal(await rig.kernel.deviceIdentity(`rd${number}`), "");
            await refused(rig.kernel.deviceIdentity("no-such"), "ENODEV");
        },
    },
    {
        name: "a path that is no block device below /dev is ENOENT or ENOTBLK",
        run: async (rig) => {
            const paths = [
                "",
                "rd0",
                "/etc/passwd",
                "/dev/../etc/passwd",
                "/dev/no-such",
                "/dev/",
                "/dev",
                "/dev/rd\0",
            ];
            for (const path of paths) await refused(rig.kernel.resolveDevice(path), "ENOENT", "ENOTBLK");
        },
    },
    {
        name: "memory is sane, loaded modules count as available, and loading one again succeeds",
        run: async (rig) => {
            const memory = await rig.kernel.readMemory();
            assert.ok(memory.total >= memory.available && memory.available > 0 && Number.isSafeInteger(memory.total));
            const { modules } = await rig.kernel.snapshot();
            const available = await rig.kernel.availableModules();
            assert.equal(modules.rapiddisk, true);
            for (const [name, loaded] of Object.entries(modules)) {
                assert.ok(!loaded || (available as string[]).includes(name), name);
            }
            await rig.kernel.loadModule("rapiddisk");
        },
    },
    {
        name: "a module that is available can be loaded",
        needs: ["writecache"],
        run: async (rig) => {
            await rig.kernel.loadModule("dm_writecache");
            assert.equal((await rig.kernel.snapshot()).modules.dm_writecache, true);
        },
    },
    {
        name: "somebody else's attach, resize and detach raise events within 2 s",
        run: async (rig) => {
            const number = rig.freeNumber();
            await noticed(rig, () => rig.other.attach(number, MIB));
            await noticed(rig, () => rig.other.resize(number, 2 * MIB));
            await noticed(rig, () => patiently(rig, () => rig.other.detach(number)));
            assert.equal((await look(rig)).ram(number), undefined);
        },
    },
    {
        name: "somebody else's mapping raises an event within 2 s, made and removed",
        run: async (rig) => {
            const number = await attach(rig, MIB);
            const name = rig.freeName();
            await noticed(rig, () => rig.other.createLinear(name, `rd${number}`, 2048));
            assert.ok((await look(rig)).mapping(name));
            await rig.settle();
            await noticed(rig, () => patiently(rig, () => rig.other.removeMapping(name)));
        },
    },
    {
        name: "a mount, an unmount, swap and the read-only flag raise events within 2 s, though no uevent tells of them",
        run: async (rig) => {
            const number = await attach(rig, 8 * MIB);
            // Once before, so that making the file system is not among what is noticed.
            let { undo } = await rig.mount(`rd${number}`);
            await undo();
            await noticed(rig, async () => ({ undo } = await rig.mount(`rd${number}`)));
            await noticed(rig, undo);
            await (
                await rig.swap(`rd${number}`)
            )();
            await noticed(rig, async () => (undo = await rig.swap(`rd${number}`)));
            await noticed(rig, undo);
            await noticed(rig, () => rig.other.setReadOnly(`rd${number}`, true));
        },
    },
    {
        name: "a snapshot asked for after a change shows it, however many were asked for before",
        run: async (rig) => {
            const number = rig.freeNumber();
            const before = [rig.kernel.snapshot(), rig.kernel.snapshot(), rig.kernel.snapshot()];
            await rig.kernel.attachRamDisk(number, MIB);
            const after = await Promise.all([rig.kernel.snapshot(), rig.kernel.snapshot()]);
            for (const one of after) assert.ok(one.ramDisks.some((disk) => disk.number === number));
            await Promise.all(before);
        },
    },
    {
        name: "a closed watch is not called any more",
        run: async (rig) => {
            let calls = 0;
            const watch = rig.kernel.watch(() => calls++);
            watch.close();
            watch.close();
            await rig.other.attach(rig.freeNumber(), MIB);
            await rig.quiet();
            assert.equal(calls, 0);
        },
    },
    {
        name: "a hidden origin is named until it is revealed, and revealing what is not hidden does nothing",
        needs: ["by-id"],
        run: async (rig) => {
            const names = async (): Promise<string[]> => (await rig.kernel.hiddenOrigins()).map(({ name }) => name);
            const source = (await rig.kernel.stablePath(await rig.origin())) ?? "";
            await rig.kernel.revealOrigin("contract");
            await rig.hideOrigin("contract", source);
            assert.deepEqual(await rig.kernel.hiddenOrigins(), [{ name: "contract", source, mode: "write-through" }]);
            await rig.kernel.revealOrigin("another");
            assert.deepEqual(await names(), ["contract"]);
            await rig.kernel.revealOrigin("contract");
            await rig.settle();
            assert.deepEqual(await names(), []);
            assert.equal(await rig.kernel.stablePath(await rig.origin()), source);
        },
    },
];
