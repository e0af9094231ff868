// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Promises about block devices, their users, modules, memory and events. */
import assert from "node:assert/strict";
import { attach, look, MIB, patiently, refused, type Promised, type KernelFixture } from "./fixture.js";

const EVENT_LIMIT_MS = 2000;

/**
 * Asserts that a change made behind the port's back raises an event within 2 s.
 * @param device the one that the event names, unless it names none
 */
async function noticed(fixture: KernelFixture, change: () => Promise<unknown>, device?: string): Promise<void> {
    const delays: number[] = [];
    let changed = Infinity;
    const watch = fixture.kernel.watch(({ subsystem, devices }) => {
        if (device === undefined || devices?.includes(device) === true || (subsystem === "block" && !devices)) {
            delays.push(performance.now() - changed);
        }
    });
    try {
        // What came before, and what the port reads to compare with, must not count.
        await fixture.quiet();
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
        run: async (fixture) => {
            const device = `rd${await attach(fixture, 16 * MIB)}`;
            assert.deepEqual(await fixture.kernel.readContents(device), { type: "", table: "" });
            await fixture.format(device, 1024);
            assert.deepEqual(await fixture.kernel.readContents(device), { type: "ext4", blockSize: 1024, table: "" });
            await fixture.format(device, 4096);
            assert.deepEqual(await fixture.kernel.readContents(device), { type: "ext4", blockSize: 4096, table: "" });
            const disk = `rd${await attach(fixture, 16 * MIB)}`;
            const [partition] = await fixture.partition(disk);
            assert.deepEqual(await fixture.kernel.readContents(disk), { type: "", table: "dos" });
            assert.deepEqual(await fixture.kernel.readContents(partition), { type: "", table: "" });
            await refused(fixture.kernel.readContents("rd1048575"), "ENODEV");
        },
    },
    {
        name: "a mount names its mount point, blanks included, and is gone after the unmount",
        run: async (fixture) => {
            const number = await attach(fixture, 8 * MIB);
            const { path, undo } = await fixture.mount(`rd${number}`);
            assert.match(path, / /, "the fixture's mount point has no blank");
            try {
                assert.deepEqual((await look(fixture)).device(`rd${number}`)?.users, [{ kind: "mount", name: path }]);
            } finally {
                await undo();
            }
            assert.deepEqual((await look(fixture)).device(`rd${number}`)?.users, []);
        },
    },
    {
        name: "openers are named with command and pid, at most as many as asked",
        run: async (fixture) => {
            const number = await attach(fixture, MIB);
            assert.deepEqual(await fixture.kernel.findOpeners(`rd${number}`, 8), []);
            const first = await fixture.hold(`rd${number}`);
            const second = await fixture.hold(`rd${number}`);
            try {
                const lines = [first, second].map(({ command, pid }) => `${command} (pid ${pid})`);
                assert.deepEqual((await fixture.kernel.findOpeners(`rd${number}`, 8)).sort(), lines.sort());
                assert.equal((await fixture.kernel.findOpeners(`rd${number}`, 1)).length, 1);
            } finally {
                await first.undo();
                await second.undo();
            }
            await fixture.settle();
            assert.deepEqual(await fixture.kernel.findOpeners(`rd${number}`, 8), []);
        },
    },
    {
        name: "a stack shows the device and everything above it with users, and nothing else",
        run: async (fixture) => {
            const number = await attach(fixture, 8 * MIB);
            await attach(fixture, MIB);
            const [lower, upper] = [fixture.freeName(), fixture.freeName()];
            const over = async (name: string, path: string): Promise<string> => {
                const table = { length: 16384, type: "linear", params: `${path} 0` };
                await patiently(fixture, () => fixture.kernel.createMapping(name, "", table));
                await fixture.settle();
                return (await look(fixture)).mapping(name)?.device ?? "";
            };
            const first = await over(lower, `/dev/rd${number}`);
            const second = await over(upper, `/dev/mapper/${lower}`);
            const { path, undo } = await fixture.mount(second);
            try {
                const stack = await fixture.kernel.readStack(`rd${number}`);
                assert.deepEqual(stack.map((device) => device.name).sort(), [`rd${number}`, first, second].sort());
                const users = stack.find((device) => device.name === second)?.users;
                assert.deepEqual(users, [{ kind: "mount", name: path }]);
                const { device } = await look(fixture);
                for (const one of stack) assert.deepEqual(one, device(one.name));
            } finally {
                await undo();
            }
            assert.deepEqual(
                (await fixture.kernel.readStack(second)).map((device) => device.name),
                [second],
            );
        },
    },
    {
        name: "partitions belong to their disk, and a mounted one keeps the disk from being detached",
        needs: ["our-module"],
        run: async (fixture) => {
            const number = await attach(fixture, 16 * MIB);
            const disk = `rd${number}`;
            const parts = await fixture.partition(disk);
            const { device } = await look(fixture);
            assert.deepEqual(device(disk)?.partitions.sort(), parts);
            const { type, parent, size, blockSize } = device(parts[1]) ?? {};
            assert.deepEqual(
                { type, parent, size, blockSize },
                { type: "partition", parent: disk, size: 4 * MIB, blockSize: device(disk)?.blockSize },
            );
            const { path, undo } = await fixture.mount(parts[1]);
            try {
                const stack = await fixture.kernel.readStack(disk);
                assert.deepEqual(stack.map((one) => one.name).sort(), [disk, ...parts]);
                assert.deepEqual(stack.find((one) => one.name === parts[1])?.users, [{ kind: "mount", name: path }]);
                await refused(fixture.kernel.detachRamDisk(number), "EBUSY");
                await refused(fixture.kernel.eraseRamDisk(number), "EBUSY");
            } finally {
                await undo();
            }
            await patiently(fixture, () => fixture.kernel.detachRamDisk(number));
            assert.equal((await look(fixture)).device(parts[0]), undefined);
        },
    },
    {
        name: "paths are resolved through links to kernel names",
        needs: ["by-id"],
        run: async (fixture) => {
            const origin = await fixture.origin();
            assert.equal(await fixture.kernel.resolveDevice(`/dev/${origin}`), origin);
            const stable = await fixture.kernel.stablePath(origin);
            assert.match(stable ?? "", /^\/dev\/disk\/by-id\//);
            assert.equal(await fixture.kernel.resolveDevice(stable ?? ""), origin);
        },
    },
    {
        name: "a device says who it is, if it does, and a partition where it begins on whose disk",
        needs: ["by-id"],
        run: async (fixture) => {
            const origin = await fixture.origin();
            const identity = await fixture.kernel.deviceIdentity(origin);
            assert.match(identity, /^(wwid|serial) \S/);
            assert.equal(await fixture.kernel.deviceIdentity(origin), identity);
            const number = await attach(fixture, 16 * MIB);
            assert.equal(await fixture.kernel.deviceIdentity(`rd${number}`), "");
            await refused(fixture.kernel.deviceIdentity("no-such"), "ENODEV");
        },
    },
    {
        name: "a path that is no block device below /dev is ENOENT or ENOTBLK",
        run: async (fixture) => {
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
            for (const path of paths) await refused(fixture.kernel.resolveDevice(path), "ENOENT", "ENOTBLK");
        },
    },
    {
        name: "memory is sane, loaded modules count as available, and loading one again succeeds",
        run: async (fixture) => {
            const memory = await fixture.kernel.readMemory();
            assert.ok(memory.total >= memory.available && memory.available > 0 && Number.isSafeInteger(memory.total));
            const { modules } = await fixture.kernel.snapshot();
            const available = await fixture.kernel.availableModules();
            assert.equal(modules.rapiddisk, true);
            for (const [name, loaded] of Object.entries(modules)) {
                assert.ok(!loaded || (available as string[]).includes(name), name);
            }
            await fixture.kernel.loadModule("rapiddisk");
        },
    },
    {
        name: "a module that is available can be loaded",
        needs: ["writecache"],
        run: async (fixture) => {
            await fixture.kernel.loadModule("dm_writecache");
            assert.equal((await fixture.kernel.snapshot()).modules.dm_writecache, true);
        },
    },
    {
        name: "somebody else's attach, resize and detach raise events within 2 s",
        run: async (fixture) => {
            const number = fixture.freeNumber();
            const name = `rd${number}`;
            await noticed(fixture, () => fixture.other.attach(number, MIB), name);
            await noticed(fixture, () => fixture.other.resize(number, 2 * MIB), name);
            await noticed(fixture, () => patiently(fixture, () => fixture.other.detach(number)), name);
            assert.equal((await look(fixture)).ram(number), undefined);
        },
    },
    {
        name: "somebody else's mapping raises an event within 2 s, made and removed",
        run: async (fixture) => {
            const number = await attach(fixture, MIB);
            const name = fixture.freeName();
            await noticed(fixture, () => fixture.other.createLinear(name, `rd${number}`, 2048));
            assert.ok((await look(fixture)).mapping(name));
            await fixture.settle();
            await noticed(fixture, () => patiently(fixture, () => fixture.other.removeMapping(name)));
        },
    },
    {
        name: "a mount, an unmount, swap and the read-only flag raise events within 2 s, though no uevent tells of them",
        run: async (fixture) => {
            const number = await attach(fixture, 8 * MIB);
            // Once before, so that making the file system is not among what is noticed.
            let { undo } = await fixture.mount(`rd${number}`);
            await undo();
            await noticed(fixture, async () => ({ undo } = await fixture.mount(`rd${number}`)));
            await noticed(fixture, undo);
            await (
                await fixture.swap(`rd${number}`)
            )();
            await noticed(fixture, async () => (undo = await fixture.swap(`rd${number}`)));
            await noticed(fixture, undo);
            await noticed(fixture, () => fixture.other.setReadOnly(`rd${number}`, true));
        },
    },
    {
        name: "a snapshot asked for after a change shows it, however many were asked for before",
        run: async (fixture) => {
            const number = fixture.freeNumber();
            const before = [fixture.kernel.snapshot(), fixture.kernel.snapshot(), fixture.kernel.snapshot()];
            await fixture.kernel.attachRamDisk(number, MIB);
            const after = await Promise.all([fixture.kernel.snapshot(), fixture.kernel.snapshot()]);
            for (const one of after) assert.ok(one.ramDisks.some((disk) => disk.number === number));
            await Promise.all(before);
        },
    },
    {
        name: "a closed watch is not called any more",
        run: async (fixture) => {
            let calls = 0;
            const watch = fixture.kernel.watch(() => calls++);
            watch.close();
            watch.close();
            await fixture.other.attach(fixture.freeNumber(), MIB);
            await fixture.quiet();
            assert.equal(calls, 0);
        },
    },
    {
        name: "a hidden origin is named until it is revealed, and revealing what is not hidden does nothing",
        needs: ["by-id"],
        run: async (fixture) => {
            const names = async (): Promise<string[]> => (await fixture.kernel.hiddenOrigins()).map(({ name }) => name);
            const source = (await fixture.kernel.stablePath(await fixture.origin())) ?? "";
            await fixture.kernel.revealOrigin("contract");
            await fixture.hideOrigin("contract", source);
            assert.deepEqual(await fixture.kernel.hiddenOrigins(), [
                { name: "contract", source, mode: "write-through" },
            ]);
            await fixture.kernel.revealOrigin("another");
            assert.deepEqual(await names(), ["contract"]);
            await fixture.kernel.revealOrigin("contract");
            await fixture.settle();
            assert.deepEqual(await names(), []);
            assert.equal(await fixture.kernel.stablePath(await fixture.origin()), source);
        },
    },
];
