// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Promises about RAM disks. */
import assert from "node:assert/strict";
import { attach, look, MIB, patiently, refused, type Promised } from "./fixture.js";

export const ramDiskPromises: Promised[] = [
    {
        name: "an attached RAM disk is in the snapshot, empty, writable and of exactly the asked size",
        run: async (fixture) => {
            const size = 5 * MIB + 512;
            const number = await attach(fixture, size);
            const wanted = { number, size, used: 0, errors: 0, highestWritten: 0, readOnly: false, populated: false };
            assert.deepEqual((await look(fixture)).ram(number), wanted);
            assert.deepEqual(
                (await fixture.kernel.readRamDisks()).find((disk) => disk.number === number),
                wanted,
            );
            const device = (await look(fixture)).device(`rd${number}`);
            assert.ok(device);
            assert.match(device.devno, /^\d+:\d+$/);
            assert.deepEqual(
                { ...device, devno: "", blockSize: 512 },
                {
                    name: `rd${number}`,
                    path: `/dev/rd${number}`,
                    devno: "",
                    size,
                    blockSize: 512,
                    readOnly: false,
                    removable: false,
                    vendor: "",
                    model: "",
                    type: "ram",
                    holders: [],
                    slaves: [],
                    partitions: [],
                    users: [],
                },
            );
            assert.equal(await fixture.kernel.resolveDevice(`/dev/rd${number}`), `rd${number}`);
        },
    },
    {
        name: "RAM disks are counted, and some of them read alone",
        run: async (fixture) => {
            const before = await fixture.kernel.countRamDisks();
            const number = await attach(fixture, MIB);
            assert.equal(await fixture.kernel.countRamDisks(), before + 1);
            assert.equal((await fixture.kernel.readRamDisks()).length, before + 1);
            const [disk, ...others] = await fixture.kernel.readRamDisks([number, fixture.freeNumber()]);
            assert.equal(disk?.number, number);
            assert.deepEqual(others, []);
        },
    },
    {
        name: "a RAM disk is told from a later one of the same name, and one that is not there from any",
        run: async (fixture) => {
            const number = await attach(fixture, MIB);
            const name = `rd${number}`;
            const none = `rd${fixture.freeNumber()}`;
            const sequence = async (): Promise<number | undefined> => {
                const found = await fixture.kernel.sequences([name, none]);
                assert.ok(!found.has(none));
                return found.get(name);
            };
            const first = await sequence();
            assert.ok(first !== undefined && first > 0);
            assert.equal(await sequence(), first);
            await patiently(fixture, () => fixture.kernel.detachRamDisk(number));
            assert.equal(await sequence(), undefined);
            await fixture.other.attach(number, MIB);
            assert.notEqual(await sequence(), first);
        },
    },
    {
        name: "attaching a number that exists is EEXIST and changes nothing",
        run: async (fixture) => {
            const number = await attach(fixture, MIB);
            await refused(fixture.kernel.attachRamDisk(number, 2 * MIB), "EEXIST");
            assert.equal((await look(fixture)).ram(number)?.size, MIB);
        },
    },
    ...[0, -512, 1000, 511, 4096.5, NaN, Infinity, 2 ** 60].map((size): Promised => ({
        name: `attaching ${size} bytes is EINVAL and makes nothing`,
        run: async (fixture) => {
            const number = fixture.freeNumber();
            await refused(fixture.kernel.attachRamDisk(number, size), "EINVAL");
            assert.equal((await look(fixture)).ram(number), undefined);
        },
    })),
    ...[-1, 1048576, 0.5, NaN].map((number): Promised => ({
        name: `RAM disk number ${number} is EINVAL in every verb`,
        run: async (fixture) => {
            const before = await fixture.kernel.readRamDisks();
            await refused(fixture.kernel.attachRamDisk(number, MIB), "EINVAL");
            await refused(fixture.kernel.detachRamDisk(number), "EINVAL");
            await refused(fixture.kernel.resizeRamDisk(number, MIB), "EINVAL");
            await refused(fixture.kernel.eraseRamDisk(number), "EINVAL");
            assert.deepEqual(await fixture.kernel.readRamDisks(), before);
        },
    })),
    {
        name: "the highest number, 1048575, can be attached and detached",
        run: async (fixture) => {
            await fixture.kernel.attachRamDisk(1048575, MIB);
            await fixture.settle();
            assert.equal((await look(fixture)).ram(1048575)?.size, MIB);
            await patiently(fixture, () => fixture.kernel.detachRamDisk(1048575));
            assert.equal((await look(fixture)).ram(1048575), undefined);
        },
    },
    {
        name: "a number that begins another is not taken for it",
        run: async (fixture) => {
            const short = fixture.freeNumber();
            const long = short * 10;
            await fixture.kernel.attachRamDisk(long, MIB);
            await fixture.settle();
            assert.equal((await look(fixture)).ram(short), undefined);
            await refused(fixture.kernel.detachRamDisk(short), "ENODEV");
            await fixture.kernel.attachRamDisk(short, 2 * MIB);
            const { undo } = await fixture.mount(`rd${long}`);
            try {
                assert.deepEqual((await look(fixture)).device(`rd${short}`)?.users, []);
                await patiently(fixture, () => fixture.kernel.detachRamDisk(short));
                assert.equal((await look(fixture)).ram(long)?.size, MIB);
            } finally {
                await undo();
                await patiently(fixture, () => fixture.kernel.detachRamDisk(long));
            }
        },
    },
    {
        name: "a detached RAM disk is gone, and detaching, resizing and erasing it again is ENODEV",
        run: async (fixture) => {
            const number = await attach(fixture, MIB);
            await patiently(fixture, () => fixture.kernel.detachRamDisk(number));
            const { ram, device } = await look(fixture);
            assert.equal(ram(number), undefined);
            assert.equal(device(`rd${number}`), undefined);
            await refused(fixture.kernel.detachRamDisk(number), "ENODEV");
            await refused(fixture.kernel.resizeRamDisk(number, 2 * MIB), "ENODEV");
            await refused(fixture.kernel.eraseRamDisk(number), "ENODEV");
            await refused(fixture.kernel.setReadOnly(`rd${number}`, true), "ENODEV");
            await refused(fixture.kernel.readIoCounters(`rd${number}`), "ENODEV");
            await refused(fixture.kernel.findOpeners(`rd${number}`, 1), "ENODEV");
            await refused(fixture.kernel.readStack(`rd${number}`), "ENODEV");
        },
    },
    {
        name: "a RAM disk that a process holds open is neither detached, erased nor shrunk: EBUSY",
        needs: ["our-module"],
        run: async (fixture) => {
            const number = await attach(fixture, 4 * MIB);
            await fixture.write(number, 0, MIB);
            const { undo } = await fixture.hold(`rd${number}`);
            try {
                await refused(fixture.kernel.detachRamDisk(number), "EBUSY");
                await refused(fixture.kernel.eraseRamDisk(number), "EBUSY");
                await refused(fixture.kernel.resizeRamDisk(number, 2 * MIB), "EBUSY");
                const disk = (await look(fixture)).ram(number);
                assert.deepEqual([disk?.size, disk?.used, disk?.highestWritten], [4 * MIB, MIB, MIB]);
            } finally {
                await undo();
            }
            await patiently(fixture, () => fixture.kernel.detachRamDisk(number));
        },
    },
    {
        name: "a mounted RAM disk is neither detached, erased nor shrunk: EBUSY, and it can grow",
        run: async (fixture) => {
            const number = await attach(fixture, 8 * MIB);
            const { undo } = await fixture.mount(`rd${number}`);
            try {
                const used = (await look(fixture)).ram(number)?.used;
                await refused(fixture.kernel.detachRamDisk(number), "EBUSY");
                if (!fixture.lacks("our-module")) await refused(fixture.kernel.eraseRamDisk(number), "EBUSY");
                await refused(fixture.kernel.resizeRamDisk(number, 6 * MIB), "EBUSY");
                assert.ok(((await look(fixture)).ram(number)?.used ?? 0) >= (used ?? 0));
                await fixture.kernel.resizeRamDisk(number, 16 * MIB);
                const { ram, device } = await look(fixture);
                assert.equal(ram(number)?.size, 16 * MIB);
                assert.equal(device(`rd${number}`)?.size, 16 * MIB);
            } finally {
                await undo();
            }
            await patiently(fixture, () => fixture.kernel.detachRamDisk(number));
        },
    },
    {
        name: "a RAM disk used as swap or under a mapping is not detached: EBUSY",
        run: async (fixture) => {
            const number = await attach(fixture, 8 * MIB);
            const undo = await fixture.swap(`rd${number}`);
            try {
                await refused(fixture.kernel.detachRamDisk(number), "EBUSY");
                assert.deepEqual((await look(fixture)).device(`rd${number}`)?.users, [{ kind: "swap", name: "" }]);
            } finally {
                await undo();
            }
            const name = fixture.freeName();
            const params = `/dev/rd${number} 0`;
            await patiently(fixture, () =>
                fixture.kernel.createMapping(name, "", { length: 2048, type: "linear", params }),
            );
            await refused(fixture.kernel.detachRamDisk(number), "EBUSY");
            await patiently(fixture, () => fixture.kernel.removeMapping(name));
            await patiently(fixture, () => fixture.kernel.detachRamDisk(number));
        },
    },
    {
        name: "usage and the highest-written mark follow what was written, and erase returns both to zero",
        needs: ["our-module"],
        run: async (fixture) => {
            const number = await attach(fixture, 8 * MIB);
            await fixture.write(number, 3 * MIB, MIB);
            const disk = (await look(fixture)).ram(number);
            assert.deepEqual([disk?.used, disk?.highestWritten, disk?.errors], [MIB, 4 * MIB, 0]);
            await patiently(fixture, () => fixture.kernel.eraseRamDisk(number));
            const erased = (await look(fixture)).ram(number);
            assert.deepEqual([erased?.size, erased?.used, erased?.highestWritten], [8 * MIB, 0, 0]);
        },
    },
    {
        name: "a shrink below the data is EBUSY and changes nothing; down to the data it succeeds",
        needs: ["our-module"],
        run: async (fixture) => {
            const number = await attach(fixture, 8 * MIB);
            await fixture.write(number, 0, 3 * MIB);
            await fixture.settle();
            await refused(fixture.kernel.resizeRamDisk(number, 2 * MIB), "EBUSY");
            assert.equal((await look(fixture)).ram(number)?.size, 8 * MIB);
            await patiently(fixture, () => fixture.kernel.resizeRamDisk(number, 3 * MIB));
            const { ram, device } = await look(fixture);
            assert.equal(ram(number)?.size, 3 * MIB);
            assert.equal(device(`rd${number}`)?.size, 3 * MIB);
            assert.equal(ram(number)?.used, 3 * MIB);
        },
    },
    {
        name: "a resize to no multiple of 512, to zero or to a fraction is EINVAL",
        run: async (fixture) => {
            const number = await attach(fixture, MIB);
            for (const size of [0, 1000, -512, 0.5]) {
                await refused(fixture.kernel.resizeRamDisk(number, size), "EINVAL");
            }
            assert.equal((await look(fixture)).ram(number)?.size, MIB);
        },
    },
    {
        name: "the read-only flag goes on and off, and both views show it",
        run: async (fixture) => {
            const number = await attach(fixture, MIB);
            for (const readOnly of [true, true, false]) {
                await fixture.kernel.setReadOnly(`rd${number}`, readOnly);
                const { ram, device } = await look(fixture);
                assert.equal(ram(number)?.readOnly, readOnly);
                assert.equal(device(`rd${number}`)?.readOnly, readOnly);
            }
        },
    },
    {
        name: "names that are not kernel names are ENODEV, whatever they would reach",
        run: async (fixture) => {
            const number = await attach(fixture, MIB);
            for (const name of [
                "",
                ".",
                "..",
                "../block",
                `./rd${number}`,
                `rd${number}/`,
                `/dev/rd${number}`,
                "rd\0",
                "-h",
            ]) {
                await refused(fixture.kernel.setReadOnly(name, true), "ENODEV");
                await refused(fixture.kernel.readIoCounters(name), "ENODEV");
                await refused(fixture.kernel.readStack(name), "ENODEV");
                await refused(fixture.kernel.stablePath(name), "ENODEV");
            }
            assert.equal((await look(fixture)).ram(number)?.readOnly, false);
        },
    },
    {
        name: "a read-only RAM disk is not erased: EROFS",
        needs: ["our-module"],
        run: async (fixture) => {
            const number = await attach(fixture, 4 * MIB);
            await fixture.write(number, 0, MIB);
            await fixture.kernel.setReadOnly(`rd${number}`, true);
            await refused(fixture.kernel.eraseRamDisk(number), "EROFS");
            assert.equal((await look(fixture)).ram(number)?.used, MIB);
        },
    },
    {
        name: "a size far beyond the RAM is EFBIG, in attach and in resize, and changes nothing",
        needs: ["our-module"],
        run: async (fixture) => {
            const huge = (await fixture.kernel.readMemory()).total * 16;
            const number = fixture.freeNumber();
            await refused(fixture.kernel.attachRamDisk(number, huge), "EFBIG");
            assert.equal((await look(fixture)).ram(number), undefined);
            await fixture.kernel.attachRamDisk(number, MIB);
            await refused(fixture.kernel.resizeRamDisk(number, huge), "EFBIG");
            assert.equal((await look(fixture)).ram(number)?.size, MIB);
        },
    },
    {
        name: "a populated RAM disk has all its memory from the start, and keeps it when it is erased",
        needs: ["our-module"],
        run: async (fixture) => {
            const number = await attach(fixture, 4 * MIB, { populate: true });
            const fresh = { number, size: 4 * MIB, used: 4 * MIB, errors: 0, readOnly: false, populated: true };
            assert.deepEqual((await look(fixture)).ram(number), { ...fresh, highestWritten: 0 });
            await fixture.write(number, 0, MIB);
            assert.deepEqual((await look(fixture)).ram(number), { ...fresh, highestWritten: MIB });
            await fixture.settle();
            await patiently(fixture, () => fixture.kernel.eraseRamDisk(number));
            assert.deepEqual((await look(fixture)).ram(number), { ...fresh, highestWritten: 0 });
        },
    },
    {
        name: "a populated RAM disk allocates what it grows by, and shrinks to what was written",
        needs: ["our-module"],
        run: async (fixture) => {
            const number = await attach(fixture, 4 * MIB, { populate: true });
            await fixture.write(number, 0, MIB);
            await fixture.kernel.resizeRamDisk(number, 6 * MIB);
            assert.equal((await look(fixture)).ram(number)?.used, 6 * MIB);
            await fixture.settle();
            await patiently(fixture, () => fixture.kernel.resizeRamDisk(number, MIB));
            const { size, used, populated } = (await look(fixture)).ram(number)!;
            assert.deepEqual({ size, used, populated }, { size: MIB, used: MIB, populated: true });
            await fixture.settle();
            await refused(fixture.kernel.resizeRamDisk(number, MIB / 2), "EBUSY");
        },
    },
    {
        name: "memory that is not there for a populated RAM disk is refused whole, in attach and in resize",
        needs: ["our-module"],
        run: async (fixture) => {
            const { total } = await fixture.kernel.readMemory();
            const number = fixture.freeNumber();
            await refused(fixture.kernel.attachRamDisk(number, total, { populate: true }), "ENOMEM", "ENOSPC");
            assert.equal((await look(fixture)).ram(number), undefined);
            await fixture.kernel.attachRamDisk(number, MIB, { populate: true });
            await refused(fixture.kernel.resizeRamDisk(number, total), "ENOMEM", "ENOSPC");
            const { size, used } = (await look(fixture)).ram(number)!;
            assert.deepEqual({ size, used }, { size: MIB, used: MIB });
        },
    },
    {
        name: "I/O counters count what was written",
        needs: ["our-module"],
        run: async (fixture) => {
            const number = await attach(fixture, 4 * MIB);
            const before = await fixture.kernel.readIoCounters(`rd${number}`);
            await fixture.write(number, 0, MIB);
            const after = await fixture.kernel.readIoCounters(`rd${number}`);
            assert.equal(after.writeBytes - before.writeBytes, MIB);
            assert.ok(after.writeIos > before.writeIos);
            assert.equal(after.inFlight, 0);
            const gone = `rd${fixture.freeNumber()}`;
            const all = await fixture.kernel.readAllIoCounters([`rd${number}`, gone]);
            assert.deepEqual([...all.keys()], [`rd${number}`]);
            assert.equal(all.get(`rd${number}`)?.writeBytes, after.writeBytes);
        },
    },
    {
        name: "240 RAM disks are listed whole: a list cut at a page would stop at 233",
        run: async (fixture) => {
            const numbers = Array.from({ length: 240 }, () => fixture.freeNumber());
            for (const number of numbers) await fixture.kernel.attachRamDisk(number, 4096);
            const { ram, device } = await look(fixture);
            for (const number of numbers) {
                assert.equal(ram(number)?.size, 4096, `rd${number} is not in the list`);
                assert.ok(device(`rd${number}`), `rd${number} is not among the block devices`);
            }
            await fixture.settle();
            for (const number of numbers) await patiently(fixture, () => fixture.kernel.detachRamDisk(number));
        },
    },
    {
        name: "attaching, detaching and reading at the same time never fails and never shows a torn disk",
        run: async (fixture) => {
            const numbers = Array.from({ length: 12 }, () => fixture.freeNumber());
            let reading = true;
            const reader = (async () => {
                while (reading) {
                    const { all } = await look(fixture);
                    for (const disk of all.ramDisks) if (numbers.includes(disk.number)) assert.equal(disk.size, MIB);
                    await new Promise((resolve) => setImmediate(resolve));
                }
            })();
            const changes = numbers.map(async (number) => {
                await fixture.kernel.attachRamDisk(number, MIB);
                await patiently(fixture, () => fixture.kernel.detachRamDisk(number));
            });
            const stop = Promise.all(changes).finally(() => (reading = false));
            await Promise.all([stop, reader]);
            const { ram } = await look(fixture);
            for (const number of numbers) assert.equal(ram(number), undefined);
        },
    },
];
