// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** By what hosts know an export: its serial number is its own, and its name outlives that of this host. */
import assert from "node:assert/strict";
import type { ExportRequest } from "../../../service/src/model/exportplan.js";
import { allow, modelFixture, failure, MIB, RecordingAuthorizer } from "./fixture.js";
import { HOST, NQN, sameSerial, target } from "./exports.js";

const OTHER = "nqn.2021-06.org.rapiddisk:test-rd1";

/** What exports a volume to one host on one port. */
const request = (id: string, more: Partial<ExportRequest> = {}): ExportRequest => ({
    device: { kind: "volume", id },
    hosts: [HOST],
    noKey: true,
    ports: [1],
    ...more,
});

/** A model with two volumes. */
async function volumes(): ReturnType<typeof modelFixture> {
    const one = await modelFixture(target);
    await one.model.volumes.create(MIB, { number: 0, persist: true }, allow);
    await one.model.volumes.create(MIB, { number: 1, persist: true }, allow);
    return one;
}

describe("two exports with one serial number", () => {
    it("are refused before anybody is asked, no matter who made the first", async () => {
        const { model, kernel } = await volumes();
        await model.exports.create(request("rd0", { nqn: NQN, serial: "S1" }), allow);
        const foreign = { kind: "subsystem" as const, nqn: "nqn.2014-08.org.example:foreign" };
        kernel.sim.otherNvmetCreate(foreign);
        kernel.sim.otherNvmetWrite(foreign, "attr_serial", "S2");
        await model.refresh();
        const authorizer = new RecordingAuthorizer();
        for (const [serial, nqn] of [
            ["S1", NQN],
            ["S2", foreign.nqn],
        ] as const) {
            const error = await failure(
                model.exports.create(request("rd1", { nqn: OTHER, serial }), authorizer.authorize),
            );
            assert.deepEqual([error.kind, error.message], ["Busy", sameSerial(serial, nqn)]);
        }
        assert.deepEqual(authorizer.asked, []);
        await model.exports.create(request("rd1", { nqn: OTHER, serial: "S3" }), allow);
        model.close();
    });

    it("are refused also when one of them is that of a device, which nobody chose", async () => {
        const { model } = await volumes();
        await model.exports.create(request("rd0", { nqn: NQN }), allow);
        const { serial } = model.exports.get(NQN);
        await model.exports.remove(NQN, allow);
        await model.exports.create(request("rd1", { nqn: OTHER, serial }), allow);
        const error = await failure(model.exports.create(request("rd0", { nqn: NQN }), allow));
        assert.deepEqual([error.kind, error.message], ["Busy", sameSerial(serial, OTHER)]);
        model.close();
    });

    it("are refused also when the first is only saved, for it will be restored", async () => {
        const one = await volumes();
        await one.model.exports.create({ ...request("rd0", { nqn: NQN, serial: "S1" }), persist: true }, allow);
        const { target: saved } = one.store.state;
        await one.model.exports.remove(NQN, allow);
        one.model.close();
        one.store.state = { ...one.store.state, ...(saved && { target: saved }) };
        const model = await one.restart();
        const error = await failure(model.exports.create(request("rd1", { nqn: OTHER, serial: "S1" }), allow));
        assert.deepEqual([error.kind, error.message], ["Busy", sameSerial("S1", NQN)]);
        model.close();
    });

    it("that earlier versions saved: the first is restored, and the problems tell of the other", async () => {
        const one = await volumes();
        await one.model.exports.create({ ...request("rd0", { nqn: NQN, serial: "S1" }), persist: true }, allow);
        await one.model.exports.create({ ...request("rd1", { nqn: OTHER, serial: "S2" }), persist: true }, allow);
        const { target: saved } = one.store.state;
        assert.ok(saved);
        for (const nqn of [NQN, OTHER]) await one.model.exports.remove(nqn, allow);
        one.model.close();
        const exports = saved.exports.map((entry) => ({ ...entry, serial: "S1" }));
        one.store.state = { ...one.store.state, target: { ...saved, exports } };
        const model = await one.restart();
        const report = await model.restore(allow);
        assert.deepEqual(report.made, [NQN]);
        assert.deepEqual(report.failed, [`${OTHER} was not restored: ${sameSerial("S1", NQN)}`]);
        assert.match(
            model.state.host.problems.join("\n"),
            new RegExp(`^${OTHER} is saved but not there, .*"S1" is that of`, "m"),
        );
        model.close();
    });
});

describe("an export's default name", () => {
    it("has the name of the host at its creation, and keeps it when the host is renamed", async () => {
        const one = await volumes();
        const { kernel } = one;
        const rename = (hostname: string): void => {
            const read = kernel.readNetwork.bind(kernel);
            kernel.readNetwork = async () => ({ ...(await read()), hostname });
        };
        rename("old");
        await one.model.exports.create({ ...request("rd0"), persist: true }, allow);
        const name = "nqn.2021-06.org.rapiddisk:old-rd0";
        const before = one.model.exports.get(name);
        const { target: saved } = one.store.state;
        await one.model.exports.remove(name, allow);
        one.model.close();
        one.store.state = { ...one.store.state, ...(saved && { target: saved }) };
        rename("new");
        const model = await one.restart();
        await model.restore(allow);
        const { serial, uuid } = model.exports.get(name);
        assert.deepEqual([serial, uuid], [before.serial, before.uuid]);
        assert.equal(await model.exports.create(request("rd1"), allow), "nqn.2021-06.org.rapiddisk:new-rd1");
        model.close();
    });
});
