// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { Ajv } from "ajv";
import fc from "fast-check";
import { needsRoot, residentMemory } from "../harness/index.js";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { eventually } from "../daemon/fixture.js";
import { startRest, type Bridge, type RestFixture } from "./fixture.js";

const MIB = 1048576;

interface Api {
    paths: Record<
        string,
        Record<string, { responses: Record<string, { content?: Record<string, { schema: object }> }> }>
    >;
}

describe("callers who mean harm", function () {
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
    afterEach("the bridge still answers", async () => {
        assert.equal((await bridge.ask("GET", "/v1/checkServiceStatus")).status, 200);
    });

    const host = "Host: localhost\r\n";
    const garbage: [string, string | Buffer, RegExp][] = [
        ["what is not HTTP", "\x16\x03\x01\x02\x00hello\r\n\r\n", /^HTTP\/1\.1 400/],
        ["an unknown method", `BREW / HTTP/1.1\r\n${host}\r\n`, /^HTTP\/1\.1 400/],
        ["another version", `GET / HTTP/9.9\r\n${host}\r\n`, /^HTTP\/1\.1 400/],
        ["no Host", "GET / HTTP/1.1\r\n\r\n", /^HTTP\/1\.1 400/],
        [
            "two lengths",
            `POST /v2/volumes HTTP/1.1\r\n${host}Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx`,
            /^HTTP\/1\.1 400/,
        ],
        [
            "a length and chunks at once (request smuggling)",
            `POST /v2/volumes HTTP/1.1\r\n${host}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n`,
            /^HTTP\/1\.1 400/,
        ],
        ["a negative length", `POST /v2/volumes HTTP/1.1\r\n${host}Content-Length: -1\r\n\r\n`, /^HTTP\/1\.1 400/],
        ["a NUL in a header", `GET / HTTP/1.1\r\n${host}X: a\0b\r\n\r\n`, /^HTTP\/1\.1 400/],
        ["a header of 64 KiB", `GET / HTTP/1.1\r\n${host}X: ${"a".repeat(65536)}\r\n\r\n`, /^HTTP\/1\.1 431/],
        ["10,000 segments", `GET /v1/${"a/".repeat(10_000)} HTTP/1.1\r\n${host}\r\n`, /^HTTP\/1\.1 431/],
        [
            "5,000 segments",
            `GET /v1/${"a/".repeat(5_000)} HTTP/1.1\r\n${host}Connection: close\r\n\r\n`,
            /^HTTP\/1\.1 404/,
        ],
        [
            "bytes that are no text",
            Buffer.from([0x47, 0x45, 0x54, 0x20, 0xff, 0xfe, 0x0d, 0x0a, 0x0d, 0x0a]),
            /^HTTP\/1\.1 400/,
        ],
    ];
    for (const [what, bytes, answer] of garbage) {
        it(`are answered and cut off: ${what}`, async () => assert.match(await bridge.raw(bytes), answer));
    }

    const tricks = [
        "/v1/createRapidDisk/%00",
        "/v1/createRapidDisk/4%0d%0aX: y",
        "/v1/removeRapidDisk/..%2f..%2fetc%2fpasswd",
        "/v1/removeRapidDisk/%2e%2e",
        "/v1/removeRapidDisk/%25p%25n%25s",
        "/v1/removeRapidDisk/%zz",
        "/v1/removeRapidDisk/%",
        "/v1/removeRapidDisk/%c0%ae%c0%ae",
        `/v1/removeRapidDisk/${"a".repeat(3000)}`,
        "/v1/createRapidDiskCache/rd0/..%2fsda/write-through",
        "/v2/volumes/..%2f..%2fjobs%2f1",
        "/v2/volumes/%F0%9F%92%A9",
        "/v2/volumes/__proto__",
        "/v2/volumes/rd0;id",
        "//v2/volumes",
        "/v2/../v1/checkServiceStatus",
        "/v2/__proto__/constructor",
    ];
    for (const path of tricks) {
        it(`get nothing with ${path.slice(0, 60)}`, async () => {
            for (const method of ["GET", "POST", "DELETE"]) {
                const line = `${method} ${path.replaceAll(" ", "%20")} HTTP/1.1\r\n${host}Authorization: Bearer ${token}\r\nConnection: close\r\n\r\n`;
                assert.match(await bridge.raw(line), /^HTTP\/1\.1 (400|404|405|414)/, `${method} ${path}`);
            }
        });
    }

    it("send a body larger than any, and are refused before it is read", async () => {
        const head = `POST /v2/volumes HTTP/1.1\r\n${host}Authorization: Bearer ${token}\r\nContent-Type: application/json\r\n`;
        assert.match(await bridge.raw(`${head}Content-Length: 10000000000\r\n\r\n{`), /^HTTP\/1\.1 413/);
        const chunk = `10000\r\n${" ".repeat(65536)}\r\n`;
        assert.match(
            await bridge.raw(`${head}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(4)}`),
            /^HTTP\/1\.1 413/,
        );
        const nested = await bridge.ask("POST", "/v2/volumes", { token, raw: "[".repeat(60_000) });
        assert.equal(nested.status, 400);
    });

    it("make mistakes, and are told so in a sentence that no terminal obeys, not that the bridge failed", async () => {
        const json = { "content-type": "application/json" };
        const ask = (path: string, raw: string, headers = {}): ReturnType<Bridge["ask"]> =>
            bridge.ask("POST", path, { token, raw, headers: { ...json, ...headers } });
        await fixture.service.sim.call("addDisk", { name: "sdz", size: 64 * MIB });
        assert.equal((await ask("/v2/volumes", `{"size":${MIB},"number":60}`)).status, 201);
        const cache = (more: object): string =>
            JSON.stringify({ volume: "rd60", source: "/dev/sdz", mode: "write-through", ...more });
        const asked: [number, RegExp, ReturnType<Bridge["ask"]>][] = [
            [400, /The body has \\"size\\" twice/, ask("/v2/volumes", `{"size":4096,"size":${MIB}}`)],
            [415, /without Content-Encoding/, ask("/v2/volumes", "{}", { "content-encoding": "gzip" })],
            [415, /must be JSON/, ask("/v2/volumes", "{}", { "content-type": "text/plain" })],
            [400, /name must not hold control characters/, ask("/v2/caches", cache({ name: "a\0b" }))],
            [400, /source must not hold control characters/, ask("/v2/caches", cache({ source: "/dev/\n\x1b[2J" }))],
            [400, /source must not hold control characters/, ask("/v2/caches", cache({ source: "/dev/\x9b2J" }))],
            [400, /control characters/, bridge.ask("GET", "/v2/resolve?name=%00")],
            [404, /nothing at this path/, bridge.ask("GET", "/v2/volumes/")],
        ];
        for (const [status, words, answer] of asked) {
            const { status: told, body } = await answer;
            assert.equal(told, status, body);
            assert.match(body, words);
        }
        assert.doesNotMatch(bridge.log(), / failed: /);
        assert.equal((await bridge.ask("DELETE", "/v2/volumes/rd60", { token })).status, 204);
    });

    it("send their headers drop by drop, and are cut off in time", async () => {
        assert.match(await bridge.raw(`GET / HTTP/1.1\r\n${host}`), /^HTTP\/1\.1 408/);
    });

    it("ask for much and read none of it, and are cut off in time; who waits for an answer is not", async () => {
        await bridge.ask("POST", "/v2/volumes", { token, body: { size: MIB } });
        await fixture.service.sim.call("steps.resetSteps");
        await fixture.service.sim.call("steps.hangStep", 1);
        const waits = bridge.ask("POST", "/v1/flushRapidDisk/rd0", { token });
        const slow = connect(bridge.port, "127.0.0.1", () => slow.write(`GET / HTTP/1.1\r\n${host}\r\n`.repeat(1_000)));
        slow.on("error", () => undefined).pause();
        await once(slow, "connect");
        assert.ok(isServed(slow.localPort!), "this test does not see connections");
        await eventually(() => !isServed(slow.localPort!));
        await fixture.service.sim.call("steps.releaseHung");
        assert.equal((await waits).status, 200);
        slow.destroy();
        assert.equal((await bridge.ask("DELETE", "/v2/volumes/rd0", { token })).status, 204);
    });

    /** Whether the bridge has a connection with a port of this host (proc(5), net/tcp: state 01). */
    function isServed(port: number): boolean {
        const hex = (one: number): string => one.toString(16).toUpperCase().padStart(4, "0");
        return readFileSync("/proc/net/tcp", "utf8").includes(`:${hex(bridge.port)} 0100007F:${hex(port)} 01 `);
    }

    it("ask the service without end, and changes are still taken", async () => {
        const statistics = "GET /v1/showRapidDiskCacheStats/rc-wt_sdf HTTP/1.1";
        await fixture.service.sim.call("addDisk", { name: "sdf", size: 64 * MIB });
        await bridge.ask("POST", "/v2/volumes", { token, body: { size: MIB, number: 50 } });
        const cache = { volume: "rd50", source: "/dev/sdf", mode: "write-through" };
        assert.equal((await bridge.ask("POST", "/v2/caches", { token, body: cache })).status, 201);
        let [asked, flooding] = [0, true];
        const statuses = new Map<string, number>();
        const line = (): string => (asked++ % 2 === 0 ? statistics : `GET /v2/resolve?name=none${asked} HTTP/1.1`);
        const sockets = Array.from({ length: 200 }, () => {
            const socket = connect(bridge.port, "127.0.0.1", () =>
                socket.write(Array.from({ length: 10 }, () => `${line()}\r\n${host}\r\n`).join("")),
            );
            socket.on("error", () => undefined).setEncoding("latin1");
            return socket.on("data", (piece: string) => {
                for (const [, status] of piece.matchAll(/HTTP\/1\.1 (\d+)/g)) {
                    statuses.set(status!, (statuses.get(status!) ?? 0) + 1);
                    if (flooding) socket.write(`${line()}\r\n${host}\r\n`);
                }
            });
        });
        await eventually(() => (statuses.get("200") ?? 0) > 1_000);
        const { send } = await import("./fixture.js");
        for (let round = 0; round < 5; round++) {
            const from = { socketPath: bridge.adminSocket, agent: false as const };
            const made = await send(from, "POST", "/v2/volumes", { body: { size: MIB, number: 51 } });
            assert.equal(made.status, 201, made.body);
            assert.equal((await send(from, "DELETE", "/v2/volumes/rd51")).status, 204);
        }
        flooding = false;
        sockets.forEach((socket) => socket.destroy());
        console.log(`      ${asked} questions: ${JSON.stringify([...statuses])}`);
        for (const path of ["caches/rc-wt_sdf", "volumes/rd50"]) {
            assert.equal((await bridge.ask("DELETE", `/v2/${path}`, { token })).status, 204, path);
        }
    });

    it("hold many connections, and the administrator's socket still answers", async () => {
        const many = Array.from({ length: 600 }, () => bridge.raw(`GET /v1/checkServiceStatus HTTP/1.1\r\n${host}`));
        const { send } = await import("./fixture.js");
        assert.equal((await send({ socketPath: bridge.adminSocket }, "GET", "/v2/status")).status, 200);
        await Promise.all(many);
    });

    it("ask anything of any route: what is answered is JSON with a status that says what happened", async () => {
        const { body } = await bridge.ask("GET", "/openapi.json");
        const api = JSON.parse(body) as Api;
        const routes = Object.entries(api.paths).flatMap(([path, methods]) =>
            Object.keys(methods)
                .filter(() => path.startsWith("/v2/") && path !== "/v2/events")
                .map((method) => [method.toUpperCase(), path] as const),
        );
        assert.ok(routes.length > 25, `only ${routes.length} routes`);
        await fixture.service.sim.call("addDisk", { name: "sdc", size: 64 * MIB });
        const names = fc.oneof(
            fc.constantFrom("rd0", "rc-wt_sdc", "1", "nqn.2021-06.org.x:y"),
            fc.string({ maxLength: 40 }),
        );
        const scalar = fc.oneof(
            fc.constantFrom<unknown>(
                4096,
                MIB,
                "rd0",
                "/dev/sdc",
                "write-through",
                "tcp",
                "127.0.0.1",
                true,
                false,
                0,
                -1,
                null,
            ),
            fc.string(),
            fc.double(),
            fc.array(fc.string(), { maxLength: 3 }),
        );
        const keys = fc.constantFrom(
            "size",
            "volume",
            "source",
            "mode",
            "persist",
            "name",
            "number",
            "read_only",
            "persistent",
            "device",
            "id",
            "transport",
            "address",
            "hosts",
            "x",
        );
        const ajv = new Ajv({ strict: false, validateFormats: false, addUsedSchema: false });
        let described = 0;
        const bodies = fc.oneof(fc.dictionary(keys, scalar, { maxKeys: 5 }), fc.jsonValue());
        await fc.assert(
            fc.asyncProperty(fc.constantFrom(...routes), names, bodies, async ([method, path], name, sent) => {
                const url = path.replace("{id}", encodeURIComponent(name) || "x");
                const answer = await bridge.ask(method, url, { token, ...(method === "GET" ? {} : { body: sent }) });
                const told = `${method} ${url} ${JSON.stringify(sent)}: ${answer.status} ${answer.body}`;
                const known = [200, 201, 202, 204, 400, 404, 405, 409, 412, 429, 501, 507];
                assert.ok(known.includes(answer.status), told);
                const parsed: unknown = answer.status === 204 ? undefined : JSON.parse(answer.body);
                const { content } = api.paths[path]![method.toLowerCase()]!.responses[answer.status] ?? {};
                const schema = content?.["application/json"]?.schema;
                if (schema !== undefined) {
                    described += 1;
                    assert.ok(ajv.validate(schema, parsed), `${told}: ${ajv.errorsText()}`);
                }
                if (answer.status >= 400) {
                    const problem = JSON.parse(answer.body) as Record<string, unknown>;
                    assert.match(String(problem.error), /^org\.[A-Za-z.]+$/, told);
                    assert.doesNotMatch(String(problem.detail), /\/service\/|\.[jt]s:|node:| at .*\(/, told);
                }
            }),
            { numRuns: 600, endOnFailure: true, seed: 9118 },
        );
        assert.ok(described > 50, `only ${described} answers were held against their schemas`);
        console.log(`      ${described} answers were held against their schemas`);
    });

    it("ask 10,000 times, and nothing is left of it: no memory, no descriptor", async () => {
        const pid = bridge.process.pid!;
        const descriptors = (): number => readdirSync(`/proc/${pid}/fd`).length;
        const paths = ["/v1/checkServiceStatus", "/v1/listRapidDiskVolumes", "/v2/volumes", "/v2/nothing", "/metrics"];
        const run = async (times: number): Promise<void> => {
            let left = times;
            const worker = async (): Promise<void> => {
                while (left-- > 0) {
                    const path = paths[left % paths.length]!;
                    const { status } = await bridge.ask("GET", path);
                    assert.equal(status, path === "/v2/nothing" ? 404 : 200, path);
                }
            };
            await Promise.all(Array.from({ length: 8 }, worker));
        };
        await run(4_000);
        const before = { memory: residentMemory(pid).now, descriptors: descriptors() };
        await run(10_000);
        const grown = residentMemory(pid).now - before.memory;
        console.log(`      ${Math.round(grown / 1024)} KiB more after 10,000 requests`);
        assert.ok(grown < 16 * MIB, `10,000 requests left ${Math.round(grown / MIB)} MiB behind`);
        assert.ok(descriptors() <= before.descriptors + 8, `${before.descriptors} descriptors became ${descriptors()}`);
    });
});
