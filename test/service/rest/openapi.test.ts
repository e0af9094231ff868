// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { Ajv2020 } from "ajv/dist/2020.js";
import { needsRoot } from "../harness/index.js";
import { GIB } from "../daemon/fixture.js";
import { startRest, type Answer, type Bridge, type RestFixture } from "./fixture.js";

interface Operation {
    parameters: { name: string; in: string; required: boolean; schema: object }[];
    requestBody?: { required: boolean };
    responses: Record<string, { headers?: object; content?: Record<string, { schema: object }> }>;
    security: object[];
    "x-scope": string;
}

describe("the description of the interface", function () {
    let fixture: RestFixture;
    let bridge: Bridge;
    let token: string;
    let api: { paths: Record<string, Record<string, Operation>>; components: { schemas: object } };

    before(async function () {
        needsRoot(this);
        fixture = await startRest();
        await fixture.service.sim.call("addDisk", { name: "sdb", size: GIB });
        bridge = await fixture.bridge();
        ({ token } = await fixture.token("admin"));
        api = JSON.parse((await bridge.ask("GET", "/openapi.json")).body) as typeof api;
    });
    after(() => fixture?.stop());

    const ask = (method: string, path: string, body?: unknown): Promise<Answer> =>
        bridge.ask(method, path, { token, ...(body === undefined ? {} : { body }) });
    const all = (): [string, string, Operation][] =>
        Object.entries(api.paths).flatMap(([path, methods]) =>
            Object.entries(methods).map(([method, one]): [string, string, Operation] => [method, path, one]),
        );

    /** Holds an answer against what is said of its status: the type, and the schema where it is JSON. */
    function holds(method: string, path: string, { status, headers, body }: Answer): void {
        const { responses } = api.paths[path]![method.toLowerCase()]!;
        const described = responses[status] ?? responses.default!;
        const [[type, { schema }] = ["", { schema: {} }]] = Object.entries(described.content ?? {});
        const told = `${method} ${path} ${status} ${body}`;
        assert.equal((headers["content-type"] ?? "").split(";")[0], type, told);
        if (!/json$/.test(type)) return;
        const ajv = new Ajv2020({ strict: false, validateFormats: false });
        const whole = { ...schema, components: api.components };
        assert.ok(ajv.validate(whole, JSON.parse(body)), `${told}: ${ajv.errorsText()}`);
    }

    it("says of every answer what it is, of v1 to the last key", async () => {
        const asked: [string, string, string, unknown?][] = [
            ["GET", "/v1/checkServiceStatus", "/v1/checkServiceStatus"],
            ["GET", "/v1/listAllResources", "/v1/listAllResources"],
            ["GET", "/v1/listAllNVMePorts", "/v1/listAllNVMePorts"],
            ["POST", "/v1/createRapidDisk/{size}", "/v1/createRapidDisk/16"],
            [
                "POST",
                "/v1/createRapidDiskCache/{volume}/{source}/{policy}",
                "/v1/createRapidDiskCache/rd0/sdb/write-back",
            ],
            ["GET", "/v1/listRapidDiskVolumes", "/v1/listRapidDiskVolumes"],
            ["GET", "/v1/showRapidDiskCacheStats/{mapping}", "/v1/showRapidDiskCacheStats/rc-wb_sdb"],
            ["GET", "/v1/showRapidDiskCacheStats/{mapping}", "/v1/showRapidDiskCacheStats/nope"],
            ["POST", "/v1/removeRapidDisk/{volume}", "/v1/removeRapidDisk/rd0"],
            ["POST", "/v1/removeRapidDiskCache/{mapping}", "/v1/removeRapidDiskCache/rc-wb_sdb"],
            ["POST", "/v2/load-modules", "/v2/load-modules", {}],
            ["GET", "/v1/listAllNVMePorts", "/v1/listAllNVMePorts"],
            ["POST", "/v2/ports", "/v2/ports", { id: 1, transport: "tcp", address: "127.0.0.1" }],
            ["POST", "/v2/exports", "/v2/exports", { device: "rd0", hosts: ["nqn.2014-08.org.example:h"] }],
            ["GET", "/v1/listAllNVMePorts", "/v1/listAllNVMePorts"],
            ["GET", "/v1/listAllNVMeTargets", "/v1/listAllNVMeTargets"],
            ["GET", "/v2/status", "/v2/status"],
            ["GET", "/v2/resources", "/v2/resources"],
            ["GET", "/v2/volumes/{id}", "/v2/volumes/rd9"],
            ["POST", "/v2/volumes/{id}/erase", "/v2/volumes/rd0/erase", {}],
            ["GET", "/metrics", "/metrics"],
            ["GET", "/openapi.json", "/openapi.json"],
            ["GET", "/", "/"],
        ];
        for (const [method, path, url, body] of asked) holds(method, path, await ask(method, url, body));
        await ask("POST", "/v2/volumes", { size: 4096 });
        await fixture.service.sim.call("steps.resetSteps");
        await fixture.service.sim.call("steps.hangStep", 1);
        const answer = await ask("POST", "/v2/volumes/rd1/erase", {});
        await fixture.service.sim.call("steps.releaseHung");
        assert.equal(answer.status, 202);
        holds("POST", "/v2/volumes/{id}/erase", answer);
        await fixture.service.sim.call("steps.hangVerb", "attachRamDisk");
        const made = await ask("POST", "/v2/volumes", { size: 4096 });
        await fixture.service.sim.call("steps.releaseHung");
        assert.equal(made.status, 202);
        holds("POST", "/v2/volumes", made);
    });

    it("says which requests need a body, a token, and what headers count", () => {
        for (const [method, path, one] of all()) {
            const told = `${method} ${path}`;
            const names = one.parameters.filter((parameter) => parameter.in === "header").map(({ name }) => name);
            const isChange = one["x-scope"] !== "read";
            assert.deepEqual(one.security, [...(isChange ? [] : [{}]), { token: [] }], told);
            assert.equal(
                one.responses[202] !== undefined,
                isChange && /^\/v2\/(volumes|caches|ports|exports)(\/|$)/.test(path),
                told,
            );
            if (path.startsWith("/v2/") && isChange) {
                assert.deepEqual(names, ["If-Match", "If-None-Match"], told);
            }
        }
        assert.equal(api.paths["/v2/volumes"]!.post!.requestBody?.required, true);
        assert.equal(api.paths["/v2/volumes/{id}"]!.delete!.requestBody?.required, false);
    });

    it("names the methods of a path that there are", async () => {
        for (const [path, allow] of [
            ["/v2/events", "GET"],
            ["/v2/volumes", "GET, HEAD, POST"],
            ["/v1/createRapidDisk/4", "POST"],
        ] as const) {
            const { status, headers } = await ask("OPTIONS", path);
            assert.deepEqual([status, headers.allow], [405, allow], path);
        }
    });
});
