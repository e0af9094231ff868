// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** GetManagedObjects and ListVolumes are kept as bytes: what a caller gets after a change is never from before it. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Variant } from "../../../service/src/bus/index.js";
import { managedObjects } from "../../contract/dbus/busobjects.js";
import { needsRoot } from "../harness/index.js";
import { call, type DaemonFixture, eventually, MIB, prepareDaemon, ROOT, type Service } from "./fixture.js";

const VOLUME = "org.rapiddisk.Manager.Volume";
/** Usage younger than this, in ms, is not read again. */
const FRESH = 50;

type Row = Map<string, Variant>;

describe("what the daemon keeps of its lists", function () {
    let fixture: DaemonFixture;
    let service: Service;

    before(async function () {
        needsRoot(this);
        fixture = await prepareDaemon();
        service = await fixture.start();
    });
    after(() => fixture?.stop());

    /** Volumes by name, as GetManagedObjects has them; asks twice, and compares with ListVolumes and GetAll. */
    async function volumes(): Promise<Map<string, Row>> {
        const { client } = fixture;
        const objects = await managedObjects(client);
        const found = new Map<string, Row>();
        for (const [path, interfaces] of objects) {
            const row = interfaces.get(VOLUME);
            if (row === undefined) continue;
            found.set(row.get("Name")?.value as string, row);
            const target = { destination: "org.rapiddisk.Manager", path, interface: "org.freedesktop.DBus.Properties" };
            assert.deepEqual(await client.call({ ...target, member: "GetAll" }, "s", [VOLUME]), [row]);
        }
        const [rows] = (await call(client, ROOT, "", "ListVolumes", "", [])) as [Row[]];
        assert.deepEqual(new Set(rows.map((row) => row.get("path")?.value)), new Set(objects.keys()));
        for (const row of rows) {
            row.delete("path");
            assert.deepEqual(row, found.get(row.get("Name")?.value as string));
        }
        assert.deepEqual(await managedObjects(client), objects);
        return found;
    }

    const change = (name: string, member: string, signature: string, ...args: unknown[]) =>
        call(fixture.client, `${ROOT}/volumes/${name}`, "Volume", member, `${signature}a{sv}`, [...args, {}]);

    it("is never from before a change that was answered", async () => {
        assert.equal((await volumes()).size, 0);
        for (let number = 0; number < 5; number++) {
            await call(fixture.client, ROOT, "", "CreateVolume", "ta{sv}", [BigInt(MIB), {}]);
            assert.equal((await volumes()).size, number + 1);
        }
        for (let size = 2; size < 6; size++) {
            await change("rd2", "Resize", "t", BigInt(size * MIB));
            assert.equal((await volumes()).get("rd2")?.get("Size")?.value, BigInt(size * MIB));
        }
        for (const on of [true, false]) {
            await change("rd1", "SetReadOnly", "b", on);
            assert.equal((await volumes()).get("rd1")?.get("ReadOnly")?.value, on);
            await change("rd3", "SetPersistent", "b", on);
            assert.equal((await volumes()).get("rd3")?.get("Persistent")?.value, on);
        }
        await change("rd2", "Remove", "");
        assert.deepEqual([...(await volumes()).keys()].sort(), ["rd0", "rd1", "rd3", "rd4"]);
    });

    it("has usage that is no older than what is read", async () => {
        await volumes();
        for (const pages of [1, 2, 3]) {
            await service.sim.call("write", 4, 0, pages * 4096);
            await service.sim.call("setErrors", 0, pages);
            await sleep(FRESH + 1);
            const found = await volumes();
            assert.ok((found.get("rd4")?.get("Used")?.value as bigint) >= BigInt(pages * 4096));
            assert.equal(found.get("rd0")?.get("Errors")?.value, BigInt(pages));
        }
    });

    it("shows what others do as soon as the service has seen it", async () => {
        // Each list by itself: the service may see it between two calls.
        const shown = async (name: string): Promise<unknown[]> => {
            const objects = await managedObjects(fixture.client);
            const [rows] = (await call(fixture.client, ROOT, "", "ListVolumes", "", [])) as [Row[]];
            const listed = rows.find((row) => row.get("Name")?.value === name);
            return [objects.get(`${ROOT}/volumes/${name}`)?.get(VOLUME), listed].map((row) => row?.get("InUse")?.value);
        };
        const becomes = (name: string, value: unknown) =>
            eventually(async () => (await shown(name)).every((one) => one === value));
        await volumes();
        await service.sim.call("mount", "rd0", "/mnt/kept");
        await becomes("rd0", true);
        await service.sim.call("unmount", "rd0", "/mnt/kept");
        await becomes("rd0", false);
        await service.sim.call("otherDetach", 4);
        await becomes("rd4", undefined);
    });
});
