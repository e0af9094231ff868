// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Promises about device-mapper mappings. */
import assert from "node:assert/strict";
import { attach, look, MIB, patiently, refused, type Promised, type Rig } from "./rig.js";

/** A linear mapping of 1 MiB over a new RAM disk. Returns its name and the RAM disk's number. */
async function linear(rig: Rig, name = rig.freeName(), uuid = ""): Promise<{ name: string; number: number }> {
    const number = await attach(rig, 4 * MIB);
    const params = `/dev/rd${number} 0`;
    await patiently(rig, () => rig.kernel.createMapping(name, uuid, { length: 2048, type: "linear", params }));
    await rig.settle();
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
async function shownMode(rig: Rig, name: string): Promise<string | undefined> {
    return (await look(rig)).mapping(name)?.targets[0]?.params.split(" ")[3];
}

/** A cache mapping of the origin over a new RAM disk. */
async function cache(rig: Rig, mode = "0"): Promise<{ name: string; number: number; origin: string }> {
    const origin = await rig.origin();
    const number = await attach(rig, 16 * MIB);
    const name = rig.freeName();
    const size = (await look(rig)).device(origin)?.size ?? 0;
    const params = `/dev/${origin} /dev/rd${number} ${(16 * MIB) / 512} ${mode}`;
    await patiently(rig, () =>
        rig.kernel.createMapping(name, "", { length: size / 512, type: "rapiddisk-cache", params }),
    );
    await rig.settle();
    return { name, number, origin };
}

/** Asserts that a failed creation left nothing behind. */
async function nothingLeft(rig: Rig, name: string): Promise<void> {
    assert.equal((await look(rig)).mapping(name), undefined);
    await refused(rig.kernel.removeMapping(name), "ENOENT");
}

export const mappingPromises: Promised[] = [
    {
        name: "a mapping is told from a later one of the same name, and so is a partition's disk from another",
        run: async (rig) => {
            const sequence = async (device: string): Promise<number> => {
                const found = (await rig.kernel.sequences([device])).get(device);
                assert.ok(found !== undefined && found > 0, `${device} has the number ${found}`);
                return found;
            };
            const { name, number } = await linear(rig);
            const first = await sequence((await look(rig)).mapping(name)?.device ?? "");
            await patiently(rig, () => rig.kernel.removeMapping(name));
            await rig.other.createLinear(name, `rd${number}`, 2048);
            await rig.settle();
            assert.notEqual(await sequence((await look(rig)).mapping(name)?.device ?? ""), first);
            await patiently(rig, () => rig.kernel.removeMapping(name));
            const disk = `rd${await attach(rig, 16 * MIB)}`;
            const [partition] = await rig.partition(disk);
            assert.equal(await sequence(partition), await sequence(disk));
        },
    },
    {
        name: "a mapping is in the snapshot with its name, UUID, table and both ends of its stacking",
        run: async (rig) => {
            const uuid = `TEST-${rig.freeName()}`;
            const { name, number } = await linear(rig, undefined, uuid);
            const { mapping, device } = await look(rig);
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
            assert.equal(await rig.kernel.resolveDevice(`/dev/mapper/${name}`), kernelName);
            assert.equal(await rig.kernel.stablePath(kernelName), `/dev/mapper/${name}`);
            await patiently(rig, () => rig.kernel.removeMapping(name));
            await nothingLeft(rig, name);
            assert.deepEqual((await look(rig)).device(`rd${number}`)?.holders, []);
        },
    },
    {
        name: "a name or a UUID that is taken is EBUSY, and the first mapping stays as it was",
        run: async (rig) => {
            const uuid = `TEST-${rig.freeName()}`;
            const { name } = await linear(rig, undefined, uuid);
            const before = (await look(rig)).mapping(name);
            const table = { length: 8, type: "error", params: "" };
            await refused(rig.kernel.createMapping(name, "", table), "EBUSY");
            const second = rig.freeName();
            await refused(rig.kernel.createMapping(second, uuid, table), "EBUSY");
            await nothingLeft(rig, second);
            assert.deepEqual((await look(rig)).mapping(name), before);
        },
    },
    {
        name: "an unknown target type is EINVAL and leaves nothing",
        run: async (rig) => {
            const name = rig.freeName();
            await refused(rig.kernel.createMapping(name, "", { length: 8, type: "no-such", params: "" }), "EINVAL");
            await nothingLeft(rig, name);
        },
    },
    {
        name: "a device that does not exist is ENODEV or ENOENT and leaves nothing",
        run: async (rig) => {
            const name = rig.freeName();
            const params = `/dev/rd${rig.freeNumber()} 0`;
            await refused(
                rig.kernel.createMapping(name, "", { length: 8, type: "linear", params }),
                ...["ENODEV", "ENOENT"],
            );
            await nothingLeft(rig, name);
        },
    },
    {
        name: "a table longer than its device is EINVAL and leaves nothing",
        run: async (rig) => {
            const number = await attach(rig, MIB);
            const name = rig.freeName();
            const params = `/dev/rd${number} 0`;
            await refused(rig.kernel.createMapping(name, "", { length: 2056, type: "linear", params }), "EINVAL");
            await nothingLeft(rig, name);
        },
    },
    {
        name: "names that device-mapper would have to escape, and malformed tables, are EINVAL",
        run: async (rig) => {
            const table = { length: 8, type: "error", params: "" };
            for (const name of ["", ".", "..", "a/b", "a b", "a\nb", "-x", "ä", "a\\b", "x".repeat(128), "a\0b"]) {
                await refused(rig.kernel.createMapping(name, "", table), "EINVAL");
            }
            const name = rig.freeName();
            await refused(rig.kernel.createMapping(name, "u u", table), "EINVAL");
            await refused(rig.kernel.createMapping(name, "u".repeat(129), table), "EINVAL");
            for (const length of [0, -1, 1.5, NaN]) {
                await refused(rig.kernel.createMapping(name, "", { ...table, length }), "EINVAL");
            }
            await refused(rig.kernel.createMapping(name, "", { ...table, params: "a\n0 8 error" }), "EINVAL");
            await refused(rig.kernel.createMapping(name, "", { ...table, type: "err or" }), "EINVAL");
            await nothingLeft(rig, name);
        },
    },
    {
        name: "names of 127 characters and of every allowed sign work in every verb",
        run: async (rig) => {
            const base = rig.freeName();
            for (const name of [base.padEnd(127, "x"), `${base}#+-.:=@_Z9`, `${base}: 0`.replaceAll(" ", "")]) {
                await rig.kernel.createMapping(name, "", { length: 8, type: "error", params: "" });
                await rig.settle();
                assert.deepEqual((await look(rig)).mapping(name)?.targets, [
                    { start: 0, length: 8, type: "error", params: "" },
                ]);
                assert.equal(await rig.kernel.statusMapping(name), "");
                await refused(rig.kernel.messageMapping(name, "hello"), "EINVAL");
                await patiently(rig, () => rig.kernel.removeMapping(name));
                await nothingLeft(rig, name);
            }
        },
    },
    {
        name: "a name that begins another is not taken for it, nor dm-1 for dm-11",
        run: async (rig) => {
            const base = rig.freeName();
            const names = Array.from({ length: 12 }, (_, index) => base + "1".repeat(index));
            for (const [index, name] of names.entries()) {
                await rig.kernel.createMapping(name, "", { length: 8 * (index + 1), type: "error", params: "" });
            }
            await rig.settle();
            const { mapping, device } = await look(rig);
            for (const [index, name] of names.entries()) {
                const found = mapping(name);
                assert.equal(found?.targets[0]?.length, 8 * (index + 1), name);
                assert.equal(device(found?.device ?? "")?.path, `/dev/mapper/${name}`);
            }
            await patiently(rig, () => rig.kernel.removeMapping(base));
            assert.ok((await look(rig)).mapping(`${base}1`));
            await nothingLeft(rig, base);
        },
    },
    {
        name: "an open mapping is not removed: EBUSY",
        run: async (rig) => {
            const { name } = await linear(rig);
            const device = (await look(rig)).mapping(name)?.device ?? "";
            const { undo } = await rig.hold(device);
            try {
                await refused(rig.kernel.removeMapping(name), "EBUSY");
                assert.ok((await look(rig)).mapping(name));
            } finally {
                await undo();
            }
            await patiently(rig, () => rig.kernel.removeMapping(name));
        },
    },
    {
        name: "verbs on a mapping that does not exist are ENOENT",
        run: async (rig) => {
            const name = rig.freeName();
            await refused(rig.kernel.removeMapping(name), "ENOENT");
            await refused(rig.kernel.messageMapping(name, "flush"), "ENOENT");
            await refused(rig.kernel.statusMapping(name), "ENOENT");
            await refused(rig.kernel.statsMapping(name), "ENOENT");
        },
    },
    {
        name: "a message that is empty, long or of several lines is EINVAL, as is one that the target does not know",
        run: async (rig) => {
            const { name } = await linear(rig);
            for (const message of ["", "  ", "a\nb", "x".repeat(1025), "flush", "--help"]) {
                await refused(rig.kernel.messageMapping(name, message), "EINVAL");
            }
            assert.equal(await rig.kernel.statusMapping(name), "");
            await refused(rig.kernel.statsMapping(name), "EINVAL");
        },
    },
    {
        name: "a suspended mapping shows as suspended",
        needs: ["suspend"],
        run: async (rig) => {
            const { name } = await linear(rig);
            await rig.other.suspend(name, true);
            const suspended = (await look(rig)).mapping(name)?.suspended;
            await rig.other.suspend(name, false);
            assert.equal(suspended, true);
            assert.equal((await look(rig)).mapping(name)?.suspended, false);
        },
    },
    {
        name: "a cache mapping holds its origin and its RAM disk, and its status is thirteen numbers",
        needs: ["cache"],
        run: async (rig) => {
            const { name, number, origin } = await cache(rig);
            const { mapping, device } = await look(rig);
            const found = mapping(name);
            assert.deepEqual(device(origin)?.holders, [found?.device]);
            assert.deepEqual(device(`rd${number}`)?.holders, [found?.device]);
            assert.deepEqual(device(found?.device ?? "")?.slaves.sort(), [origin, `rd${number}`].sort());
            assert.equal(found?.targets.length, 1);
            assert.equal(found?.targets[0]?.type, "rapiddisk-cache");
            const words = found?.targets[0]?.params.split(" ") ?? [];
            assert.deepEqual(words.slice(0, 2), [device(origin)?.devno, device(`rd${number}`)?.devno]);
            assert.deepEqual(words.slice(2, 4), ["32768", "0"]);
            const numbers = (await rig.kernel.statusMapping(name)).replace(/[^0-9 ]/g, " ").match(/\d+/g);
            assert.equal(numbers?.length, 13);
            const stats = (await rig.kernel.statsMapping(name)).split(" ");
            for (const word of ["mode=write-through", "block_size=4096", "blocks=4096", "origin_errors=0"]) {
                assert.ok(stats.includes(word), `${word} in ${stats.join(" ")}`);
            }
            await refused(rig.kernel.detachRamDisk(number), "EBUSY");
            await refused(rig.kernel.eraseRamDisk(number), "EBUSY");
            await patiently(rig, () => rig.kernel.removeMapping(name));
            await patiently(rig, () => rig.kernel.detachRamDisk(number));
        },
    },
    {
        name: "a cache takes a longer table of the same devices while it is open, begins empty and keeps its device",
        needs: ["cache"],
        run: async (rig) => {
            const { name, number, origin } = await cache(rig);
            const before = (await look(rig)).mapping(name);
            const [source, store] = before?.targets[0]?.params.split(" ") ?? [];
            const type = "rapiddisk-cache";
            const length = before?.targets[0]?.length ?? 0;
            const short = { length: length - 8, type, params: `${source} ${store} 16384 1` };
            await rig.kernel.reloadMapping(name, short);
            const { undo } = await rig.hold(before?.device ?? "");
            try {
                await rig.kernel.resizeRamDisk(number, 32 * MIB);
                await rig.kernel.reloadMapping(name, { length, type, params: `${source} ${store} 65536 1` });
                const after = (await look(rig)).mapping(name);
                assert.equal(after?.device, before?.device);
                assert.deepEqual(after?.targets[0]?.params.split(" ").slice(0, 4), [source, store, "65536", "1"]);
                assert.equal(after?.suspended, false);
                assert.equal((await look(rig)).device(after?.device ?? "")?.size, length * 512);
                const tooLong = { length: length * 1024, type, params: `${source} ${store} 65536 1` };
                await refused(rig.kernel.reloadMapping(name, tooLong), "EINVAL");
                await refused(
                    rig.kernel.reloadMapping(name, { ...short, params: `/dev/${origin} /dev/${origin} 64 1` }),
                    "EINVAL",
                );
                assert.deepEqual((await look(rig)).mapping(name), after, "a table that is refused changes nothing");
            } finally {
                await undo();
            }
            await refused(rig.kernel.reloadMapping(rig.freeName(), { length: 8, type: "error", params: "" }), "ENOENT");
            await patiently(rig, () => rig.kernel.removeMapping(name));
        },
    },
    {
        name: "a second cache on the same RAM disk is EBUSY and leaves nothing",
        needs: ["cache"],
        run: async (rig) => {
            const { number } = await cache(rig);
            const other = await attach(rig, 32 * MIB);
            const name = rig.freeName();
            const table = {
                length: 65536,
                type: "rapiddisk-cache",
                params: `/dev/rd${other} /dev/rd${number} 32768 0`,
            };
            await refused(rig.kernel.createMapping(name, "", table), "EBUSY");
            await nothingLeft(rig, name);
        },
    },
    {
        name: "a cache over a mounted disk is EBUSY; one longer than its origin or on no RAM disk is EINVAL",
        needs: ["cache"],
        run: async (rig) => {
            const source = await attach(rig, 32 * MIB);
            const number = await attach(rig, 16 * MIB);
            const name = rig.freeName();
            const type = "rapiddisk-cache";
            const { undo } = await rig.mount(`rd${source}`);
            try {
                const params = `/dev/rd${source} /dev/rd${number} 32768 0`;
                await refused(rig.kernel.createMapping(name, "", { length: 65536, type, params }), "EBUSY");
            } finally {
                await undo();
            }
            const params = `/dev/rd${source} /dev/rd${number} 32768 0`;
            await refused(rig.kernel.createMapping(name, "", { length: 131072, type, params }), "EINVAL");
            const origin = await rig.origin();
            const reversed = `/dev/rd${source} /dev/${origin} 32768 0`;
            await refused(rig.kernel.createMapping(name, "", { length: 65536, type, params: reversed }), "EINVAL");
            await nothingLeft(rig, name);
        },
    },
    {
        name: "a cache takes the message stats_reset and refuses an unknown one with EINVAL",
        needs: ["cache"],
        run: async (rig) => {
            const { name } = await cache(rig);
            await rig.kernel.messageMapping(name, "stats_reset");
            await refused(rig.kernel.messageMapping(name, "no such message"), "EINVAL");
        },
    },
    {
        name: "a cache takes the messages that change its mode, and its table says which it has",
        needs: ["cache"],
        run: async (rig) => {
            const { name } = await cache(rig);
            for (const [word, shown] of MODES) {
                await rig.kernel.messageMapping(name, `mode ${word}`);
                assert.equal(await shownMode(rig, name), shown, word);
            }
            await refused(rig.kernel.messageMapping(name, "mode writeback"), "EINVAL");
            assert.equal(await shownMode(rig, name), MODES.at(-1)![1]);
        },
    },
    {
        name: "a cache is made in each mode, by its number or its names, and its table says which it has",
        needs: ["cache"],
        run: async (rig) => {
            const numbers = [["0", "0"] as const, ["1", "1"] as const, ["2", "1"] as const];
            for (const [mode, shown] of [...numbers, ...MODES]) {
                const { name } = await cache(rig, mode);
                assert.equal(await shownMode(rig, name), shown, mode);
                await patiently(rig, () => rig.kernel.removeMapping(name));
            }
            const name = rig.freeName();
            const params = `/dev/${await rig.origin()} /dev/rd${await attach(rig, 16 * MIB)} 32768 writeback`;
            const table = { length: 2048, type: "rapiddisk-cache", params };
            await refused(rig.kernel.createMapping(name, "", table), "EINVAL");
            await nothingLeft(rig, name);
        },
    },
    {
        name: "what the RAM disk of a cache holds goes with the mapping",
        needs: ["cache"],
        run: async (rig) => {
            const origin = await rig.origin();
            const number = await attach(rig, 16 * MIB);
            const disk = async (): Promise<[number, number] | undefined> => {
                const found = (await rig.kernel.readRamDisks()).find((one) => one.number === number);
                return found === undefined ? undefined : [found.used, found.highestWritten];
            };
            await rig.write(number, 0, 64 * 1024);
            assert.deepEqual(await disk(), [64 * 1024, 64 * 1024]);
            const name = rig.freeName();
            const size = (await look(rig)).device(origin)?.size ?? 0;
            const params = `/dev/${origin} /dev/rd${number} ${(16 * MIB) / 512} 0`;
            const table = { length: size / 512, type: "rapiddisk-cache", params };
            await patiently(rig, () => rig.kernel.createMapping(name, "", table));
            await rig.settle();
            await patiently(rig, () => rig.kernel.removeMapping(name));
            assert.deepEqual(await disk(), [0, 0]);
        },
    },
    {
        name: "a write-back mapping takes a flush, tells its status and goes",
        needs: ["writecache"],
        run: async (rig) => {
            const origin = await rig.origin();
            const number = await attach(rig, 16 * MIB);
            const name = rig.freeName();
            const table = { length: 65536, type: "writecache", params: `s /dev/${origin} /dev/rd${number} 4096 0` };
            await patiently(rig, () => rig.kernel.createMapping(name, "", table));
            await rig.settle();
            assert.equal(await rig.kernel.messageMapping(name, "flush"), "");
            const status = (await rig.kernel.statusMapping(name)).split(" ");
            assert.ok(status.length >= 4 && status.every((word) => /^\d+$/.test(word)), status.join(" "));
            assert.equal((await rig.kernel.snapshot()).modules.dm_writecache, true);
            const { mapping, device } = await look(rig);
            const devnos = [device(origin)?.devno, device(`rd${number}`)?.devno];
            assert.deepEqual(mapping(name)?.targets[0]?.params.split(" ").slice(0, 4), ["s", ...devnos, "4096"]);
            await patiently(rig, () => rig.kernel.removeMapping(name));
            await nothingLeft(rig, name);
        },
    },
    {
        name: "a write-back mapping has sectors of the size of its blocks, and as many blocks as fitted when it was made",
        needs: ["writecache"],
        run: async (rig) => {
            const origin = await rig.origin();
            const smallest = (await look(rig)).device(origin)?.blockSize ?? 512;
            for (const block of [smallest, 4096]) {
                const number = await attach(rig, 16 * MIB);
                const name = rig.freeName();
                const params = `s /dev/${origin} /dev/rd${number} ${block} 0`;
                await patiently(rig, () =>
                    rig.kernel.createMapping(name, "", { length: 65536, type: "writecache", params }),
                );
                await rig.settle();
                const { mapping, device } = await look(rig);
                assert.equal(device(mapping(name)?.device ?? "")?.blockSize, block);
                const blocks = async (): Promise<number> =>
                    Number((await rig.kernel.statusMapping(name)).split(" ")[1]);
                const count = await blocks();
                assert.ok(count * block < 16 * MIB && count * block > 15 * MIB, `${count} blocks of ${block} bytes`);
                await rig.kernel.resizeRamDisk(number, 32 * MIB);
                assert.equal(await blocks(), count);
                await patiently(rig, () => rig.kernel.removeMapping(name));
            }
        },
    },
];
