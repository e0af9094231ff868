// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { Ajv } from "ajv";
import { needsRoot } from "../harness/index.js";
import { GIB } from "../daemon/fixture.js";
import { sameSerial } from "../../unit/model/exports.js";
import { startRest, type Bridge, type RestFixture } from "./fixture.js";

type Json = Record<string, unknown>;

describe("NVMe exports over HTTP", function () {
    let fixture: RestFixture;
    let bridge: Bridge;
    let token: string;

    before(async function () {
        needsRoot(this);
        fixture = await startRest();
        bridge = await fixture.bridge();
        ({ token } = await fixture.token("admin"));
        await fixture.service.sim.call("addDisk", { name: "sdb", size: GIB });
    });
    after(() => fixture?.stop());

    const v1 = async (path: string): Promise<string> => (await bridge.ask("GET", `/v1/${path}`)).body;
    async function v2(method: string, path: string, body?: unknown): Promise<Json> {
        const answer = await bridge.ask(method, `/v2/${path}`, { token, ...(body === undefined ? {} : { body }) });
        assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.body}`);
        return answer.body === "" ? {} : (JSON.parse(answer.body) as Json);
    }

    it("are made and listed; the old lists have the old shape", async () => {
        await v2("POST", "load-modules", {});
        assert.equal(await v1("listAllNVMePorts"), '{"targets": [{"nvmet_ports": []}]}');
        assert.equal(await v1("listAllNVMeTargets"), '{"targets": [{"nvmet_targets": []}]}');
        await v2("POST", "volumes", { size: 16777216 });
        await v2("POST", "volumes", { size: 16777216 });
        const port = await v2("POST", "ports", { id: 0, transport: "tcp", address: "127.0.0.1" });
        const hosts = ["nqn.2014-08.org.example:host1"];
        const made = await v2("POST", "exports", { device: "rd0", hosts, serial: "S1", no_key: true });
        assert.equal("keys" in made, false);
        const nqn = String(made.nqn);
        const body = { device: "rd1", hosts, serial: "S1" };
        const second = await bridge.ask("POST", "/v2/exports", { token, body });
        assert.equal(second.status, 409);
        assert.ok(second.body.includes(JSON.stringify(sameSerial("S1", nqn)).slice(1, -1)), second.body);
        assert.equal(made.self, `/v2/exports/${encodeURIComponent(nqn)}`);
        assert.deepEqual(made.ports, [port.self]);
        const ports = '[{"port": 1, "address": "127.0.0.1", "protocol": "tcp"}]';
        assert.equal(await v1("listAllNVMePorts"), `{"targets": [{"nvmet_ports": ${ports}}]}`);
        assert.equal(
            await v1("listAllNVMeTargets"),
            `{"targets": [{"nvmet_targets": [{"nqn": "${nqn}", "namespace": 1, "device": "/dev/rd0", "enabled": "true", ` +
                `"allowed_hosts": [{"host": "nqn.2014-08.org.example:host1"}], "assigned_ports": ${ports}}]}]}`,
        );
        await v2("POST", "caches", { volume: "rd1", source: "/dev/sdb", mode: "writeback" });
        await v2("POST", "caches/rc-wb_sdb/flush", {});
        const api = JSON.parse((await bridge.ask("GET", "/openapi.json")).body) as Api;
        for (const kind of ["volumes", "caches", "ports", "exports", "jobs"]) {
            const { items } = (await v2("GET", kind)) as { items: (Json & { self: string })[] };
            assert.ok(items.length > 0, kind);
            holds(api, `/v2/${kind}`, { items });
            for (const item of items) holds(api, `/v2/${kind}/{id}`, await v2("GET", item.self.slice(4)));
        }
        await v2("DELETE", "caches/rc-wb_sdb");
        await v2("DELETE", "volumes/rd1");
        const { body: metrics } = await bridge.ask("GET", "/metrics");
        assert.match(metrics, /^rapiddisk_export_up\{export="rd0"\} 1$/m);
        assert.match(metrics, /^rapiddisk_export_any_host\{export="rd0"\} 0$/m);
        await v2("DELETE", String(made.self).slice(4));
        await v2("DELETE", String(port.self).slice(4));
        assert.equal(await v1("listAllNVMeTargets"), '{"targets": [{"nvmet_targets": []}]}');
    });

    it("give out the keys that are made for their hosts in the answer, once, and nowhere else", async () => {
        const [first, second] = ["nqn.2014-08.org.example:host1", "nqn.2014-08.org.example:host2"];
        await v2("POST", "ports", { id: 7, transport: "tcp", address: "127.0.0.1", service: "4427" });
        const body = { device: "/v2/volumes/rd0", hosts: [first], ports: ["/v2/ports/7"] };
        const made = await bridge.ask("POST", "/v2/exports", { token, body });
        assert.equal(made.status, 201, made.body);
        assert.equal(made.headers["cache-control"], "no-store");
        const { self, keys, authenticated_hosts } = JSON.parse(made.body) as Json & { self: string };
        assert.deepEqual(authenticated_hosts, [first]);
        const key = (await fixture.service.sim.call("nvmetKeys", first)) as string[];
        assert.deepEqual(keys, { [first]: key[0] });
        const allowed = await v2("POST", `${self.slice(4)}/allow-host`, { host: second });
        const other = (await fixture.service.sim.call("nvmetKeys", second)) as string[];
        assert.deepEqual(allowed.keys, { [second]: other[0] });
        const shown = [
            JSON.stringify(await v2("GET", self.slice(4))),
            JSON.stringify(await v2("GET", "status")),
            fixture.service.log(),
            bridge.log(),
        ].join("\n");
        for (const secret of [key[0], other[0]]) {
            assert.ok(!shown.includes(secret!.slice(10, 40)), "a key is shown somewhere");
        }
        const route = await bridge.ask("POST", `${self}/take-host-keys`, { token, body: { hosts: [] } });
        assert.equal(route.status, 404, "keys are in no other answer");
        await v2("DELETE", self.slice(4));
        await v2("DELETE", "ports/7");
    });
});

interface Api {
    paths: Record<string, { get: { responses: { 200: { content: { "application/json": { schema: object } } } } } }>;
}

/** An answer is what its description says, and has nothing that the description does not name. */
function holds(api: Api, path: string, answer: unknown): void {
    const { schema } = api.paths[path]!.get.responses[200].content["application/json"];
    const ajv = new Ajv({ strict: false, validateFormats: false });
    const closed = JSON.parse(JSON.stringify(schema), (_key, value: Json) =>
        typeof value?.properties === "object" ? { ...value, additionalProperties: false } : value,
    ) as object;
    assert.ok(ajv.validate(closed, answer), `${path}: ${ajv.errorsText()} ${JSON.stringify(answer)}`);
}
