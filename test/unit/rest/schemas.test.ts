// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { repeatedName } from "../../../service/src/rest/v2/body.js";
import { Variant } from "../../../service/src/client/index.js";
import { interfaces } from "../../../service/src/generated/specs.js";
import { Shared } from "../../../service/src/rest/state/shared.js";
import { operations } from "../../../service/src/rest/v2/operations.js";
import { argumentsOf, bodySchema, fromBus, urlOf } from "../../../service/src/rest/v2/schemas.js";

describe("the routes of v2", () => {
    it("offer every method of the interface, each at a place of its own", () => {
        const offered = operations();
        const places = offered.map(({ method, url }) => `${method} ${url}`);
        assert.equal(new Set(places).size, places.length, places.join("\n"));
        for (const [name, spec] of Object.entries(interfaces)) {
            if (name.endsWith(".Tokens")) continue; // Nobody makes tokens with a token.
            for (const member of Object.keys(spec.methods)) {
                if (/^List/.test(member)) continue; // The collections.
                if (member === "GetAllStatistics") continue; // Each object has its own, and /metrics has all.
                if (member === "TakeHostKeys") continue; // The keys are in the answers to what has them made.
                assert.ok(
                    offered.some((one) => one.iface === name && one.member === member),
                    `${name}.${member} has no route`,
                );
            }
        }
        assert.ok(!offered.some(({ iface }) => iface.endsWith(".Tokens")), "tokens can be managed over HTTP");
    });

    it("need a scope for every change", () => {
        for (const { method, spec, scope, url } of operations()) {
            assert.equal(scope === "read", spec.action === undefined, url);
            assert.equal(method === "GET", spec.action === undefined, url);
        }
    });

    it("turn a body into arguments, and refuse what is not in the schema", () => {
        const method = interfaces["org.rapiddisk.Manager"]!.methods.CreateVolume!;
        const schema = bodySchema(method) as { required: string[]; additionalProperties: boolean };
        assert.deepEqual([schema.required, schema.additionalProperties], [["size"], false]);
        assert.deepEqual(argumentsOf(method, { size: 4096, number: 7 }), [
            4096n,
            new Map([["number", new Variant("u", 7)]]),
        ]);
    });

    it("take the URL of an object where a body names one", () => {
        const { CreateCache, CreateExport } = interfaces["org.rapiddisk.Manager"]!.methods;
        const cache = (volume: string, source: string) =>
            argumentsOf(CreateCache!, { volume, source, mode: "write-around", name: "/v2/volumes/rd0" });
        const options = new Map([["name", new Variant("s", "/v2/volumes/rd0")]]);
        assert.deepEqual(cache("/v2/volumes/rd4", "/v2/caches/rc-wa_sd%61"), [
            "/dev/rd4",
            "/dev/mapper/rc-wa_sda",
            "write-around",
            options,
        ]);
        for (const other of ["rd4", "/v2/volumes/", "/v2/jobs/1", "/v2/constructor/1", "/v2/volumes/rd4/erase"]) {
            assert.deepEqual(cache(other, "/dev/sdb"), [other, "/dev/sdb", "write-around", options]);
        }
        assert.deepEqual(argumentsOf(CreateExport!, { device: "/v2/volumes/rd0", ports: ["1", "/v2/ports/2"] }), [
            "/dev/rd0",
            new Map([["ports", new Variant("as", ["1", "2"])]]),
        ]);
        const { AddPort } = interfaces["org.rapiddisk.Manager.Export"]!.methods;
        assert.deepEqual(argumentsOf(AddPort!, { port: "/v2/ports/7" }), [7, new Map()]);
        assert.deepEqual(argumentsOf(AddPort!, { port: 7 }), [7, new Map()]);
    });

    it("show values off the bus as JSON has them", () => {
        assert.equal(urlOf("/org/rapiddisk/Manager/caches/rc_2dwt_5fsdb"), "/v2/caches/rc-wt_sdb");
        assert.equal(fromBus("o", "/"), null);
        assert.deepEqual(fromBus("ao", ["/org/rapiddisk/Manager/volumes/rd0"]), ["/v2/volumes/rd0"]);
        assert.deepEqual(fromBus("a{sv}", new Map([["in-use", new Variant("b", true)]])), { in_use: true });
    });
});

describe("a shared reading", () => {
    it("is made once for all who ask, and again when it is old or something changed", async () => {
        let now = 0;
        let made = 0;
        const shared = new Shared(
            async () => ++made,
            100,
            () => now,
        );
        assert.deepEqual(await Promise.all([shared.get(), shared.get()]), [1, 1]);
        assert.equal(shared.get(), 1, "fresh: nobody waits");
        now = 60;
        assert.equal(shared.get(), 1, "ageing: nobody waits, and it is read again behind the answer");
        await new Promise((resolve) => setImmediate(resolve));
        assert.equal(made, 2);
        now = 500;
        assert.equal(await shared.get(), 3, "old: never handed out");
        shared.invalidate();
        assert.equal(await shared.get(), 4);
    });

    it("that began before a change is not handed out after it", async () => {
        let answer: (text: string) => void = () => undefined;
        const shared = new Shared(
            () => new Promise<string>((resolve) => (answer = resolve)),
            100,
            () => 0,
        );
        const before = shared.get();
        const old = answer;
        shared.invalidate();
        const after = shared.get();
        old("old");
        answer("new");
        assert.deepEqual([await before, await after, shared.get()], ["old", "new", "new"]);
    });

    it("that takes long is used for longer", async () => {
        let now = 0;
        let made = 0;
        const shared = new Shared(
            async () => {
                now += 50;
                return ++made;
            },
            100,
            () => now,
        );
        assert.equal(await shared.get(), 1);
        now = 300;
        assert.equal(shared.get(), 1);
        assert.equal(made, 1, "a reading that takes 50 is not made again 250 later");
        now = 900;
        assert.equal(await shared.get(), 2);
    });

    it("that says the same is no new one", async () => {
        let now = 0;
        let value = "a";
        const shared = new Shared(
            async () => value,
            100,
            () => now,
            (one, other) => one === other,
        );
        await shared.get();
        now = 200;
        await shared.get();
        assert.equal(shared.revision, 1);
        value = "b";
        shared.invalidate();
        assert.equal(await shared.get(), "b");
        assert.equal(shared.revision, 2);
    });

    it("that failed is tried again", async () => {
        let fail = true;
        const shared = new Shared(
            async () => (fail ? Promise.reject(new Error("no")) : 1),
            100,
            () => 0,
        );
        await assert.rejects(async () => shared.get(), /no/);
        fail = false;
        assert.equal(await shared.get(), 1);
    });
});

describe("a body", () => {
    const table: [string, string | undefined][] = [
        ["{}", undefined],
        ['{"a":1,"b":{"a":2,"c":[{"a":3},{"a":4}]}}', undefined],
        ['{"a":"\\"a\\":1,","b":["a","a"]}', undefined],
        ['{"a":1,"a":1}', "a"],
        ['{"a":1, "\\u0061" : 2}', "a"],
        ['{"b":[0,{"x":{},"y":[],"x":null}]}', "x"],
        ['{"":1,"":2}', ""],
        ['"a"', undefined],
    ];
    for (const [text, twice] of table) {
        it(`${text} has ${twice === undefined ? "nothing" : JSON.stringify(twice)} twice`, () =>
            assert.equal(repeatedName(text), twice));
    }
});
