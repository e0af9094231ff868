// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Changes of an export that are refused for what they are, before anybody is asked for a permission. */
import assert from "node:assert/strict";
import type { Model } from "../../../service/src/model/model.js";
import type { Gate } from "../../../service/src/model/types.js";
import { allow, bench, failure, MIB, OpenGate } from "./bench.js";
import { HOST, KEY, NQN, OTHER_HOST, target } from "./exports.js";

describe("a change of an export that cannot be is refused before anybody is asked, and repeats no key", () => {
    const cases: [string, (model: Model, gate: Gate) => Promise<void>, string][] = [
        ["a host that may already", ({ exports }, gate) => exports.allowHost(NQN, HOST, {}, gate), "AlreadyExists"],
        ["a denial of a host that may not", ({ exports }, gate) => exports.denyHost(NQN, OTHER_HOST, gate), "NotFound"],
        ["a key where a host belongs", ({ exports }, gate) => exports.denyHost(NQN, KEY, gate), "NotFound"],
        ["a key for a key", ({ exports }, gate) => exports.setHostKeys(NQN, KEY, { key: KEY }, gate), "NotFound"],
        [
            "any host where a key must be proved",
            ({ exports }, gate) => exports.setAllowAnyHost(NQN, true, gate),
            "Busy",
        ],
        ["a port that is not there", ({ exports }, gate) => exports.addPort(NQN, 9, {}, gate), "NotFound"],
        ["a port that it is on", ({ exports }, gate) => exports.addPort(NQN, 1, {}, gate), "AlreadyExists"],
        ["a port that it is not on", ({ exports }, gate) => exports.removePort(NQN, 2, gate), "NotFound"],
    ];
    for (const [what, attempt, kind] of cases) {
        it(`${what}: ${kind}`, async () => {
            const { model } = await bench(target);
            await model.volumes.create(MIB, {}, allow);
            const device = { kind: "volume" as const, id: "rd0" };
            await model.exports.create({ device, nqn: NQN, hosts: [HOST], ports: [1] }, allow);
            await model.exports.setHostKeys(NQN, HOST, { key: KEY }, allow);
            const gate = new OpenGate();
            const error = await failure(attempt(model, gate.pass));
            assert.equal(error.kind, kind);
            assert.ok(!error.message.includes(KEY.slice(10, 30)), error.message);
            assert.deepEqual(gate.asked, []);
            model.close();
        });
    }

    it("what it would be refused for after the permission was given is said then", async () => {
        const { model, kernel } = await bench(target);
        await model.volumes.create(MIB, {}, allow);
        await model.exports.create(
            { device: { kind: "volume", id: "rd0" }, nqn: NQN, hosts: [HOST], ports: [1] },
            allow,
        );
        const meanwhile: Gate = async () => {
            kernel.sim.otherNvmetRemove({ kind: "allowed-host", nqn: NQN, host: HOST });
        };
        assert.equal((await failure(model.exports.denyHost(NQN, HOST, meanwhile))).kind, "NotFound");
        model.close();
    });
});
