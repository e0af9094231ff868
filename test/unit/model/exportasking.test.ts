// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Changes of an export that are refused for what they are, before anybody is asked for a permission. */
import assert from "node:assert/strict";
import type { Model } from "../../../service/src/model/model.js";
import type { Authorize } from "../../../service/src/model/types.js";
import { allow, modelFixture, failure, MIB, RecordingAuthorizer } from "./fixture.js";
import { HOST, KEY, NQN, OTHER_HOST, target } from "./exports.js";

describe("a change of an export that cannot be is refused before anybody is asked, and repeats no key", () => {
    const cases: [string, (model: Model, authorize: Authorize) => Promise<void>, string][] = [
        [
            "a host that may already",
            ({ exports }, authorize) => exports.allowHost(NQN, HOST, {}, authorize),
            "AlreadyExists",
        ],
        [
            "a denial of a host that may not",
            ({ exports }, authorize) => exports.denyHost(NQN, OTHER_HOST, authorize),
            "NotFound",
        ],
        ["a key where a host belongs", ({ exports }, authorize) => exports.denyHost(NQN, KEY, authorize), "NotFound"],
        [
            "a key for a key",
            ({ exports }, authorize) => exports.setHostKeys(NQN, KEY, { key: KEY }, authorize),
            "NotFound",
        ],
        [
            "any host where a key must be proved",
            ({ exports }, authorize) => exports.setAllowAnyHost(NQN, true, authorize),
            "Busy",
        ],
        ["a port that is not there", ({ exports }, authorize) => exports.addPort(NQN, 9, {}, authorize), "NotFound"],
        ["a port that it is on", ({ exports }, authorize) => exports.addPort(NQN, 1, {}, authorize), "AlreadyExists"],
        ["a port that it is not on", ({ exports }, authorize) => exports.removePort(NQN, 2, authorize), "NotFound"],
    ];
    for (const [what, attempt, kind] of cases) {
        it(`${what}: ${kind}`, async () => {
            const { model } = await modelFixture(target);
            await model.volumes.create(MIB, {}, allow);
            const device = { kind: "volume" as const, id: "rd0" };
            await model.exports.create({ device, nqn: NQN, hosts: [HOST], ports: [1] }, allow);
            await model.exports.setHostKeys(NQN, HOST, { key: KEY }, allow);
            const authorizer = new RecordingAuthorizer();
            const error = await failure(attempt(model, authorizer.authorize));
            assert.equal(error.kind, kind);
            assert.ok(!error.message.includes(KEY.slice(10, 30)), error.message);
            assert.deepEqual(authorizer.asked, []);
            model.close();
        });
    }

    it("what it would be refused for after the permission was given is said then", async () => {
        const { model, kernel } = await modelFixture(target);
        await model.volumes.create(MIB, {}, allow);
        await model.exports.create(
            { device: { kind: "volume", id: "rd0" }, nqn: NQN, hosts: [HOST], ports: [1] },
            allow,
        );
        const meanwhile: Authorize = async () => {
            kernel.sim.otherNvmetRemove({ kind: "allowed-host", nqn: NQN, host: HOST });
        };
        assert.equal((await failure(model.exports.denyHost(NQN, HOST, meanwhile))).kind, "NotFound");
        model.close();
    });
});
