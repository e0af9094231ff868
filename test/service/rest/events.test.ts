// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { get as httpGet, type IncomingMessage } from "node:http";
import { wallClock } from "../../../service/src/clock.js";
import { needsRoot } from "../harness/index.js";
import { eventually } from "../daemon/fixture.js";
import { startRest, type Bridge, type RestFixture } from "./fixture.js";

describe("who comes back to the events", function () {
    let fixture: RestFixture;
    let bridge: Bridge;
    const open: IncomingMessage[] = [];

    before(async function () {
        needsRoot(this);
        fixture = await startRest();
        bridge = await fixture.bridge();
    });
    afterEach(() => open.splice(0).forEach((response) => response.destroy()));
    after(() => fixture?.stop());

    /** Comes back with an id, makes a change, and gives the kinds of events up to it. */
    async function comeBack(lastId: string): Promise<string[]> {
        let text = "";
        await new Promise<void>((resolve, reject) => {
            const headers = { "last-event-id": lastId };
            httpGet({ host: "127.0.0.1", port: bridge.port, path: "/v2/events", headers }, (response) => {
                open.push(response);
                response.setEncoding("utf8").on("data", (piece: string) => (text += piece));
                resolve();
            }).on("error", reject);
        });
        const { token } = await fixture.token("admin");
        assert.equal((await bridge.ask("POST", "/v2/volumes", { token, body: { size: 4096 } })).status, 201);
        await eventually(() => text.includes("event: added"));
        assert.equal((await bridge.ask("DELETE", "/v2/volumes/rd0", { token })).status, 204);
        return [...text.matchAll(/^event: (reset|added)$/gm)].map(([, event]) => event!);
    }

    it("are told no value that is not signalled, since it would be from when the object was first seen", async () => {
        let text = "";
        const from = { host: "127.0.0.1", port: bridge.port, path: "/v2/events" };
        httpGet(from, (response) => {
            open.push(response);
            response.setEncoding("utf8").on("data", (piece: string) => (text += piece));
        });
        await eventually(() => text.includes("retry:"));
        const { token } = await fixture.token("admin");
        assert.equal((await bridge.ask("POST", "/v2/volumes", { token, body: { size: 65536 } })).status, 201);
        await fixture.service.sim.call("write", 0, 0, 8192);
        const locked = await bridge.ask("PUT", "/v2/volumes/rd0/read-only", { token, body: { read_only: true } });
        assert.equal(locked.status, 200, locked.body);
        await eventually(() => text.includes("event: changed"));
        assert.equal((await bridge.ask("DELETE", "/v2/volumes/rd0", { token })).status, 204);
        assert.match(text, /event: changed\ndata: .*"read_only":true/);
        assert.doesNotMatch(text, /"used"|"errors"/);
    });

    for (const [what, id, expected] of [
        ["long ago", "1", ["reset", "added"]],
        ["from a time that is still to come", String(wallClock() * 1000 + 1e12), ["reset", "added"]],
        ["without end", "1e999", ["reset", "added"]],
        ["with what is no id", "x", ["added"]],
    ] as const) {
        it(`${what} is told ${expected.join(", then ")}`, async () => assert.deepEqual(await comeBack(id), expected));
    }
});
