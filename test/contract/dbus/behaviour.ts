// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Promises about what the service does to the kernel, and tells of it. */
import assert from "node:assert/strict";
import { Variant } from "../../../service/src/bus/index.js";
import { BUS_NAME, call, GIB, MIB, refusal, ROOT, until } from "./calls.js";
import { BusObjects, managedObjects, treeText } from "./busobjects.js";
import type { Promised, ServiceFixture } from "./fixture.js";

const ERROR = "org.rapiddisk.Manager.Error.";

async function create(
    { client }: ServiceFixture,
    size: number,
    options: Record<string, Variant> = {},
): Promise<string> {
    const [path] = await call(client, ROOT, "", "CreateVolume", "ta{sv}", [BigInt(size), options]);
    return path as string;
}

async function property({ client }: ServiceFixture, path: string, iface: string, name: string): Promise<unknown> {
    const target = { destination: BUS_NAME, path, interface: "org.freedesktop.DBus.Properties", member: "Get" };
    const [value] = await client.call(target, "ss", [iface === "" ? BUS_NAME : `${BUS_NAME}.${iface}`, name]);
    return (value as Variant).value;
}

async function cacheOn(fixture: ServiceFixture, volume: string, mode: string): Promise<string> {
    const args = [volume, await fixture.origin(), mode, {}];
    const [path] = await call(fixture.client, ROOT, "", "CreateCache", "sssa{sv}", args);
    return path as string;
}

const remove = (fixture: ServiceFixture, path: string, iface: "Volume" | "Cache"): Promise<unknown> =>
    call(fixture.client, path, iface, "Remove", "a{sv}", [{}]);

