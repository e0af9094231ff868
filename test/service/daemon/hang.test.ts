// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { Variant } from "../../../service/src/bus/index.js";
import { needsRoot } from "../harness/index.js";
import { call, eventually, MIB, prepareStand, ROOT, type Service, type Stand } from "./stand.js";

describe("a step that hangs in the kernel", function () {
    this.timeout(30_000);
    let stand: Stand;
    let service: Service;

    before(async function () {
        needsRoot(this);
        stand = await prepareStand();
        service = await stand.start();
    });
    after(() => stand?.stop());

    const create = (number: number): Promise<unknown[]> =>
        call(stand.client, ROOT, "", "CreateVolume", "ta{sv}", [BigInt(MIB), { number: new Variant("u", number) }]);

    it("holds up neither answers nor the work on other objects, and ends when the kernel does", async () => {
        const { client } = stand;
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
});
