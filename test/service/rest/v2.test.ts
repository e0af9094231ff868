// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { get as httpGet } from "node:http";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { Validator } from "@seriousme/openapi-schema-validator";
import { needsRoot } from "../harness/index.js";
import { call, eventually, GIB, ROOT, until } from "../daemon/fixture.js";
import { startRest, type Answer, type Ask, type Bridge, type RestFixture } from "./fixture.js";

const MIB = 1048576;
/** Longer than the bridge waits for a change before it answers with its job, in ms. */
const PATIENCE = 1_500;
type Json = Record<string, unknown>;

describe("the resources of v2", function () {
    let fixture: RestFixture;
    let bridge: Bridge;
    let token: string;

    before(async function () {
        needsRoot(this);
        fixture = await startRest();
        await fixture.service.sim.call("addDisk", { name: "sdb", size: GIB });
        bridge = await fixture.bridge();
        ({ token } = await fixture.token("admin"));
    });
    after(() => fixture?.stop());

    const ask = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
        bridge.ask(method, path, { token, headers, ...(body === undefined ? {} : { body }) } satisfies Ask);
    const json = (answer: Answer): Json => JSON.parse(answer.body) as Json;

    function isProblem(answer: Answer, status: number, kind: string): void {
        assert.equal(answer.status, status, answer.body);
        assert.equal(answer.headers["content-type"], "application/problem+json; charset=utf-8");
        const problem = json(answer);
        assert.equal(problem.status, status);
        assert.equal(problem.type, `urn:rapiddisk:error:${kind}`);
        assert.match(String(problem.error), new RegExp(`^org\\..*\\.${kind}$`));
        assert.ok(String(problem.detail).length > 10, "no sentence for a person");
    }

    it("are made, shown, changed and removed", async () => {
        const made = await ask("POST", "/v2/volumes", { size: 64 * MIB });
        assert.equal(made.status, 201, made.body);
        assert.equal(made.headers.location, "/v2/volumes/rd0");
        assert.deepEqual(json(made), {
            self: "/v2/volumes/rd0",
            name: "rd0",
            number: 0,
            device: "/dev/rd0",
            size: 64 * MIB,
            used: 0,
            populated: false,
            read_only: false,
            errors: 0,
            in_use: false,
            users: [],
            user_details: [],
            persistent: false,
            managed: true,
        });
        const list = await ask("GET", "/v2/volumes");
        assert.deepEqual(json(list), { items: [json(made)] });
        const cache = await ask("POST", "/v2/caches", { volume: "rd0", source: "/dev/sdb", mode: "write-through" });
        assert.equal(cache.status, 201, cache.body);
        assert.equal(json(cache).volume, "/v2/volumes/rd0", "an object path is a URL here");
        isProblem(await ask("DELETE", "/v2/volumes/rd0"), 409, "Busy");
        const statistics = json(await ask("GET", "/v2/caches/rc-wt_sdb/statistics"));
        assert.equal(statistics.reads, 0);
        assert.equal((await ask("DELETE", "/v2/caches/rc-wt_sdb")).status, 204);
        const locked = await ask("PUT", "/v2/volumes/rd0/read-only", { read_only: true });
        assert.equal(locked.status, 200, locked.body);
        assert.equal(json(locked).read_only, true);
        const populated = await ask("POST", "/v2/volumes", { size: MIB, number: 5, populate: true });
        assert.equal(populated.status, 201, populated.body);
        assert.deepEqual([json(populated).populated, json(populated).used], [true, MIB]);
        assert.equal((await ask("DELETE", "/v2/volumes/rd5")).status, 204);
        assert.equal((await ask("POST", "/v2/volumes/rd0/resize", { size: 128 * MIB })).status, 200);
        assert.equal(json(await ask("GET", "/v2/volumes/rd0")).size, 128 * MIB);
        assert.equal((await ask("DELETE", "/v2/volumes/rd0")).status, 204);
        isProblem(await ask("GET", "/v2/volumes/rd0"), 404, "NotFound");
    });

    it("tell what this host can do, and its block devices", async () => {
        const status = json(await ask("GET", "/v2/status"));
        assert.equal(status.version, "10.0.0");
        assert.equal((status.modules as Json).rapiddisk, true);
        assert.ok(Number(status.memory_available) > 0);
        const { items } = json(await ask("GET", "/v2/resources")) as { items: Json[] };
        assert.equal(items.find(({ name }) => name === "sdb")?.cacheable, true);
        assert.equal(json(await ask("GET", "/v2/resolve?name=%2Fdev%2Fnope")).status, 404);
    });

    const wrong: [string, string, unknown, number, string][] = [
        ["POST", "/v2/volumes", {}, 400, "InvalidArgument"],
        ["POST", "/v2/volumes", { size: "64M" }, 400, "InvalidArgument"],
        ["POST", "/v2/volumes", { size: -1 }, 400, "InvalidArgument"],
        ["POST", "/v2/volumes", { size: 1.5 }, 400, "InvalidArgument"],
        ["POST", "/v2/volumes", { size: 1e300 }, 400, "InvalidArgument"],
        ["POST", "/v2/volumes", { size: MIB, sise: 1 }, 400, "InvalidArgument"],
        ["POST", "/v2/volumes", { size: MIB, number: -1 }, 400, "InvalidArgument"],
        ["POST", "/v2/volumes", [], 400, "InvalidArgument"],
        ["POST", "/v2/volumes", null, 400, "InvalidArgument"],
        ["POST", "/v2/volumes", { size: 1000 }, 400, "InvalidArgument"],
        ["POST", "/v2/volumes", { size: 2 ** 50 }, 507, "NoMemory"],
        ["POST", "/v2/caches", { volume: "rd9", source: "/dev/sdb", mode: "write-through" }, 404, "NotFound"],
        ["POST", "/v2/caches", { volume: "rd9", source: "/dev/sdb", mode: "x" }, 400, "InvalidArgument"],
        ["DELETE", "/v2/volumes/rd77", undefined, 404, "NotFound"],
        ["DELETE", "/v2/volumes/rd0?force=true", undefined, 400, "InvalidArgument"],
        ["GET", "/v2/volumes?limit=1", undefined, 400, "InvalidArgument"],
        ["PATCH", "/v2/volumes/rd0", {}, 405, "NotSupported"],
        ["GET", "/v2/nothing", undefined, 404, "NotFound"],
        ["POST", "/v2/volumes/rd9/no-such-thing", {}, 404, "NotFound"],
    ];
    for (const [method, path, body, status, kind] of wrong) {
        it(`refuse ${method} ${path} ${JSON.stringify(body)} with ${status}`, async () =>
            isProblem(await ask(method, path, body), status, kind));
    }

    it("name what is wrong in a body", async () => {
        const said = async (body: unknown): Promise<string> =>
            String(json(await ask("POST", "/v2/volumes", body)).detail);
        assert.equal(await said({}), "body: size is missing.");
        const detail = async (method: string, path: string): Promise<unknown> => json(await ask(method, path)).detail;
        assert.equal(
            await detail("GET", "/v2/volumes/rd0?limit=1"),
            'The query has "limit": /v2/volumes/{id} has no options.',
        );
        assert.equal(
            await detail("DELETE", "/v2/volumes/rd0?force=true"),
            'The query has "force": /v2/volumes/{id} takes its options in the body, as JSON.',
        );
        assert.equal(await detail("GET", "/v2/resolve"), "The query: name is missing.");
        assert.equal(await detail("GET", "/v2/resolve?name=x&nmae=y"), 'The query: "nmae" is unknown.');
        assert.match(
            String(await detail("GET", `/v2/volumes/${"x".repeat(300)}`)),
            /^\{id\} in the path must NOT have more than 256 characters\.$/,
        );
        assert.equal(await said({ size: "1" }), "body/size must be integer.");
        assert.equal(await said({ size: MIB, sise: 1 }), 'body: "sise" is unknown.');
        const text = await bridge.ask("POST", "/v2/volumes", { token, raw: "{size:1}" });
        assert.equal(json(text).detail, "The body is not JSON.");
        const form = await bridge.ask("POST", "/v2/volumes", {
            token,
            raw: "size=1",
            headers: { "content-type": "text/plain" },
        });
        assert.equal(form.status, 415);
        const proto = await bridge.ask("POST", "/v2/volumes", { token, raw: '{"size":1,"__proto__":{"x":1}}' });
        assert.equal(proto.status, 400);
        const empty = { token, raw: "" };
        assert.equal(json(await bridge.ask("POST", "/v2/volumes", empty)).detail, "body must be object.");
        await ask("POST", "/v2/volumes", { size: MIB });
        assert.equal((await bridge.ask("POST", "/v2/volumes/rd0/erase", empty)).status, 200);
        assert.equal((await bridge.ask("DELETE", "/v2/volumes/rd0", empty)).status, 204, "a type, and no body");
    });

    it("change only what was read, and are not sent again when nothing changed", async () => {
        const { headers } = await ask("POST", "/v2/volumes", { size: MIB });
        const tag = headers.etag!;
        const shown = await ask("GET", "/v2/volumes/rd0");
        assert.equal(
            (await ask("GET", "/v2/volumes/rd0", undefined, { "if-none-match": shown.headers.etag! })).status,
            304,
        );
        assert.equal((await ask("POST", "/v2/volumes/rd0/resize", { size: 2 * MIB }, { "if-match": tag })).status, 200);
        isProblem(await ask("POST", "/v2/volumes/rd0/resize", { size: MIB }, { "if-match": tag }), 412, "Failed");
        assert.equal((await ask("GET", "/v2/volumes/rd0", undefined, { "if-none-match": tag })).status, 200);
        assert.equal((await ask("DELETE", "/v2/volumes/rd0", undefined, { "if-match": "*" })).status, 204);
    });

    describe("long work", () => {
        const cache = "/v2/caches/rc-wb_sdb";
        const hang = async (): Promise<void> => {
            await fixture.service.sim.call("steps.resetSteps");
            await fixture.service.sim.call("steps.hangStep", 1);
        };
        const release = (): Promise<unknown> => fixture.service.sim.call("steps.releaseHung");
        const asJob = (answer: Answer): Json & { self: string } => {
            assert.equal(answer.status, 202, answer.body);
            const job = json(answer) as Json & { self: string };
            assert.equal(answer.headers.location, job.self);
            assert.match(job.self, /^\/v2\/jobs\/\d+$/);
            assert.equal(job.operation, "cache-flush");
            assert.deepEqual(job.objects, [cache, "/v2/volumes/rd0"]);
            return job;
        };
        const ends = async (job: string, state: string): Promise<Json> => {
            await until(`${job} is ${state}`, async () => json(await ask("GET", job)).state === state, 20_000);
            return json(await ask("GET", job));
        };

        before(async () => {
            await ask("POST", "/v2/volumes", { size: 16 * MIB });
            const made = await ask("POST", "/v2/caches", {
                volume: "/v2/volumes/rd0",
                source: "/dev/sdb",
                mode: "writeback",
            });
            assert.equal(made.status, 201, made.body);
        });
        after(async () => {
            await release();
            assert.equal((await ask("DELETE", cache)).status, 204);
            assert.equal((await ask("DELETE", "/v2/volumes/rd0")).status, 204);
        });

        it("that ends at once is answered with its end", async () => {
            assert.equal((await ask("POST", `${cache}/flush`, {})).status, 200);
        });

        it("is answered with its job after a second, which can be watched to its end", async () => {
            await hang();
            const job = asJob(await ask("POST", `${cache}/flush`, {}));
            assert.equal(json(await ask("GET", job.self)).state, "running");
            const { items } = json(await ask("GET", "/v2/jobs")) as { items: Json[] };
            assert.equal(items.filter(({ state }) => state === "running").length, 1);
            await release();
            assert.equal((await ends(job.self, "done")).error, "");
            isProblem(await ask("POST", `${job.self}/cancel`, {}), 409, "Failed");
        });

        it("can be cancelled, and says so", async () => {
            await hang();
            const job = asJob(await ask("POST", `${cache}/flush`, {}));
            const cancelled = await ask("POST", `${job.self}/cancel`, {});
            assert.equal(cancelled.status, 200, cancelled.body);
            assert.equal((await ends(job.self, "cancelled")).error, "org.rapiddisk.Manager.Error.Cancelled");
            await release();
        });

        it("has a job of its own for each who asked, in their order", async () => {
            await hang();
            const first = ask("POST", `${cache}/flush`, {});
            const started = async (): Promise<boolean> =>
                ((await fixture.service.sim.call("steps.log")) as unknown[]).length === 1;
            await until("the first flush has begun", started, 20_000);
            const second = ask("POST", `${cache}/flush`, {});
            const one = asJob(await first);
            await sleep(PATIENCE); // The second waits for the first, and is answered as soon as it has a job.
            await release();
            const other = asJob(await second);
            assert.notEqual(one.self, other.self);
            await ends(one.self, "done");
            await ends(other.self, "done");
        });

        it("is not taken for the job that somebody else began on the same object", async () => {
            await hang();
            const { process: service } = fixture.service;
            const before = bridge.log().length;
            service.kill("SIGSTOP"); // Both are sent before either is begun.
            const theirs = call(fixture.fixture.client, `${ROOT}/caches/rc_2dwb_5fsdb`, "Cache", "Flush", "a{sv}", [
                {},
            ]);
            const ours = ask("POST", "/v2/volumes/rd0/resize", { size: 32 * MIB });
            await eventually(() => /Resize .*result=asked/.test(bridge.log().slice(before)));
            service.kill("SIGCONT");
            await eventually(async () =>
                (json(await ask("GET", "/v2/jobs")).items as Json[]).some(({ state }) => state === "running"),
            );
            await sleep(PATIENCE); // Ours would have been answered with a job by now, if it had one.
            await release();
            await theirs;
            const answer = await ours;
            assert.notEqual(answer.status, 202, answer.body);
        });

        it("is not the flush in a removal, which is not all of it", async () => {
            await ask("POST", "/v2/volumes", { size: MIB, number: 7 });
            await fixture.service.sim.call("addDisk", { name: "sdq", size: 64 * MIB });
            const cacheOf = { volume: "rd7", source: "/dev/sdq", mode: "writeback" };
            assert.equal((await ask("POST", "/v2/caches", cacheOf)).status, 201);
            await hang();
            const removing = ask("DELETE", "/v2/caches/rc-wb_sdq");
            await eventually(async () =>
                (json(await ask("GET", "/v2/jobs")).items as Json[]).some(({ state }) => state === "running"),
            );
            await sleep(PATIENCE);
            await release();
            const removed = await removing;
            assert.equal(removed.status, 204, removed.body);
            assert.equal((await ask("DELETE", "/v2/volumes/rd7")).status, 204);
        });

        it("that the kernel does in one step is a job as well, which nobody can stop", async () => {
            assert.equal((await ask("POST", "/v2/volumes", { size: MIB })).status, 201);
            await hang();
            const answer = await ask("POST", "/v2/volumes/rd1/erase", {});
            assert.equal(answer.status, 202, answer.body);
            const job = json(answer) as Json & { self: string };
            assert.deepEqual([job.operation, job.state, job.objects], ["volume-erase", "running", ["/v2/volumes/rd1"]]);
            isProblem(await ask("POST", `${job.self}/cancel`, {}), 501, "NotSupported");
            await release();
            await ends(job.self, "done");
            assert.equal((await ask("DELETE", "/v2/volumes/rd1")).status, 204);
        });
    });

    it("stream what changes, also what others change, and what was missed", async () => {
        const events: { id: string; event: string; data: Json }[] = [];
        const open = (lastId?: string): Promise<{ next(): Promise<void>; close(): void }> =>
            new Promise((resolve, reject) => {
                const headers = lastId === undefined ? {} : { "last-event-id": lastId };
                httpGet({ host: "127.0.0.1", port: bridge.port, path: "/v2/events", headers }, (response) => {
                    assert.equal(response.headers["content-type"], "text/event-stream");
                    let event: Record<string, string> = {};
                    let wake = (): void => undefined;
                    createInterface({ input: response }).on("line", (line) => {
                        const [, name, value] = /^([a-z]+): (.*)$/.exec(line) ?? [];
                        if (name !== undefined) {
                            event[name] = value!;
                        } else if (event.data !== undefined) {
                            events.push({ id: event.id!, event: event.event!, data: JSON.parse(event.data) as Json });
                            event = {};
                            wake();
                        }
                    });
                    resolve({ next: () => new Promise((done) => (wake = done)), close: () => response.destroy() });
                }).on("error", reject);
            });
        const isThere = (what: string, self: string): boolean =>
            events.some(({ event, data }) => event === what && data.self === self);
        const stream = await open();
        await call(fixture.fixture.client, ROOT, "", "CreateVolume", "ta{sv}", [BigInt(MIB), {}]);
        while (!isThere("added", "/v2/volumes/rd0")) await stream.next();
        stream.close();
        const last = events.at(-1)!.id;
        await call(fixture.fixture.client, `${ROOT}/volumes/rd0`, "Volume", "Remove", "a{sv}", [{}]);
        const again = await open(last);
        while (!isThere("removed", "/v2/volumes/rd0")) await again.next();
        again.close();
    });

    it("describe themselves: OpenAPI, a page, metrics", async () => {
        const api = json(await bridge.ask("GET", "/openapi.json")) as { openapi: string; paths: Record<string, Json> };
        assert.equal(api.openapi, "3.1.0");
        const { valid, errors } = await new Validator().validate(structuredClone(api));
        assert.ok(valid, JSON.stringify(errors, null, 1));
        assert.equal(
            (await new Validator().validate({ ...api, info: {} })).valid,
            false,
            "a validator that sees nothing",
        );
        for (const path of [
            "/v1/createRapidDisk/{size}",
            "/v2/volumes/{id}",
            "/v2/caches/{id}/flush",
            "/v2/events",
            "/metrics",
        ]) {
            assert.ok(api.paths[path], `${path} is not described`);
        }
        const page = await bridge.ask("GET", "/");
        assert.match(page.body, /<code>\/v2\/volumes<\/code>/);
        assert.match(String(page.headers["content-security-policy"]), /default-src 'none'/);
        await ask("POST", "/v2/volumes", { size: MIB });
        const { body } = await bridge.ask("GET", "/metrics");
        assert.match(body, /^rapiddisk_volume_size_bytes\{volume="rd0"\} 1048576$/m);
        assert.match(body, /^rapiddisk_volume_reads_completed_total\{volume="rd0"\} \d+$/m);
        assert.match(body, /^rapiddisk_http_requests_total\{code="200"\} \d+$/m);
        for (const line of body.trim().split("\n")) {
            assert.match(
                line,
                /^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? -?[0-9.e+-]+)$/,
                line,
            );
        }
        assert.match(
            body,
            /^rapiddisk_dbus_requests_total\{interface="[A-Za-z.]+",method="CreateVolume",result="done"\} \d+$/m,
        );
        const [, count] = /^rapiddisk_request_duration_seconds_count (\d+)$/m.exec(body) ?? [];
        assert.ok(Number(count) > 0);
        const openMetrics = await ask("GET", "/metrics", undefined, { accept: "application/openmetrics-text" });
        assert.match(String(openMetrics.headers["content-type"]), /^application\/openmetrics-text; version=1\.0\.0/);
        assert.match(openMetrics.body, /^# TYPE rapiddisk_http_requests counter$/m);
        assert.match(openMetrics.body, /\n# EOF\n$/);
        await ask("DELETE", "/v2/volumes/rd0");
    });

    it("answer what is ready as they answer what is not, and only to whom they would", async () => {
        const plain = (answer: Answer): object => ({ ...answer, headers: { ...answer.headers, date: "" } });
        for (const path of [
            "/v1/checkServiceStatus",
            "/v1/listRapidDiskVolumes",
            "/v2/volumes",
            "/v2/caches",
            "/v2/jobs",
        ]) {
            const first = await bridge.ask("GET", path); // From here on it is ready.
            const ready = await bridge.ask("GET", path);
            // With a token, or a query, it is for the routes to answer.
            const routed = [await bridge.ask("GET", `${path}?`), await ask("GET", path)];
            for (const answer of [first, ...routed]) assert.deepEqual(plain(answer), plain(ready), path);
            const head = await bridge.ask("HEAD", path);
            assert.deepEqual(plain(head), plain({ ...ready, body: "" }), `HEAD ${path}`);
            if (ready.headers.etag !== undefined) {
                const headers = { "if-none-match": ready.headers.etag };
                assert.equal((await bridge.ask("GET", path, { headers })).status, 304, path);
            }
            const refused: [Record<string, string>, number][] = [
                [{ authorization: "Bearer rdt_000000000000_no" }, 401],
                [{ host: "evil.example" }, 421],
                [{ origin: "http://evil.example" }, 403],
                [{ "sec-fetch-site": "cross-site" }, 403],
            ];
            for (const [headers, status] of refused) {
                assert.equal(
                    (await bridge.ask("GET", path, { headers })).status,
                    status,
                    `${path} ${JSON.stringify(headers)}`,
                );
            }
        }
        const closed = await fixture.bridge("scopes = operate\n");
        for (let times = 0; times < 2; times++) assert.equal((await closed.ask("GET", "/v2/volumes")).status, 403);
    });

    it("show within one answer what was changed by it, and by others once they were told", async () => {
        for (let round = 0; round < 3; round++) {
            await ask("POST", "/v2/volumes", { size: MIB });
            assert.equal((json(await bridge.ask("GET", "/v2/volumes")).items as Json[]).length, 1);
            await ask("PUT", "/v2/volumes/rd0/read-only", { read_only: true });
            assert.match((await bridge.ask("GET", "/v1/listRapidDiskVolumes")).body, /"status": "locked"/);
            await ask("DELETE", "/v2/volumes/rd0");
            assert.equal((json(await bridge.ask("GET", "/v2/volumes")).items as Json[]).length, 0);
        }
    });

    it("say so truthfully when the service is gone, and are there again with it", async () => {
        const other = await startRest();
        try {
            const lonely = await other.bridge();
            assert.equal((await lonely.ask("GET", "/v2/volumes")).status, 200);
            await other.service.kill();
            let answer = await lonely.ask("GET", "/v2/volumes");
            while (answer.status === 200) {
                answer = await lonely.ask("GET", "/v2/volumes");
            }
            isProblem(answer, 503, "ServiceUnknown");
            assert.equal((await lonely.ask("GET", "/v1/checkServiceStatus")).status, 503);
            assert.match((await lonely.ask("GET", "/metrics")).body, /^rapiddisk_service_up 0$/m);
            await other.fixture.start();
            await eventually(async () => (await lonely.ask("GET", "/v2/volumes")).status === 200);
        } finally {
            await other.stop();
        }
    });
});
