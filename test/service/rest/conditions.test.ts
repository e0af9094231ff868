// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { needsRoot } from "../harness/index.js";
import { eventually } from "../daemon/fixture.js";
import { startRest, type Answer, type Bridge, type RestFixture } from "./fixture.js";

const MIB = 1048576;
const RD0 = "/v2/volumes/rd0";

describe("changes under a condition", function () {
    let fixture: RestFixture;
    let bridge: Bridge;
    let token: string;

    before(async function () {
        needsRoot(this);
        fixture = await startRest();
        bridge = await fixture.bridge();
        ({ token } = await fixture.token("admin"));
    });
    after(() => fixture?.stop());
    beforeEach(async () => assert.equal((await ask("POST", "/v2/volumes", {}, { size: MIB })).status, 201));
    afterEach(async () => {
        for (const name of ["rd0", "rd1"]) await ask("DELETE", `/v2/volumes/${name}`);
    });

    const ask = (method: string, path: string, headers: Record<string, string> = {}, body?: unknown): Promise<Answer> =>
        bridge.ask(method, path, { token, headers, ...(body === undefined ? {} : { body }) });
    const tag = async (path: string): Promise<string> => (await bridge.ask("GET", path)).headers.etag!;

    it("of many that name the same state one is done, however close they come", async () => {
        const headers = { "if-match": await tag(RD0) };
        const sizes = [2, 3, 4, 5, 6, 7];
        const answers = await Promise.all(
            sizes.map((size) => ask("POST", `${RD0}/resize`, headers, { size: size * MIB })),
        );
        const statuses = answers.map(({ status }) => status);
        assert.deepEqual(statuses.toSorted(), [200, 412, 412, 412, 412, 412]);
        const { size } = JSON.parse((await ask("GET", RD0)).body) as { size: number };
        assert.equal(size, sizes[statuses.indexOf(200)]! * MIB);
    });

    it("one waits for a change without a condition that came before it", async () => {
        await fixture.service.sim.call("steps.resetSteps");
        await fixture.service.sim.call("steps.hangStep", 1);
        const headers = { "if-match": await tag(RD0) };
        const first = ask("POST", `${RD0}/resize`, {}, { size: 2 * MIB });
        let second: Answer | undefined;
        const late = ask("POST", `${RD0}/resize`, headers, { size: 3 * MIB }).then((answer) => (second = answer));
        assert.equal((await first).status, 202, "it takes longer than a second");
        assert.equal(second, undefined, "it was looked at before the state was known");
        await fixture.service.sim.call("steps.releaseHung");
        assert.equal((await late).status, 412);
    });

    it("a new object does not wait for a restore that is under way", async () => {
        assert.equal((await ask("POST", "/v2/volumes", {}, { size: MIB, number: 9, persist: true })).status, 201);
        await fixture.service.sim.call("otherDetach", 9);
        await eventually(async () => !(await bridge.ask("GET", "/v2/volumes")).body.includes('"rd9"'));
        await fixture.service.sim.call("steps.resetSteps");
        await fixture.service.sim.call("steps.hangStep", 1);
        const restored = ask("POST", "/v2/restore");
        await eventually(async () => ((await fixture.service.sim.call("steps.log")) as unknown[]).length > 0);
        const headers = { "if-match": await tag("/v2/volumes") };
        const made = await ask("POST", "/v2/volumes", headers, { size: MIB, number: 1 });
        assert.equal(made.status, 201, made.body);
        assert.doesNotMatch(bridge.log(), /operation=Restore .*result=done/);
        await fixture.service.sim.call("steps.releaseHung");
        assert.equal((await restored).status, 200);
        assert.equal((await ask("DELETE", "/v2/volumes/rd9")).status, 204);
    });

    it("a new object does not depend on statistics of those in the list, which a busy volume changes all the time", async () => {
        const headers = { "if-match": await tag("/v2/volumes") };
        await fixture.service.sim.call("write", 0, 0, 8192);
        await eventually(async () => /"used":8192/.test((await ask("GET", "/v2/volumes")).body));
        assert.notEqual(await tag("/v2/volumes"), headers["if-match"], "who reads sees that something is new");
        assert.equal((await ask("POST", "/v2/volumes", headers, { size: MIB })).status, 201);
        assert.equal((await ask("POST", "/v2/volumes", headers, { size: MIB })).status, 412, "a member more");
    });

    it("a new object depends on the list that it comes into", async () => {
        const before = await tag("/v2/volumes");
        const make = async (headers: Record<string, string>): Promise<number> =>
            (await ask("POST", "/v2/volumes", headers, { size: MIB })).status;
        assert.equal(await make({ "if-match": '"something"' }), 412);
        assert.equal(await make({ "if-none-match": before }), 412);
        assert.equal(await make({ "if-match": before }), 201);
        assert.equal(await make({ "if-match": before }), 412, "the list is another now");
        assert.equal(await make({ "if-none-match": "*" }), 412);
    });

    it("what must not be the state is as good as what must", async () => {
        const now = await tag(RD0);
        assert.equal((await ask("DELETE", RD0, { "if-none-match": now })).status, 412);
        assert.equal((await ask("DELETE", RD0, { "if-none-match": "*" })).status, 412);
        assert.equal((await ask("DELETE", RD0, { "if-match": '"a", "b"' })).status, 412);
        assert.equal(
            (await ask("DELETE", RD0, { "if-none-match": '"another"', "if-match": `"a", ${now}` })).status,
            204,
        );
    });

    it("what has no state of its own is done under no condition on it", async () => {
        assert.equal((await ask("POST", "/v2/load-modules", { "if-match": "*" }, {})).status, 412);
        assert.equal((await ask("POST", "/v2/load-modules", { "if-none-match": "*" }, {})).status, 200);
    });

    it("every resource has a tag, and is not sent again to who has it", async () => {
        for (const path of ["volumes", "volumes/rd0", "caches", "ports", "exports", "jobs", "resources"]) {
            const headers = { "if-none-match": await tag(`/v2/${path}`) };
            const answer = await bridge.ask("GET", `/v2/${path}`, { headers });
            assert.deepEqual([answer.status, answer.body], [304, ""], path);
        }
    });
});
