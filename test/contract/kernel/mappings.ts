// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Promises about device-mapper mappings. */
import assert from "node:assert/strict";
import { attach, look, MIB, patiently, refused, type Promised, type KernelFixture } from "./fixture.js";

/** A linear mapping of 1 MiB over a new RAM disk. Returns its name and the RAM disk's number. */
async function linear(
    fixture: KernelFixture,
    name = fixture.freeName(),
    uuid = "",
): Promise<{ name: string; number: number }> {
    const number = await attach(fixture, 4 * MIB);
    const params = `/dev/rd${number} 0`;
    await patiently(fixture, () => fixture.kernel.createMapping(name, uuid, { length: 2048, type: "linear", params }));
    await fixture.settle();
    return { name, number };
}

/** Names of the modes that the cache target knows, and what its table says for each. */
const MODES = [
    ["wa", "1"],
    ["passthrough", "passthrough"],
    ["write-through", "0"],
    ["write-around", "1"],
    ["wt", "0"],
] as const;

/** The mode that the table of a cache says. */
async function shownMode(fixture: KernelFixture, name: string): Promise<string | undefined> {
    return (await look(fixture)).mapping(name)?.targets[0]?.params.split(" ")[3];
}

/** A cache mapping of the origin over a new RAM disk. */
async function cache(fixture: KernelFixture, mode = "0"): Promise<{ name: string; number: number; origin: string }> {
    const origin = await fixture.origin();
    const number = await attach(fixture, 16 * MIB);
    const name = fixture.freeName();
    const size = (await look(fixture)).device(origin)?.size ?? 0;
    const params = `/dev/${origin} /dev/rd${number} ${(16 * MIB) / 512} ${mode}`;
    await patiently(fixture, () =>
        fixture.kernel.createMapping(name, "", { length: size / 512, type: "rapiddisk-cache", params }),
    );
    await fixture.settle();
    return { name, number, origin };
}

/** Asserts that a failed creation left nothing behind. */
async function nothingLeft(fixture: KernelFixture, name: string): Promise<void> {
    assert.equal((await look(fixture)).mapping(name), undefined);
    await refused(fixture.kernel.removeMapping(name), "ENOENT");
}

