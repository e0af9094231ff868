// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { setPriority } from "node:os";
import { fileURLToPath } from "node:url";
import { Variant } from "../../../service/src/bus/index.js";
import { Flag } from "../../../service/src/bus/wire/header.js";
import { bundle, needsRoot, nobody, residentMemory, resetPeak, StallMeter } from "../harness/index.js";
import { managedObjects } from "../../contract/dbus/busobjects.js";
import { call, GIB, MIB, prepareDaemon, ROOT, type Service, type DaemonFixture } from "./fixture.js";

/** Processor time that the service may take in one turn: no clock is held against it, since the machine may be busy. */
const MAX_TURN_MS = 100;
const MAX_GROWTH = 20 * MIB;
const FLOODER = fileURLToPath(new URL("./flooder.ts", import.meta.url));
const MANAGER = "org.rapiddisk.Manager";

/** path, interface, member, signature, arguments. */
type Flood = [string, string, string, string, unknown[]];

const volume = `${ROOT}/volumes/rd1`;
const cache = `${ROOT}/caches/rc_2dwt_5fsdb`;
const none = {};
const FLOODS: Flood[] = [
    [ROOT, MANAGER, "GetResources", "a{sv}", [none]],
    [ROOT, MANAGER, "ListVolumes", "", []],
    [ROOT, MANAGER, "GetAllStatistics", "a{sv}", [none]],
    [ROOT, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", "", []],
    [volume, `${MANAGER}.Volume`, "GetStatistics", "a{sv}", [none]],
    [cache, `${MANAGER}.Cache`, "GetStatistics", "a{sv}", [none]],
    [ROOT, MANAGER, "CreateVolume", "ta{sv}", [MIB, { kilobytes: ["s", "x".repeat(2000)] }]],
    [ROOT, MANAGER, "CreateCache", "sssa{sv}", ["rd1", "/dev/sdb", "write-through", none]],
    [volume, `${MANAGER}.Volume`, "Remove", "a{sv}", [none]],
];

describe("a user who may nothing and floods the daemon, which serves 500 volumes", function () {
    let fixture: DaemonFixture;
    let service: Service;
    let flooder: string;
    let paths: string[];

    before(async function () {
        needsRoot(this);
        setPriority(-15);
        fixture = await prepareDaemon();
        chmodSync(fixture.directory, 0o755);
        flooder = await bundle(FLOODER, fixture.directory);
        service = await fixture.start();
        await service.sim.call("addDisk", { name: "sdb", size: GIB });
        for (let number = 0; number < 500; number++) {
            const options = { number: new Variant("u", number) };
            await call(fixture.client, ROOT, "", "CreateVolume", "ta{sv}", [BigInt(MIB), options]);
        }
        await call(fixture.client, ROOT, "", "CreateCache", "sssa{sv}", ["rd0", "/dev/sdb", "write-through", {}]);
        paths = [...(await managedObjects(fixture.client)).keys()];
        for (let i = 0; i < 30; i++) await managedObjects(fixture.client);
        for (let i = 0; i < 5; i++) await call(fixture.client, ROOT, "", "GetResources", "a{sv}", [{}]);
    });
    after(async () => {
        await fixture?.stop();
        setPriority(0);
    });

    const both = FLOODS.flatMap((flood) => [[flood, 0] as const, [flood, Flag.noReplyExpected] as const]);
    for (const [[path, iface, member, signature, args], flags] of both) {
        const how = `${JSON.stringify(args).slice(0, 40)}${flags === 0 ? "" : ", wanting no answer"}`;
        it(`by ${member} ${how}: others are served, and the service stays small`, async () => {
            const pid = service.process.pid ?? 0;
            const client = await fixture.bus.connect();
            const before = residentMemory(pid).now;
            resetPeak(pid);
            const meter = new StallMeter(client, MANAGER, fixture.turns);
            const order = { path, interface: iface, member, signature, args, flags, milliseconds: 1000 };
            const run = await fixture.bus.run([process.execPath, flooder, JSON.stringify(order)], { uid: nobody });
            const stall = await meter.stop();
            const growth = residentMemory(pid).peak - before;
            await client.close();
            assert.equal(run.status, 0, run.stderr);
            const measured =
                `longest wait of another client ${stall.longest.toFixed(1)} ms (the service computed for ${stall.turn.toFixed(1)} ms at most in one turn), ` +
                `memory +${(growth / MIB).toFixed(1)} MiB, ${run.stdout.trim()}`;
            console.log(`      ${measured}`);
            assert.ok(stall.samples > 0, "another client was served in the meantime");
            assert.ok(stall.turn <= MAX_TURN_MS, measured);
            assert.ok(growth <= MAX_GROWTH, measured);
            assert.deepEqual([...(await managedObjects(fixture.client)).keys()], paths, "nothing has changed");
        });
    }
});
