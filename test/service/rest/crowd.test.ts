// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { get as httpGet, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { needsRoot, outputLine } from "../harness/index.js";
import { eventually } from "../daemon/fixture.js";
import { send, startRest, type Bridge, type RestFixture } from "./fixture.js";

/** A user of this host who is neither root nor the bridge. */
const ALICE = 61_234;

/**
 * Opens many connections and puts another in the place of each that ends. argv: port, how many, what to send on each. Says
 * "full" once as many are open as it wanted, and then with "lost N" what the bridge has taken from it.
 */
const FLOOD = `
const { connect } = require("node:net");
const [port, count, text] = [Number(process.argv[1]), Number(process.argv[2]), process.argv[3]];
let [open, lost, isFull] = [0, 0, false];
const one = () => {
    const socket = connect(port, "127.0.0.1", () => {
        open += 1;
        socket.write(text);
        if (open === count && !isFull) {
            isFull = true;
            console.log("full");
        }
    });
    socket.on("error", () => undefined).on("data", () => undefined).on("close", () => {
        open -= 1;
        lost += 1;
        console.log("lost " + lost);
        setImmediate(one);
    });
};
for (let index = 0; index < count; index++) one();
`;

describe("one user of this host who takes all there is", function () {
    let fixture: RestFixture;
    let bridge: Bridge;
    let flood: ChildProcess | undefined;

    before(async function () {
        needsRoot(this);
        fixture = await startRest();
    });
    beforeEach(async () => {
        bridge = await fixture.bridge();
    });
    afterEach(async () => {
        flood?.kill("SIGKILL");
        flood = undefined;
        await bridge.stop();
    });
    after(() => fixture?.stop());

    function begin(count: number, text: string): ChildProcess {
        const args = [process.execPath, "-e", FLOOD, String(bridge.port), String(count), text];
        flood = fixture.fixture.bus.spawn(args, { uid: ALICE });
        return flood;
    }

    /** Opens a stream of events; its text is added to as it comes. */
    async function stream(
        where: object,
        headers: Record<string, string> = {},
    ): Promise<{ status: number; text: () => string }> {
        const request = httpGet({
            ...where,
            path: "/v2/events",
            headers: { host: "localhost", ...headers },
            agent: false,
        });
        const [response] = (await once(request, "response")) as [IncomingMessage];
        let text = "";
        response.setEncoding("utf8").on("data", (piece: string) => (text += piece));
        response.on("error", () => undefined);
        return { status: response.statusCode ?? 0, text: () => text };
    }

    it("as a reader of events leaves root, the administrator and tokens their streams", async () => {
        const tcp = { host: "127.0.0.1", port: bridge.port };
        const before = await stream(tcp);
        const child = begin(64, "GET /v2/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
        await outputLine(child, "stdout", /full/);
        const { token } = await fixture.token("admin");
        const streams = [before];
        for (const [where, headers] of [
            [tcp, {}],
            [tcp, { authorization: `Bearer ${token}` }],
            [{ socketPath: bridge.adminSocket }, {}],
        ] as const) {
            streams.push(await stream(where, headers));
        }
        assert.deepEqual(
            streams.map(({ status }) => status),
            [200, 200, 200, 200],
        );
        const made = await send({ socketPath: bridge.adminSocket }, "POST", "/v2/volumes", { body: { size: 4096 } });
        assert.equal(made.status, 201, made.body);
        await eventually(() => streams.every(({ text }) => text().includes("event: added")));
        assert.equal((await send({ socketPath: bridge.adminSocket }, "DELETE", "/v2/volumes/rd0")).status, 204);
    });

    for (const [what, text] of [
        ["that say nothing", ""],
        ["that begin a request", "GET /v2/volumes HTTP/1.1\r\nHost: localhost\r\n"],
        ["that stay open", "GET /v2/volumes HTTP/1.1\r\nHost: localhost\r\n\r\n"],
    ] as const) {
        it(`with 900 connections ${what} leaves others answered, and their connections open`, async () => {
            const mine = connect(bridge.port, "127.0.0.1");
            const plain = "GET /v2/volumes HTTP/1.1\r\nHost: localhost\r\n\r\n";
            mine.write(plain);
            await once(mine, "data");
            const child = begin(900, text);
            await outputLine(child, "stdout", /lost 100$/m);
            child.stdout?.resume();
            const { token } = await fixture.token("read");
            for (let round = 0; round < 20; round++) {
                const from = { host: "127.0.0.1", port: bridge.port, agent: false as const };
                const asked = round % 2 === 0 ? {} : { token };
                assert.equal((await send(from, "GET", "/v2/volumes", asked)).status, 200);
            }
            mine.write(plain);
            const [answer] = (await once(mine, "data")) as [Buffer];
            assert.match(answer.toString("latin1"), /^HTTP\/1\.1 200 /);
            mine.destroy();
        });
    }
});