export const mappingPromises: Promised[] = [
    {
        name: "a mapping is told from a later one of the same name, and so is a partition's disk from another",
        run: async (fixture) => {
            const sequence = async (device: string): Promise<number> => {
                const found = (await fixture.kernel.sequences([device])).get(device);
                assert.ok(found !== undefined && found > 0, `${device} has the number ${found}`);
                return found;
            };
            const { name, number } = await linear(fixture);
            const first = await sequence((await look(fixture)).mapping(name)?.device ?? "");
            await patiently(fixture, () => fixture.kernel.removeMapping(name));
            await fixture.other.createLinear(name, `rd${number}`, 2048);
            await fixture.settle();
            assert.notEqual(await sequence((await look(fixture)).mapping(name)?.device ?? ""), first);
            await patiently(fixture, () => fixture.kernel.removeMapping(name));
            const disk = `rd${await attach(fixture, 16 * MIB)}`;
            const [partition] = await fixture.partition(disk);
            assert.equal(await sequence(partition), await sequence(disk));
        },
    },
    {
        name: "a mapping is in the snapshot with its name, UUID, table and both ends of its stacking",
        run: async (fixture) => {
            const uuid = `TEST-${fixture.freeName()}`;
            const { name, number } = await linear(fixture, undefined, uuid);
            const { mapping, device } = await look(fixture);
            const rd = device(`rd${number}`);
            const found = mapping(name);
            assert.ok(found && rd);
            const { device: kernelName, devno, ...rest } = found;
            assert.match(kernelName, /^dm-\d+$/);
            assert.deepEqual(rest, {
                name,
                uuid,
                suspended: false,
                targets: [{ start: 0, length: 2048, type: "linear", params: `${rd.devno} 0` }],
            });
            assert.deepEqual(rd.holders, [kernelName]);
            const dm = device(kernelName);
            assert.equal(dm?.devno, devno);
            assert.deepEqual(dm?.slaves, [`rd${number}`]);
            assert.deepEqual([dm?.path, dm?.size, dm?.type], [`/dev/mapper/${name}`, MIB, "dm"]);
            assert.equal(await fixture.kernel.resolveDevice(`/dev/mapper/${name}`), kernelName);
            assert.equal(await fixture.kernel.stablePath(kernelName), `/dev/mapper/${name}`);
            await patiently(fixture, () => fixture.kernel.removeMapping(name));
            await nothingLeft(fixture, name);
            assert.deepEqual((await look(fixture)).device(`rd${number}`)?.holders, []);
        },
    },
    {
        name: "a name or a UUID that is taken is EBUSY, and the first mapping stays as it was",
        run: async (fixture) => {
            const uuid = `TEST-${fixture.freeName()}`;
            const { name } = await linear(fixture, undefined, uuid);
            const before = (await look(fixture)).mapping(name);
            const table = { length: 8, type: "error", params: "" };
            await refused(fixture.kernel.createMapping(name, "", table), "EBUSY");
            const second = fixture.freeName();
            await refused(fixture.kernel.createMapping(second, uuid, table), "EBUSY");
            await nothingLeft(fixture, second);
            assert.deepEqual((await look(fixture)).mapping(name), before);
        },
    },
    {
        name: "an unknown target type is EINVAL and leaves nothing",
        run: async (fixture) => {
            const name = fixture.freeName();
            await refused(fixture.kernel.createMapping(name, "", { length: 8, type: "no-such", params: "" }), "EINVAL");
            await nothingLeft(fixture, name);
        },
    },
    {
        name: "a device that does not exist is ENODEV or ENOENT and leaves nothing",
        run: async (fixture) => {
            const name = fixture.freeName();
            const params = `/dev/rd${fixture.freeNumber()} 0`;
            await refused(
                fixture.kernel.createMapping(name, "", { length: 8, type: "linear", params }),
                ...["ENODEV", "ENOENT"],
            );
            await nothingLeft(fixture, name);
        },
    },
    {
        name: "a table longer than its device is EINVAL and leaves nothing",
        run: async (fixture) => {
            const number = await attach(fixture, MIB);
            const name = fixture.freeName();
            const params = `/dev/rd${number} 0`;
            await refused(fixture.kernel.createMapping(name, "", { length: 2056, type: "linear", params }), "EINVAL");
            await nothingLeft(fixture, name);
        },
    },
    {
        name: "names that device-mapper would have to escape, and malformed tables, are EINVAL",
        run: async (fixture) => {
            const table = { length: 8, type: "error", params: "" };
            for (const name of ["", ".", "..", "a/b", "a b", "a\nb", "-x", "ä", "a\\b", "x".repeat(128), "a\0b"]) {
                await refused(fixture.kernel.createMapping(name, "", table), "EINVAL");
            }
            const name = fixture.freeName();
            await refused(fixture.kernel.createMapping(name, "u u", table), "EINVAL");
            await refused(fixture.kernel.createMapping(name, "u".repeat(129), table), "EINVAL");
            for (const length of [0, -1, 1.5, NaN]) {
                await refused(fixture.kernel.createMapping(name, "", { ...table, length }), "EINVAL");
            }
            await refused(fixture.kernel.createMapping(name, "", { ...table, params: "a\n0 8 error" }), "EINVAL");
            await refused(fixture.kernel.createMapping(name, "", { ...table, type: "err or" }), "EINVAL");
            await nothingLeft(fixture, name);
        },
    },
    {
        name: "names of 127 characters and of every allowed sign work in every verb",
        run: async (fixture) => {
            const base = fixture.freeName();
            for (const name of [base.padEnd(127, "x"), `${base}#+-.:=@_Z9`, `${base}: 0`.replaceAll(" ", "")]) {
                await fixture.kernel.createMapping(name, "", { length: 8, type: "error", params: "" });
                await fixture.settle();
                assert.deepEqual((await look(fixture)).mapping(name)?.targets, [
                    { start: 0, length: 8, type: "error", params: "" },
                ]);
                assert.equal(await fixture.kernel.statusMapping(name), "");
                await refused(fixture.kernel.messageMapping(name, "hello"), "EINVAL");
                await patiently(fixture, () => fixture.kernel.removeMapping(name));
                await nothingLeft(fixture, name);
            }
        },
    },
    {
        name: "a name that begins another is not taken for it, nor dm-1 for dm-11",
        run: async (fixture) => {
            const base = fixture.freeName();
            const names = Array.from({ length: 12 }, (_, index) => base + "1".repeat(index));
            for (const [index, name] of names.entries()) {
                await fixture.kernel.createMapping(name, "", { length: 8 * (index + 1), type: "error", params: "" });
            }
            await fixture.settle();
            const { mapping, device } = await look(fixture);
            for (const [index, name] of names.entries()) {
                const found = mapping(name);
                assert.equal(found?.targets[0]?.length, 8 * (index + 1), name);
                assert.equal(device(found?.device ?? "")?.path, `/dev/mapper/${name}`);
            }
            await patiently(fixture, () => fixture.kernel.removeMapping(base));
            assert.ok((await look(fixture)).mapping(`${base}1`));
            await nothingLeft(fixture, base);
        },
    },
    {
        name: "an open mapping is not removed: EBUSY",
        run: async (fixture) => {
            const { name } = await linear(fixture);
            const device = (await look(fixture)).mapping(name)?.device ?? "";
            const { undo } = await fixture.hold(device);
            try {
                await refused(fixture.kernel.removeMapping(name), "EBUSY");
                assert.ok((await look(fixture)).mapping(name));
            } finally {
                await undo();
            }
            await patiently(fixture, () => fixture.kernel.removeMapping(name));
        },
    },
    {
        name: "verbs on a mapping that does not exist are ENOENT",
        run: async (fixture) => {
            const name = fixture.freeName();
            await refused(fixture.kernel.removeMapping(name), "ENOENT");
            await refused(fixture.kernel.messageMapping(name, "flush"), "ENOENT");
            await refused(fixture.kernel.statusMapping(name), "ENOENT");
            await refused(fixture.kernel.statsMapping(name), "ENOENT");
        },
    },
    {
        name: "a message that is empty, long or of several lines is EINVAL, as is one that the target does not know",
        run: async (fixture) => {
            const { name } = await linear(fixture);
            for (const message of ["", "  ", "a\nb", "x".repeat(1025), "flush", "--help"]) {
                await refused(fixture.kernel.messageMapping(name, message), "EINVAL");
            }
            assert.equal(await fixture.kernel.statusMapping(name), "");
            await refused(fixture.kernel.statsMapping(name), "EINVAL");
        },
    },
    {
        name: "a suspended mapping shows as suspended",
        needs: ["suspend"],
        run: async (fixture) => {
            const { name } = await linear(fixture);
            await fixture.other.suspend(name, true);
            const suspended = (await look(fixture)).mapping(name)?.suspended;
            await fixture.other.suspend(name, false);
            assert.equal(suspended, true);
            assert.equal((await look(fixture)).mapping(name)?.suspended, false);
        },
    },
    {
        name: "a cache mapping holds its origin and its RAM disk, and its status is thirteen numbers",
        needs: ["cache"],
        run: async (fixture) => {
            const { name, number, origin } = await cache(fixture);
            const { mapping, device } = await look(fixture);
            const found = mapping(name);
            assert.deepEqual(device(origin)?.holders, [found?.device]);
            assert.deepEqual(device(`rd${number}`)?.holders, [found?.device]);
            assert.deepEqual(device(found?.device ?? "")?.slaves.sort(), [origin, `rd${number}`].sort());
            assert.equal(found?.targets.length, 1);
            assert.equal(found?.targets[0]?.type, "rapiddisk-cache");
            const words = found?.targets[0]?.params.split(" ") ?? [];
            assert.deepEqual(words.slice(0, 2), [device(origin)?.devno, device(`rd${number}`)?.devno]);
            assert.deepEqual(words.slice(2, 4), ["32768", "0"]);
            const numbers = (await fixture.kernel.statusMapping(name)).replace(/[^0-9 ]/g, " ").match(/\d+/g);
            assert.equal(numbers?.length, 13);
            const stats = (await fixture.kernel.statsMapping(name)).split(" ");
            for (const word of ["mode=write-through", "block_size=4096", "blocks=4096", "origin_errors=0"]) {
                assert.ok(stats.includes(word), `${word} in ${stats.join(" ")}`);
            }
            await refused(fixture.kernel.detachRamDisk(number), "EBUSY");
            await refused(fixture.kernel.eraseRamDisk(number), "EBUSY");
            await patiently(fixture, () => fixture.kernel.removeMapping(name));
            await patiently(fixture, () => fixture.kernel.detachRamDisk(number));
        },
    },
    {
        name: "a cache takes a longer table of the same devices while it is open, begins empty and keeps its device",
        needs: ["cache"],
        run: async (fixture) => {
            const { name, number, origin } = await cache(fixture);
            const before = (await look(fixture)).mapping(name);
            const [source, store] = before?.targets[0]?.params.split(" ") ?? [];
            const type = "rapiddisk-cache";
            const length = before?.targets[0]?.length ?? 0;
            const short = { length: length - 8, type, params: `${source} ${store} 16384 1` };
            await fixture.kernel.reloadMapping(name, short);
            const { undo } = await fixture.hold(before?.device ?? "");
            try {
                await fixture.kernel.resizeRamDisk(number, 32 * MIB);
                await fixture.kernel.reloadMapping(name, { length, type, params: `${source} ${store} 65536 1` });
                const after = (await look(fixture)).mapping(name);
                assert.equal(after?.device, before?.device);
                assert.deepEqual(after?.targets[0]?.params.split(" ").slice(0, 4), [source, store, "65536", "1"]);
                assert.equal(after?.suspended, false);
                assert.equal((await look(fixture)).device(after?.device ?? "")?.size, length * 512);
                const tooLong = { length: length * 1024, type, params: `${source} ${store} 65536 1` };
                await refused(fixture.kernel.reloadMapping(name, tooLong), "EINVAL");
                await refused(
                    fixture.kernel.reloadMapping(name, { ...short, params: `/dev/${origin} /dev/${origin} 64 1` }),
                    "EINVAL",
                );
                assert.deepEqual((await look(fixture)).mapping(name), after, "a table that is refused changes nothing");
            } finally {
                await undo();
            }
            await refused(
                fixture.kernel.reloadMapping(fixture.freeName(), { length: 8, type: "error", params: "" }),
                "ENOENT",
            );
            await patiently(fixture, () => fixture.kernel.removeMapping(name));
        },
    },
    {
        name: "a second cache on the same RAM disk is EBUSY and leaves nothing",
        needs: ["cache"],
        run: async (fixture) => {
            const { number } = await cache(fixture);
            const other = await attach(fixture, 32 * MIB);
            const name = fixture.freeName();
            const table = {
                length: 65536,
                type: "rapiddisk-cache",
                params: `/dev/rd${other} /dev/rd${number} 32768 0`,
            };
            await refused(fixture.kernel.createMapping(name, "", table), "EBUSY");
            await nothingLeft(fixture, name);
        },
    },
    {
        name: "a cache over a mounted disk is EBUSY; one longer than its origin or on no RAM disk is EINVAL",
        needs: ["cache"],
        run: async (fixture) => {
            const source = await attach(fixture, 32 * MIB);
            const number = await attach(fixture, 16 * MIB);
            const name = fixture.freeName();
            const type = "rapiddisk-cache";
            const { undo } = await fixture.mount(`rd${source}`);
            try {
                const params = `/dev/rd${source} /dev/rd${number} 32768 0`;
                await refused(fixture.kernel.createMapping(name, "", { length: 65536, type, params }), "EBUSY");
            } finally {
                await undo();
            }
            const params = `/dev/rd${source} /dev/rd${number} 32768 0`;
            await refused(fixture.kernel.createMapping(name, "", { length: 131072, type, params }), "EINVAL");
            const origin = await fixture.origin();
            const reversed = `/dev/rd${source} /dev/${origin} 32768 0`;
            await refused(fixture.kernel.createMapping(name, "", { length: 65536, type, params: reversed }), "EINVAL");
            await nothingLeft(fixture, name);
        },
    },
    {
        name: "a cache takes the message stats_reset and refuses an unknown one with EINVAL",
        needs: ["cache"],
        run: async (fixture) => {
            const { name } = await cache(fixture);
            await fixture.kernel.messageMapping(name, "stats_reset");
            await refused(fixture.kernel.messageMapping(name, "no such message"), "EINVAL");
        },
    },
    {
        name: "a cache takes the messages that change its mode, and its table says which it has",
        needs: ["cache"],
        run: async (fixture) => {
            const { name } = await cache(fixture);
            for (const [word, shown] of MODES) {
                await fixture.kernel.messageMapping(name, `mode ${word}`);
                assert.equal(await shownMode(fixture, name), shown, word);
            }
            await refused(fixture.kernel.messageMapping(name, "mode writeback"), "EINVAL");
            assert.equal(await shownMode(fixture, name), MODES.at(-1)![1]);
        },
    },
    {
        name: "a cache is made in each mode, by its number or its names, and its table says which it has",
        needs: ["cache"],
        run: async (fixture) => {
            const numbers = [["0", "0"] as const, ["1", "1"] as const, ["2", "1"] as const];
            for (const [mode, shown] of [...numbers, ...MODES]) {
                const { name } = await cache(fixture, mode);
                assert.equal(await shownMode(fixture, name), shown, mode);
                await patiently(fixture, () => fixture.kernel.removeMapping(name));
            }
            const name = fixture.freeName();
            const params = `/dev/${await fixture.origin()} /dev/rd${await attach(fixture, 16 * MIB)} 32768 writeback`;
            const table = { length: 2048, type: "rapiddisk-cache", params };
            await refused(fixture.kernel.createMapping(name, "", table), "EINVAL");
            await nothingLeft(fixture, name);
        },
    },
    {
        name: "what the RAM disk of a cache holds goes with the mapping",
        needs: ["cache"],
        run: async (fixture) => {
            const origin = await fixture.origin();
            const number = await attach(fixture, 16 * MIB);
            const disk = async (): Promise<[number, number] | undefined> => {
                const found = (await fixture.kernel.readRamDisks()).find((one) => one.number === number);
                return found === undefined ? undefined : [found.used, found.highestWritten];
            };
            await fixture.write(number, 0, 64 * 1024);
            assert.deepEqual(await disk(), [64 * 1024, 64 * 1024]);
            const name = fixture.freeName();
            const size = (await look(fixture)).device(origin)?.size ?? 0;
            const params = `/dev/${origin} /dev/rd${number} ${(16 * MIB) / 512} 0`;
            const table = { length: size / 512, type: "rapiddisk-cache", params };
            await patiently(fixture, () => fixture.kernel.createMapping(name, "", table));
            await fixture.settle();
            await patiently(fixture, () => fixture.kernel.removeMapping(name));
            assert.deepEqual(await disk(), [0, 0]);
        },
    },
    {
        name: "a write-back mapping takes a flush, tells its status and goes",
        needs: ["writecache"],
        run: async (fixture) => {
            const origin = await fixture.origin();
            const number = await attach(fixture, 16 * MIB);
            const name = fixture.freeName();
            const table = { length: 65536, type: "writecache", params: `s /dev/${origin} /dev/rd${number} 4096 0` };
            await patiently(fixture, () => fixture.kernel.createMapping(name, "", table));
            await fixture.settle();
            assert.equal(await fixture.kernel.messageMapping(name, "flush"), "");
            const status = (await fixture.kernel.statusMapping(name)).split(" ");
            assert.ok(status.length >= 4 && status.every((word) => /^\d+$/.test(word)), status.join(" "));
            assert.equal((await fixture.kernel.snapshot()).modules.dm_writecache, true);
            const { mapping, device } = await look(fixture);
            const devnos = [device(origin)?.devno, device(`rd${number}`)?.devno];
            assert.deepEqual(mapping(name)?.targets[0]?.params.split(" ").slice(0, 4), ["s", ...devnos, "4096"]);
            await patiently(fixture, () => fixture.kernel.removeMapping(name));
            await nothingLeft(fixture, name);
        },
    },
    {
        name: "a write-back mapping has sectors of the size of its blocks, and as many blocks as fitted when it was made",
        needs: ["writecache"],
        run: async (fixture) => {
            const origin = await fixture.origin();
            const smallest = (await look(fixture)).device(origin)?.blockSize ?? 512;
            for (const block of [smallest, 4096]) {
                const number = await attach(fixture, 16 * MIB);
                const name = fixture.freeName();
                const params = `s /dev/${origin} /dev/rd${number} ${block} 0`;
                await patiently(fixture, () =>
                    fixture.kernel.createMapping(name, "", { length: 65536, type: "writecache", params }),
                );
                await fixture.settle();
                const { mapping, device } = await look(fixture);
                assert.equal(device(mapping(name)?.device ?? "")?.blockSize, block);
                const blocks = async (): Promise<number> =>
                    Number((await fixture.kernel.statusMapping(name)).split(" ")[1]);
                const count = await blocks();
                assert.ok(count * block < 16 * MIB && count * block > 15 * MIB, `${count} blocks of ${block} bytes`);
                await fixture.kernel.resizeRamDisk(number, 32 * MIB);
                assert.equal(await blocks(), count);
                await patiently(fixture, () => fixture.kernel.removeMapping(name));
            }
        },
    },
];
