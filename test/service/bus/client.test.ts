// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { strict as assert } from "node:assert";
import { connectClient, connectService, type Variant } from "../../../service/src/bus/index.js";
import { needsRoot, startBus, type TestBus, onEachBus } from "../harness/index.js";
import { itemInterface, NAME, ROOT, testInterface } from "./interfaces.js";
import { type BusFixture, startBusFixture } from "./fixture.js";

const DAEMON = "org.freedesktop.DBus";

onEachBus("a client on the bus", function (kind) {
    let fixture: BusFixture;

    before(async function () {
        needsRoot(this, kind);
        fixture = await startBusFixture(1, kind);
    });
    after(() => fixture?.stop());

    const target = { destination: NAME, path: ROOT, interface: testInterface.name };

    it("waits no longer than it was told to", async () => {
        await assert.rejects(fixture.client.call({ ...target, member: "Sleep" }, "u", [600_000], { timeoutMs: 100 }), {
            errorName: "org.freedesktop.DBus.Error.NoReply",
        });
    });

    it("gives up when told to", async () => {
        const controller = new AbortController();
        const pending = fixture.client.call({ ...target, member: "Sleep" }, "u", [3000], { signal: controller.signal });
        controller.abort(new Error("enough"));
        await assert.rejects(pending, /enough/);
    });

    it("refuses names that the bus would cut the line for", async () => {
        for (const wrong of [{ path: "no path" }, { destination: "x" }, { interface: "x" }, { member: "a.b" }]) {
            await assert.rejects(
                fixture.client.call({ ...target, member: "Empty", ...wrong }, "", []),
                /not a valid target/,
            );
        }
        assert.deepEqual(await fixture.call("Echo", "s", ["still here"]), ["still here"]);
    });

    it("refuses values that do not fit, and goes on", async () => {
        await assert.rejects(fixture.call("Echo", "s", [5]), /does not fit/);
        assert.deepEqual(await fixture.call("Echo", "s", ["still here"]), ["still here"]);
    });

    it("hears no signal that somebody else sends in the service's name", async () => {
        const heard: unknown[] = [];
        const match = { sender: NAME, interface: "org.freedesktop.DBus.Properties", member: "PropertiesChanged" };
        const subscription = await fixture.client.subscribe(match, ({ args }) => heard.push(args[0]));
        const stranger = await connectService({ root: ROOT, errorPrefix: "a.b", address: fixture.bus.address });
        const implementation = {
            spec: { ...itemInterface, properties: { Size: itemInterface.properties.Size! } },
            methods: {},
            properties: { Size: 1n },
        };
        stranger.addObject(`${ROOT}/items/i0`, [implementation]);
        await assert.rejects(stranger.requestName("org.rapiddisk.Stranger"), /not allowed|refused by policy/);
        stranger.setProperties(`${ROOT}/items/i0`, itemInterface.name, { Size: 2n });
        stranger.flush();
        const daemon = { destination: DAEMON, path: "/", interface: DAEMON, member: "GetId" };
        await stranger.client.call(daemon, "", []);
        await fixture.call("Change", "s", ["x"]);
        assert.deepEqual(heard, [testInterface.name, itemInterface.name], "those of the service, and no more");
        await subscription.close();
        await stranger.close(100);
    });

    it("hears a service again that was started again", async () => {
        const labels: unknown[] = [];
        const match = { sender: NAME, path: ROOT, member: "PropertiesChanged", arg0: testInterface.name };
        const subscription = await fixture.client.subscribe(match, ({ args }) => {
            labels.push((args[1] as Map<string, Variant>).get("Label")?.value);
        });
        await fixture.call("Change", "s", ["before"]);
        await fixture.restart();
        await fixture.call("Change", "s", ["after"]);
        await subscription.close();
        await fixture.call("Change", "s", ["unheard"]);
        assert.deepEqual(labels, ["before", "after"]);
    });

    it("says which bus it cannot reach", async () => {
        await assert.rejects(connectClient("unix:path=/nowhere"), /\/nowhere: .*ENOENT/);
    });
});

onEachBus("when the bus dies", function (kind) {
    let bus: TestBus;

    before(async function () {
        needsRoot(this, kind);
        bus = await startBus(kind);
    });
    after(() => bus?.stop());

    it("clients and services learn it, and no call waits forever", async () => {
        const service = await connectService({ root: ROOT, errorPrefix: "a.b", address: bus.address });
        const client = await connectClient(bus.address);
        service.addObject(ROOT, [
            {
                spec: { ...testInterface, methods: { Empty: testInterface.methods.Empty! }, properties: {} },
                properties: {},
                methods: { Empty: () => new Promise<void>(() => undefined) },
            },
        ]);
        const member = { destination: service.name, path: ROOT, interface: testInterface.name, member: "Empty" };
        const pending = client.call(member, "", [], { timeoutMs: 0 });
        const rejected = assert.rejects(pending, { errorName: "org.freedesktop.DBus.Error.Disconnected" });
        process.kill(bus.pid, "SIGKILL");
        await rejected;
        await client.closed;
        assert.match(await service.lost, /closed the connection/);
        await assert.rejects(client.call(member, "", []), { errorName: "org.freedesktop.DBus.Error.Disconnected" });
    });
});
