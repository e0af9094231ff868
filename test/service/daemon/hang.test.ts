// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { Variant } from "../../../service/src/bus/index.js";
import { managedObjects } from "../../contract/dbus/busobjects.js";
import { needsRoot } from "../harness/index.js";
import { HOST } from "../../unit/model/exports.js";
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
} from "./fixture.js";

describe("a step that hangs in the kernel", function () {
    let fixture: DaemonFixture;
    let service: Service;

    before(async function () {
        needsRoot(this);
        fixture = await prepareDaemon();
        service = await fixture.start();
    });
    after(() => fixture?.stop());

    const create = (number: number): Promise<unknown[]> =>
        call(fixture.client, ROOT, "", "CreateVolume", "ta{sv}", [BigInt(MIB), { number: new Variant("u", number) }]);

    it("holds up neither answers nor the work on other objects, and ends when the kernel does", async () => {
        const { client } = fixture;
        await create(0);
        await service.sim.call("steps.resetSteps");
        await service.sim.call("steps.hangStep", 1);
        let ended = false;
        const erase = call(client, `${ROOT}/volumes/rd0`, "Volume", "Erase", "a{sv}", [{}]).finally(
            () => (ended = true),
        );
        const stepBegun = async (): Promise<boolean> =>
            ((await service.sim.call("steps.log")) as unknown[]).length === 1;
        await eventually(stepBegun);
        await create(1);
        const [rows] = (await call(client, ROOT, "", "ListVolumes", "", [])) as [unknown[]];
        assert.equal(rows.length, 2);
        await call(client, `${ROOT}/volumes/rd1`, "Volume", "Remove", "a{sv}", [{}]);
        assert.equal(ended, false, "the erase was to hang");
        await service.sim.call("steps.releaseHung");
        await erase;
        await call(client, `${ROOT}/volumes/rd0`, "Volume", "Remove", "a{sv}", [{}]);
    });

    it("is told to who needs the same object, once it was cancelled and the kernel alone goes on", async () => {
        const { client } = fixture;
        await service.sim.call("addDisk", { name: "sdb", size: GIB });
        await create(0);
        const cache = `${ROOT}/caches/c`;
        const named = { name: new Variant("s", "c") };
        await call(client, ROOT, "", "CreateCache", "sssa{sv}", ["rd0", "/dev/sdb", "writeback", named]);
        await service.sim.call("steps.resetSteps");
        await service.sim.call("steps.hangStep", 1);
        const flush = refusal(call(client, cache, "Cache", "Flush", "a{sv}", [{}]));
        const jobs = async (): Promise<string[]> =>
            [...(await managedObjects(client)).keys()].filter((path) => path.startsWith(`${ROOT}/jobs/`));
        await eventually(async () => (await jobs()).length > 0);
        await call(client, (await jobs())[0] ?? "", "Job", "Cancel", "a{sv}", [{}]);
        assert.equal((await flush).name, "org.rapiddisk.Manager.Error.Cancelled");
        for (const [member, signature, ...args] of [
            ["Remove", "a{sv}"],
            ["SetPersistent", "ba{sv}", true],
            ["ResetStatistics", "a{sv}"],
        ] as const) {
            const { name, message } = await refusal(call(client, cache, "Cache", member, signature, [...args, {}]));
            assert.equal(name, "org.rapiddisk.Manager.Error.Busy", member);
            assert.match(
                message,
                /^The cache c is busy: the kernel still writes what c held when its flush was cancelled/,
            );
        }
        await create(1);
        await call(client, `${ROOT}/volumes/rd0`, "Volume", "Resize", "ta{sv}", [BigInt(2 * MIB), {}]);
        await service.sim.call("steps.releaseHung");
        await call(client, cache, "Cache", "Remove", "a{sv}", [{}]);
    });
});

describe("two calls at once that would put one volume to two uses", function () {
    let fixture: DaemonFixture;
    let service: Service;

    before(async function () {
        needsRoot(this);
        fixture = await prepareDaemon();
        service = await fixture.start();
        await service.sim.call("setModule", "nvmet", { loaded: true });
        await service.sim.call("steps.setLatency", 2);
        for (let count = 0; count < 2; count++) {
            await call(fixture.client, ROOT, "", "CreateVolume", "ta{sv}", [BigInt(64 * MIB), {}]);
        }
    });
    after(() => fixture?.stop());

    it("end with one done and the other refused, which names the use", async () => {
        const { client } = fixture;
        const nqn = "nqn.2024-01.org.example:x";
        const cache = `${ROOT}/caches/c`;
        const other = `${ROOT}/exports/nqn_2e2024_2d01_2eorg_2eexample_3ax`;
        for (let round = 0; round < 10; round++) {
            const named = { name: new Variant("s", "c") };
            const hosts = { nqn: new Variant("s", nqn), hosts: new Variant("as", [HOST]) };
            const results = await Promise.allSettled([
                call(client, ROOT, "", "CreateCache", "sssa{sv}", ["rd0", "/dev/rd1", "write-through", named]),
                call(client, ROOT, "", "CreateExport", "sa{sv}", ["rd1", hosts]),
            ]);
            assert.deepEqual(results.map(({ status }) => status).sort(), ["fulfilled", "rejected"], `round ${round}`);
            const [cached, exported] = results;
            const refused = cached.status === "rejected" ? cached : (exported as PromiseRejectedResult);
            assert.match((refused.reason as Error).message, /is in use: (origin of c|held by c|exported as nqn)/);
            await (cached.status === "fulfilled"
                ? call(client, cache, "Cache", "Remove", "a{sv}", [{}])
                : call(client, other, "Export", "Remove", "a{sv}", [{}]));
        }
    });
});
