// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** The lists of the root object keep their rows as bytes: they are what an ordinary encoder makes, and never out of date. */
import assert from "node:assert/strict";
import type { Call, Variant } from "../../../service/src/bus/index.js";
import { Reader } from "../../../service/src/bus/wire/reader.js";
import { Writer } from "../../../service/src/bus/wire/writer.js";
import { cacheRow } from "../../../service/src/daemon/cache.js";
import { exportRow } from "../../../service/src/daemon/export.js";
import type { HandlerContext } from "../../../service/src/daemon/handlers.js";
import { managerObject } from "../../../service/src/daemon/manager.js";
import { portRow } from "../../../service/src/daemon/port.js";
import { volumeRow } from "../../../service/src/daemon/volume.js";
import { marshalByDbusNext } from "../bus/reference.js";
import { NQN, target } from "../model/exports.js";
import { allow, GIB, MIB, modelFixture, type ModelFixture } from "../model/fixture.js";

type List = "ListVolumes" | "ListCaches" | "ListPorts" | "ListExports";

/** What the lists hold now, with each row made now. */
function current({ model: { state } }: ModelFixture): Record<List, Map<string, Variant>[]> {
    return {
        ListVolumes: Array.from(state.volumes.values(), (volume) => volumeRow(volume, state.usageOf(volume.name))),
        ListCaches: Array.from(state.caches.values(), cacheRow),
        ListPorts: Array.from(state.ports.values(), portRow),
        ListExports: Array.from(state.exports.values(), exportRow),
    };
}

/** A machine with a disk and an NVMe target, and the bodies of the lists that its service sends. */
async function machine(prepare: Parameters<typeof modelFixture>[0] = () => undefined) {
    const one = await modelFixture((kernel) => {
        kernel.sim.addDisk({ name: "sdb", size: GIB });
        target(kernel);
        prepare(kernel);
    });
    const context = { model: one.model, bridgePort: { problems: [] } } as unknown as HandlerContext;
    const { methods } = managerObject(context);
    const body = async (list: List): Promise<Buffer> => {
        const writer = new Writer();
        writer.writeBody("aa{sv}", (await methods[list]!([], {} as Call)) as unknown[]);
        return writer.bytes();
    };
    /** Reads the kernel, and compares each list with what an ordinary encoder makes of it. */
    const check = async (): Promise<Record<List, Buffer>> => {
        await one.model.refresh();
        await one.model.freshUsage(0);
        const bodies = {} as Record<List, Buffer>;
        for (const [list, rows] of Object.entries(current(one)) as [List, Map<string, Variant>[]][]) {
            bodies[list] = Buffer.from(await body(list));
            assert.ok(bodies[list].equals(marshalByDbusNext("aa{sv}", rows)), list);
        }
        return bodies;
    };
    return { ...one, check };
}

const rowsIn = (body: Buffer): Map<string, Variant>[] =>
    new Reader(body, true).readBody("aa{sv}")[0] as Map<string, Variant>[];

describe("lists of the root object", () => {
    it("are the bytes of an ordinary encoder, with nothing in them and with 1,024 volumes, however often asked", async () => {
        const empty = await modelFixture();
        assert.deepEqual(current(empty).ListVolumes, []);
        const none = await machine();
        assert.deepEqual(rowsIn((await none.check()).ListVolumes), []);
        const many = await machine(({ sim }) => {
            for (let number = 0; number < 1024; number++) sim.otherAttach(number, MIB * (1 + (number % 3)));
        });
        const first = await many.check();
        assert.equal(rowsIn(first.ListVolumes).length, 1024);
        assert.ok((await many.check()).ListVolumes.equals(first.ListVolumes));
    });

    it("show a change of any property, whatever appears and vanishes, and usage that changed", async () => {
        const one = await machine(({ sim }) => [0, 1, 2].forEach((number) => sim.otherAttach(number, 64 * MIB)));
        const { model } = one;
        const { sim } = one.kernel;
        const steps: [List, string | undefined, () => unknown][] = [
            ["ListVolumes", "Size", () => sim.otherResize(1, 100 * MIB)],
            ["ListVolumes", "ReadOnly", () => sim.otherSetReadOnly("rd1", true)],
            ["ListVolumes", "ReadOnly", () => sim.otherSetReadOnly("rd1", false)],
            ["ListVolumes", "Users", () => sim.mount("rd2", "/mnt")],
            ["ListVolumes", "Users", () => sim.mount("rd2", "/srv")],
            ["ListVolumes", "Used", () => sim.write(0, 0, MIB)],
            ["ListVolumes", "Errors", () => sim.setErrors(0, 7)],
            ["ListVolumes", "Persistent", () => model.volumes.setPersistent("rd0", true, allow)],
            ["ListVolumes", undefined, () => model.volumes.create(MIB, {}, allow)],
            ["ListVolumes", undefined, () => model.volumes.remove("rd3", allow)],
            ["ListCaches", undefined, () => model.caches.create("rd0", "/dev/sdb", "write-through", {}, allow)],
            ["ListCaches", "Mode", () => model.caches.setMode("rc-wt_sdb", "write-around", allow)],
            ["ListCaches", "Persistent", () => model.caches.setPersistent("rc-wt_sdb", true, allow)],
            ["ListCaches", "Users", () => sim.mount("dm-0", "/data")],
            ["ListPorts", "Persistent", () => model.ports.setPersistent("1", true, allow)],
            ["ListPorts", undefined, () => model.ports.create({ id: 9, transport: "loop", address: "" }, allow)],
            [
                "ListExports",
                undefined,
                () =>
                    model.exports.create(
                        { device: { kind: "volume", id: "rd1" }, nqn: NQN, ports: [2], noKey: false },
                        allow,
                    ),
            ],
            ["ListExports", "Enabled", () => model.exports.setEnabled(NQN, false, allow)],
            ["ListPorts", "Exports", () => model.exports.addPort(NQN, 9, { allowAnyHost: false }, allow)],
            ["ListExports", undefined, () => model.exports.remove(NQN, allow)],
        ];
        let before = await one.check();
        for (const [list, property, work] of steps) {
            const what = `${list} ${property ?? "number"}`;
            await work();
            const after = await one.check();
            const [rows, earlier] = [rowsIn(after[list]), rowsIn(before[list])];
            if (property === undefined) {
                assert.notEqual(rows.length, earlier.length, what);
            } else {
                const values = (all: typeof rows) => all.map((row) => row.get(property));
                assert.notDeepEqual(values(rows), values(earlier), what);
            }
            before = after;
        }
    });
});
