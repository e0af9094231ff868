// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Variant } from "../../../service/src/bus/index.js";
import { cpuTime, needsRoot, residentMemory } from "../harness/index.js";
import { BusObjects, managedObjects, treeText } from "../../contract/dbus/busobjects.js";
import {
    call,
    eventually,
    GIB,
    MIB,
    prepareDaemon,
    refusal,
    ROOT,
    type Service,
    type DaemonFixture,
    until,
} from "./fixture.js";

describe("the daemon on the bus", function () {
    let fixture: DaemonFixture;
    let service: Service;

    before(async function () {
        needsRoot(this);
        fixture = await prepareDaemon();
        service = await fixture.start();
        await service.sim.call("addDisk", { name: "sdb", size: GIB, byId: ["virtio-blue"] });
    });
    after(() => fixture?.stop());

    const create = async (options: Record<string, Variant> = {}, size = BigInt(64 * MIB)): Promise<string> => {
        const [path] = await call(fixture.client, ROOT, "", "CreateVolume", "ta{sv}", [size, options]);
        return path as string;
    };

    const volumePaths = async (): Promise<string[]> =>
        [...(await managedObjects(fixture.client)).keys()].filter((path) => path.includes("/volumes/"));

    it("tells of every change before the reply to who made it, and nothing else is needed to follow it", async () => {
        const { client } = fixture;
        const seen = await BusObjects.follow(client);
        let cache = "";
        const volume = (name: string): string => `${ROOT}/volumes/${name}`;
        const steps: [string, () => Promise<unknown>][] = [
            ["CreateVolume", () => create()],
            [
                "CreateVolume persistent",
                () => create({ persist: new Variant("b", true), populate: new Variant("b", true) }),
            ],
            ["Resize", () => call(client, volume("rd1"), "Volume", "Resize", "ta{sv}", [BigInt(MIB), {}])],
            ["SetReadOnly", () => call(client, volume("rd1"), "Volume", "SetReadOnly", "ba{sv}", [true, {}])],
            ["SetPersistent", () => call(client, volume("rd1"), "Volume", "SetPersistent", "ba{sv}", [false, {}])],
            ["Erase", () => call(client, volume("rd0"), "Volume", "Erase", "a{sv}", [{}])],
            [
                "CreateCache",
                async () => {
                    const args = ["rd0", "/dev/disk/by-id/virtio-blue", "write-through", {}];
                    [cache] = (await call(client, ROOT, "", "CreateCache", "sssa{sv}", args)) as [string];
                },
            ],
            ["SetMode", () => call(client, cache, "Cache", "SetMode", "sa{sv}", ["write-around", {}])],
            ["Cache.SetPersistent", () => call(client, cache, "Cache", "SetPersistent", "ba{sv}", [true, {}])],
            ["Cache.Remove", () => call(client, cache, "Cache", "Remove", "a{sv}", [{}])],
            [
                "CreateCache writeback",
                async () => {
                    const args = ["rd0", "/dev/sdb", "writeback", {}];
                    [cache] = (await call(client, ROOT, "", "CreateCache", "sssa{sv}", args)) as [string];
                },
            ],
            ["Flush", () => call(client, cache, "Cache", "Flush", "a{sv}", [{}])],
            ["Cache.Remove writeback", () => call(client, cache, "Cache", "Remove", "a{sv}", [{}])],
            ["Remove rd0", () => call(client, volume("rd0"), "Volume", "Remove", "a{sv}", [{}])],
            ["Remove rd1", () => call(client, volume("rd1"), "Volume", "Remove", "a{sv}", [{}])],
        ];
        for (const [what, work] of steps) {
            await work();
            const heard = seen.text(); // The reply is here; signals that came before it have been heard.
            assert.equal(heard, treeText(await managedObjects(client)), `after ${what}`);
        }
        assert.deepEqual(
            seen.events.filter((event) => event.includes("/volumes/rd1") && !event.startsWith("Prop")),
            ["InterfacesAdded /volumes/rd1", "InterfacesRemoved /volumes/rd1"],
        );
    });

    it("shows every property of a new volume in InterfacesAdded, Used and Errors included", async () => {
        const { client } = fixture;
        const seen = await BusObjects.follow(client);
        const path = await create();
        const properties = seen.objects.get(path)?.get("org.rapiddisk.Manager.Volume");
        assert.deepEqual([...(properties?.keys() ?? [])].sort(), [
            "Device",
            "Errors",
            "InUse",
            "Managed",
            "Name",
            "Number",
            "Persistent",
            "Populated",
            "ReadOnly",
            "Size",
            "Used",
            "UserDetails",
            "Users",
        ]);
        await call(client, path, "Volume", "Remove", "a{sv}", [{}]);
    });

    it("escapes names in object paths by the systemd label rule", async () => {
        const volume = await create();
        const args = ["rd0", "/dev/sdb", "write-through", {}];
        const [cache] = await call(fixture.client, ROOT, "", "CreateCache", "sssa{sv}", args);
        assert.equal(cache, "/org/rapiddisk/Manager/caches/rc_2dwt_5fsdb");
        for (const name of ["rc-wt_sdb", "/dev/mapper/rc-wt_sdb", cache]) {
            assert.deepEqual(await call(fixture.client, ROOT, "", "Resolve", "s", [name]), [cache]);
        }
        for (const name of ["rd0", "/dev/rd0", volume]) {
            assert.deepEqual(await call(fixture.client, ROOT, "", "Resolve", "s", [name]), [volume]);
        }
        await call(fixture.client, cache, "Cache", "Remove", "a{sv}", [{}]);
        await call(fixture.client, volume, "Volume", "Remove", "a{sv}", [{}]);
    });

    const errors: [string, string, [string, "" | "Volume" | "Cache", string, string, unknown[]], RegExp][] = [
        [
            "an unknown option",
            "UnknownOption",
            [ROOT, "", "CreateVolume", "ta{sv}", [4096n, { sise: new Variant("t", 1n) }]],
            /"sise"/,
        ],
        [
            "an option of a wrong type",
            "InvalidArgument",
            [ROOT, "", "CreateVolume", "ta{sv}", [4096n, { number: new Variant("s", "1") }]],
            /"number" has the type s; it must be u/,
        ],
        [
            "a crooked size",
            "InvalidArgument",
            [ROOT, "", "CreateVolume", "ta{sv}", [1048577n, {}]],
            /next larger is 1049088/,
        ],
        [
            "the largest size there is",
            "InvalidArgument",
            [ROOT, "", "CreateVolume", "ta{sv}", [2n ** 64n - 1n, {}]],
            /18446744073709551615 is out of range/,
        ],
        [
            "more than there is",
            "NoMemory",
            [ROOT, "", "CreateVolume", "ta{sv}", [BigInt(100 * GIB), {}]],
            /asks for 100 GiB but only .* are free/,
        ],
        [
            "an unknown volume",
            "NotFound",
            [ROOT, "", "CreateCache", "sssa{sv}", ["rd77", "/dev/sdb", "write-through", {}]],
            /rd77/,
        ],
        ["an unknown name", "NotFound", [ROOT, "", "Resolve", "s", ["nothing"]], /nothing/],
        ["a port", "NotSupported", [ROOT, "", "CreatePort", "ussa{sv}", [0, "tcp", "127.0.0.1", {}]], /module nvmet/],
    ];
    for (const [what, name, [path, iface, member, signature, args], message] of errors) {
        it(`refuses ${what} with ${name}`, async () => {
            const error = await refusal(call(fixture.client, path, iface, member, signature, args));
            assert.equal(error.name, `org.rapiddisk.Manager.Error.${name}`);
            assert.match(error.message, message);
            assert.ok(!error.message.includes("/work") && !error.message.includes(".ts"), error.message);
        });
    }

    it("shows within 2 s what others do, and what they undo", async () => {
        const { client } = fixture;
        const path = `${ROOT}/volumes/rd500`;
        const there = async (): Promise<boolean> => (await managedObjects(client)).has(path);
        await service.sim.call("otherAttach", 500, MIB);
        await until("a foreign volume", there);
        await service.sim.call("setEventsLost", true);
        await service.sim.call("otherDetach", 500);
        await until("a foreign removal whose event was lost", async () => !(await there()));
        await service.sim.call("setEventsLost", false);
    });

    it("reads Used again when asked", async () => {
        const path = await create();
        await service.sim.call("write", 0, 0, 8192);
        const used = async (): Promise<unknown> => {
            const iface = "org.freedesktop.DBus.Properties";
            const target = { destination: "org.rapiddisk.Manager", path, interface: iface, member: "Get" };
            const [value] = await fixture.client.call(target, "ss", ["org.rapiddisk.Manager.Volume", "Used"]);
            return (value as Variant).value;
        };
        await eventually(async () => (await used()) === 8192n);
        await call(fixture.client, path, "Volume", "Remove", "a{sv}", [{}]);
    });

    it("leaves a line in the journal for every change, with who, what, on what and how it ended", async () => {
        const path = await create();
        await call(fixture.client, path, "Volume", "Remove", "a{sv}", [{}]);
        await refusal(call(fixture.client, ROOT, "", "CreateVolume", "ta{sv}", [BigInt(100 * GIB), {}]));
        assert.match(service.log(), /audit: uid=0 sender=:1\.\d+ operation=volume-create object=rd0 result=done/);
        assert.match(service.log(), /audit: uid=0 sender=:1\.\d+ operation=volume-remove object=rd0 result=done/);
        assert.match(
            service.log(),
            /operation=volume-create object=rd0 result=org\.rapiddisk\.Manager\.Error\.NoMemory/,
        );
    });

    it("keeps the saved state in a file that only root reads", async () => {
        const path = await create({ persist: new Variant("b", true) });
        const state = JSON.parse(readFileSync(join(fixture.directory, "state", "state.json"), "utf8")) as unknown;
        assert.deepEqual(state, { format: 1, volumes: [{ number: 0, size: 64 * MIB, readOnly: false }], caches: [] });
        await call(fixture.client, path, "Volume", "Remove", "a{sv}", [{}]);
    });

    it("lists 1,024 volumes whole, and neither that nor another change costs it much time", async () => {
        const { client } = fixture;
        const pid = service.process.pid ?? 0;
        const before = cpuTime(pid);
        for (let start = 0; start < 1024; start += 16) {
            await Promise.all(
                Array.from({ length: 16 }, (_, index) =>
                    create({ number: new Variant("u", start + index) }, BigInt(MIB)),
                ),
            );
        }
        const created = cpuTime(pid) - before;
        const listStart = cpuTime(pid);
        const [rows] = (await call(client, ROOT, "", "ListVolumes", "", [])) as [Map<string, Variant>[]];
        const list = cpuTime(pid) - listStart;
        assert.equal(rows.length, 1024);
        const treeStart = cpuTime(pid);
        assert.equal((await volumePaths()).length, 1024);
        const tree = cpuTime(pid) - treeStart;
        const removeStart = cpuTime(pid);
        await call(client, `${ROOT}/volumes/rd1023`, "Volume", "Remove", "a{sv}", [{}]);
        const removal = cpuTime(pid) - removeStart;
        const memory = residentMemory(pid).now;
        console.log(
            `      processor time: 1,024 created ${created.toFixed(0)} ms, listed ${list.toFixed(0)} ms, tree ${tree.toFixed(0)} ms, ` +
                `one removed ${removal.toFixed(0)} ms, ${(memory / MIB).toFixed(0)} MiB resident`,
        );
        // Some 100 ms each of the service's own time; the bench measures it. What grows with the square of the volumes takes minutes.
        assert.ok(Math.max(list, tree, removal) < 3000, `${list} ms, ${tree} ms, ${removal} ms`);
        assert.equal((await volumePaths()).length, 1023);
    });
});