export const behaviourPromises: readonly Promised[] = [
    {
        name: "a volume is a block device of the kernel while it is there, and not after",
        run: async (fixture) => {
            const path = await create(fixture, 8 * MIB);
            const name = (await property(fixture, path, "Volume", "Name")) as string;
            assert.equal(await fixture.kernelHas(name), true);
            assert.equal(await property(fixture, path, "Volume", "Size"), BigInt(8 * MIB));
            assert.equal(await property(fixture, path, "Volume", "Device"), `/dev/${name}`);
            await call(fixture.client, path, "Volume", "Resize", "ta{sv}", [BigInt(16 * MIB), {}]);
            assert.equal(await property(fixture, path, "Volume", "Size"), BigInt(16 * MIB));
            await call(fixture.client, path, "Volume", "SetReadOnly", "ba{sv}", [true, {}]);
            assert.equal(await property(fixture, path, "Volume", "ReadOnly"), true);
            await call(fixture.client, path, "Volume", "SetReadOnly", "ba{sv}", [false, {}]);
            await call(fixture.client, path, "Volume", "Erase", "a{sv}", [{}]);
            await remove(fixture, path, "Volume");
            assert.equal(await fixture.kernelHas(name), false);
        },
    },
    {
        name: "a volume that is mounted is not removed, erased, shrunk or locked, and the mount point is named",
        run: async (fixture) => {
            const path = await create(fixture, 16 * MIB);
            const name = (await property(fixture, path, "Volume", "Name")) as string;
            const mount = await fixture.mount(name);
            try {
                const attempts: [string, string, unknown[]][] = [
                    ["Remove", "a{sv}", [{}]],
                    ["Erase", "a{sv}", [{}]],
                    ["Resize", "ta{sv}", [BigInt(MIB), {}]],
                    ["SetReadOnly", "ba{sv}", [true, {}]],
                ];
                for (const [member, signature, args] of attempts) {
                    const error = await refusal(call(fixture.client, path, "Volume", member, signature, args));
                    assert.equal(error.name, `${ERROR}Busy`, member);
                    assert.ok(error.message.includes(`mounted on ${mount.path}`), error.message);
                }
                await until("Users shows the mount", async () =>
                    ((await property(fixture, path, "Volume", "Users")) as string[]).includes(
                        `mounted on ${mount.path}`,
                    ),
                );
                await call(fixture.client, path, "Volume", "Resize", "ta{sv}", [BigInt(32 * MIB), {}]);
            } finally {
                await mount.undo();
            }
            await until(
                "Users is empty again",
                async () => (await property(fixture, path, "Volume", "InUse")) === false,
            );
            await remove(fixture, path, "Volume");
        },
    },
    {
        name: "a volume that a process has open is not removed, and the process is named",
        run: async (fixture) => {
            const path = await create(fixture, MIB);
            const holder = await fixture.hold((await property(fixture, path, "Volume", "Name")) as string);
            try {
                const error = await refusal(remove(fixture, path, "Volume"));
                assert.equal(error.name, `${ERROR}Busy`);
                assert.ok(error.message.includes(holder.command), error.message);
            } finally {
                await holder.undo();
            }
            await remove(fixture, path, "Volume");
        },
    },
    {
        name: "a volume is refused when it could never fill up, with what was asked and what is free",
        run: async (fixture) => {
            const before = await property(fixture, ROOT, "", "MemoryCommitted");
            const error = await refusal(create(fixture, 4096 * GIB));
            assert.equal(error.name, `${ERROR}NoMemory`);
            assert.match(error.message, /asks for 4 TiB but only .* are free/);
            assert.equal(await property(fixture, ROOT, "", "MemoryCommitted"), before);
        },
    },
    {
        name: "numbers are the lowest free one unless asked for, and a taken one is refused",
        run: async (fixture) => {
            const path = await create(fixture, MIB, { number: new Variant("u", 700) });
            assert.equal(path, `${ROOT}/volumes/rd700`);
            const error = await refusal(create(fixture, MIB, { number: new Variant("u", 700) }));
            assert.equal(error.name, `${ERROR}AlreadyExists`);
            await remove(fixture, path, "Volume");
        },
    },
    {
        name: "bad requests are refused by name before anything is done",
        run: async (fixture) => {
            const bad: [bigint, Record<string, Variant>, string][] = [
                [0n, {}, "InvalidArgument"],
                [1000n, {}, "InvalidArgument"],
                [2n ** 64n - 1n, {}, "InvalidArgument"],
                [4096n, { colour: new Variant("s", "red") }, "UnknownOption"],
                [4096n, { number: new Variant("u", 2 ** 20) }, "InvalidArgument"],
            ];
            for (const [size, options, name] of bad) {
                const work = call(fixture.client, ROOT, "", "CreateVolume", "ta{sv}", [size, options]);
                assert.equal((await refusal(work)).name, ERROR + name, `${size}`);
            }
        },
    },
    ...["write-through", "write-around"].map((mode) => ({
        name: `a ${mode} cache lives: shown with its volume and source, counted, reset, flushed, removed`,
        run: async (fixture: ServiceFixture) => {
            const volume = await create(fixture, 16 * MIB);
            const path = await cacheOn(fixture, volume, mode);
            const name = (await property(fixture, path, "Cache", "Name")) as string;
            assert.match(name, mode === "write-through" ? /^rc-wt_/ : /^rc-wa_/);
            assert.equal(await property(fixture, path, "Cache", "Mode"), mode);
            assert.equal(await property(fixture, path, "Cache", "Volume"), volume);
            assert.equal(await property(fixture, path, "Cache", "CacheSize"), BigInt(16 * MIB));
            assert.equal(await property(fixture, path, "Cache", "BlockSize"), 4096);
            assert.deepEqual(await property(fixture, volume, "Volume", "Users"), [`cache of ${name}`]);
            const [statistics] = (await call(fixture.client, path, "Cache", "GetStatistics", "a{sv}", [{}])) as [
                Map<string, Variant>,
            ];
            for (const key of ["reads", "writes", "cache_hits", "uncached_writes", "disk_reads", "cache_writes"]) {
                assert.equal(statistics.get(key)?.signature, "t", key);
            }
            const [all] = (await call(fixture.client, ROOT, "", "GetAllStatistics", "a{sv}", [{}])) as [
                Map<string, Map<string, Variant>>,
            ];
            const keys = (one: Map<string, Variant> | undefined): string[] =>
                [...(one ?? [])].map(([key, { signature }]) => `${key} ${signature}`);
            const [own] = (await call(fixture.client, volume, "Volume", "GetStatistics", "a{sv}", [{}])) as [
                Map<string, Variant>,
            ];
            assert.deepEqual(keys(all.get(path)), keys(statistics));
            assert.deepEqual(keys(all.get(volume)), keys(own));
            await call(fixture.client, path, "Cache", "ResetStatistics", "a{sv}", [{}]);
            await call(fixture.client, path, "Cache", "Flush", "a{sv}", [{}]);
            const busy = await refusal(remove(fixture, volume, "Volume"));
            assert.equal(busy.message, `${volume.slice(volume.lastIndexOf("/") + 1)} is in use: cache of ${name}.`);
            const other = mode === "write-through" ? "write-around" : "write-through";
            await call(fixture.client, path, "Cache", "SetMode", "sa{sv}", [other, {}]);
            assert.equal(await property(fixture, path, "Cache", "Mode"), other);
            await remove(fixture, path, "Cache");
            assert.deepEqual(await property(fixture, volume, "Volume", "Users"), []);
            await remove(fixture, volume, "Volume");
        },
    })),
    {
        name: "a writeback cache lives: flushed as a job, and before it is removed",
        needs: ["writecache"],
        run: async (fixture) => {
            const volume = await create(fixture, 16 * MIB);
            const path = await cacheOn(fixture, volume, "write-back");
            assert.equal(await property(fixture, path, "Cache", "Mode"), "writeback");
            const [statistics] = (await call(fixture.client, path, "Cache", "GetStatistics", "a{sv}", [{}])) as [
                Map<string, Variant>,
            ];
            assert.equal(statistics.get("num_blocks")?.signature, "t");
            await call(fixture.client, path, "Cache", "Flush", "a{sv}", [{}]);
            await remove(fixture, path, "Cache");
            await remove(fixture, volume, "Volume");
        },
    },
    {
        name: "a mounted origin is refused, and the mount point is named",
        run: async (fixture) => {
            const volume = await create(fixture, 16 * MIB);
            const origin = await create(fixture, 16 * MIB);
            const device = (await property(fixture, origin, "Volume", "Name")) as string;
            const mount = await fixture.mount(device);
            try {
                const args = [volume, `/dev/${device}`, "write-through", {}];
                const error = await refusal(call(fixture.client, ROOT, "", "CreateCache", "sssa{sv}", args));
                assert.equal(error.name, `${ERROR}Busy`);
                assert.ok(error.message.includes(mount.path), error.message);
            } finally {
                await mount.undo();
            }
            await remove(fixture, origin, "Volume");
            await remove(fixture, volume, "Volume");
        },
    },
    {
        name: "what others make and remove is shown within 2 s",
        run: async (fixture) => {
            const there = async (path: string): Promise<boolean> => (await managedObjects(fixture.client)).has(path);
            await fixture.other.attach(801, 16 * MIB);
            await until("a volume made by others", () => there(`${ROOT}/volumes/rd801`));
            await fixture.other.createCache("contract-x", "/dev/rd801", await fixture.origin());
            await until("a cache made by others", () => there(`${ROOT}/caches/contract_2dx`));
            await fixture.other.removeMapping("contract-x");
            await until("the end of that cache", async () => !(await there(`${ROOT}/caches/contract_2dx`)));
            await fixture.other.detach(801);
            await until("the end of that volume", async () => !(await there(`${ROOT}/volumes/rd801`)));
        },
    },
    {
        name: "signals alone rebuild the tree, and come before the reply",
        run: async (fixture) => {
            const seen = await BusObjects.follow(fixture.client);
            const check = async (what: string): Promise<void> => {
                const heard = seen.text();
                assert.equal(heard, treeText(await managedObjects(fixture.client)), `after ${what}`);
            };
            const volume = await create(fixture, 16 * MIB);
            await check("CreateVolume");
            await call(fixture.client, volume, "Volume", "Resize", "ta{sv}", [BigInt(32 * MIB), {}]);
            await check("Resize");
            const cache = await cacheOn(fixture, volume, "write-around");
            await check("CreateCache");
            await remove(fixture, cache, "Cache");
            await check("Cache.Remove");
            await remove(fixture, volume, "Volume");
            await check("Volume.Remove");
        },
    },
    {
        name: "a volume that persists says so, and its entry goes with it",
        run: async (fixture) => {
            const path = await create(fixture, MIB, { persist: new Variant("b", true) });
            assert.equal(await property(fixture, path, "Volume", "Persistent"), true);
            await call(fixture.client, path, "Volume", "SetPersistent", "ba{sv}", [false, {}]);
            assert.equal(await property(fixture, path, "Volume", "Persistent"), false);
            await remove(fixture, path, "Volume");
            assert.deepEqual(await property(fixture, ROOT, "", "Problems"), []);
        },
    },
    {
        name: "Resolve finds objects by name and by device path",
        run: async (fixture) => {
            const path = await create(fixture, MIB);
            const name = (await property(fixture, path, "Volume", "Name")) as string;
            for (const text of [name, `/dev/${name}`, path]) {
                assert.deepEqual(await call(fixture.client, ROOT, "", "Resolve", "s", [text]), [path]);
            }
            assert.equal(
                (await refusal(call(fixture.client, ROOT, "", "Resolve", "s", ["rd77777"]))).name,
                `${ERROR}NotFound`,
            );
            await remove(fixture, path, "Volume");
        },
    },
];
