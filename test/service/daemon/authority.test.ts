// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { once } from "node:events";
import { chmodSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Variant } from "../../../service/src/bus/index.js";
import { bundle, needsRoot, nobody, onEachBus } from "../harness/index.js";
import { managedObjects } from "../../contract/dbus/busobjects.js";
import {
    call,
    eventually,
    GIB,
    MIB,
    prepareDaemon,
    refusal,
    ROOT,
    type Service,
    type DaemonFixture,
} from "./fixture.js";

const RULES = `
polkit.addRule(function (action, subject) {
    if (action.id === "org.rapiddisk.manager.volume-erase" && action.lookup("volume.name") === "rd1") {
        return polkit.Result.YES;
    }
    if (action.id === "org.rapiddisk.manager.volume-create" && Number(action.lookup("volume.size")) <= 1048576) {
        return polkit.Result.YES;
    }
    if (action.id === "org.rapiddisk.manager.cache-create") {
        return polkit.Result.YES;
    }
    if (action.id === "org.rapiddisk.manager.volume-lock") {
        return polkit.Result.NO;
    }
});
`;
const ERROR = "org.rapiddisk.Manager.Error.";
const BUS = {
    destination: "org.freedesktop.DBus",
    path: "/org/freedesktop/DBus",
    interface: "org.freedesktop.DBus",
};
const ASK = "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired";
const CALLER = fileURLToPath(new URL("./caller.ts", import.meta.url));

interface Answer {
    out?: unknown[];
    error?: string;
    message?: string;
}

onEachBus("authorization of a user who may nothing", function (kind) {
    let fixture: DaemonFixture;
    let service: Service;
    let caller: string;

    before(async function () {
        needsRoot(this, kind);
        fixture = await prepareDaemon(RULES, kind);
        chmodSync(fixture.directory, 0o755);
        caller = await bundle(CALLER, fixture.directory);
        service = await fixture.start();
        await service.sim.call("addDisk", { name: "sdb", size: GIB });
        await call(fixture.client, ROOT, "", "CreateVolume", "ta{sv}", [BigInt(64 * MIB), {}]);
        await call(fixture.client, ROOT, "", "CreateVolume", "ta{sv}", [BigInt(64 * MIB), {}]);
    });
    after(() => fixture?.stop());

    async function asNobody(...calls: unknown[]): Promise<Answer[]> {
        const { stdout, stderr } = await fixture.bus.run([process.execPath, caller, JSON.stringify(calls)], {
            uid: nobody,
        });
        const lines = stdout.trim().split("\n");
        assert.equal(lines.length, calls.length, stderr);
        return lines.map((line) => JSON.parse(line) as Answer);
    }
    const volume = (name: string): string => `${ROOT}/volumes/${name}`;

    /** Whether a user has a connection to the bus. */
    async function hasConnectionOf(uid: number): Promise<boolean> {
        const ask = async (member: string, ...args: string[]): Promise<unknown> =>
            (await fixture.client.call({ ...BUS, member }, "s".repeat(args.length), args))[0];
        const names = (await ask("ListNames")) as string[];
        const uids = names.map((name) => ask("GetConnectionUnixUser", name).catch(() => undefined));
        return (await Promise.all(uids)).includes(uid);
    }

    it("reads everything without being asked", async () => {
        const answers = await asNobody(
            [ROOT, "", "ListVolumes", "", []],
            [ROOT, "", "ListCaches", "", []],
            [ROOT, "", "GetResources", "a{sv}", [{}]],
            [ROOT, "", "GetAllStatistics", "a{sv}", [{}]],
            [ROOT, "", "Resolve", "s", ["rd0"]],
            [volume("rd0"), "Volume", "GetStatistics", "a{sv}", [{}]],
        );
        assert.deepEqual(
            answers.map((answer) => answer.error),
            answers.map(() => undefined),
        );
    });

    it("is refused every change: asked for when a person could say yes, and nothing has changed", async () => {
        const before = JSON.stringify([...(await managedObjects(fixture.client)).keys()]);
        const changes: unknown[] = [
            [ROOT, "", "CreateVolume", "ta{sv}", [2 * MIB, {}]],
            [ROOT, "", "LoadModules", "a{sv}", [{}]],
            [ROOT, "", "Restore", "a{sv}", [{}]],
            [volume("rd0"), "Volume", "Resize", "ta{sv}", [MIB, {}]],
            [volume("rd0"), "Volume", "Erase", "a{sv}", [{}]],
            [volume("rd0"), "Volume", "Remove", "a{sv}", [{}]],
            [volume("rd0"), "Volume", "SetPersistent", "ba{sv}", [true, {}]],
        ];
        for (const { error } of await asNobody(...changes)) {
            assert.equal(error, ASK);
        }
        assert.equal(JSON.stringify([...(await managedObjects(fixture.client)).keys()]), before);
    });

    it("is refused for good where the administrator's rule says no", async () => {
        const [answer] = await asNobody([volume("rd0"), "Volume", "SetReadOnly", "ba{sv}", [true, {}]]);
        assert.equal(answer?.error, `${ERROR}NotAuthorized`);
    });

    it("may what a rule allows by the object's name, and only that", async () => {
        const [one, other] = await asNobody(
            [volume("rd1"), "Volume", "Erase", "a{sv}", [{}]],
            [volume("rd0"), "Volume", "Erase", "a{sv}", [{}]],
        );
        assert.deepEqual(one?.out, []);
        assert.equal(other?.error, ASK);
    });

    it("may what a rule allows by size", async () => {
        const [small, large] = await asNobody(
            [ROOT, "", "CreateVolume", "ta{sv}", [MIB, { number: ["u", 9] }]],
            [ROOT, "", "CreateVolume", "ta{sv}", [MIB + 512, {}]],
        );
        assert.deepEqual(small?.out, [volume("rd9")]);
        assert.equal(large?.error, ASK);
        await call(fixture.client, volume("rd9"), "Volume", "Remove", "a{sv}", [{}]);
    });

    it("needs the action cache-writeback in addition to cache-create", async () => {
        const [writeback] = await asNobody([ROOT, "", "CreateCache", "sssa{sv}", ["rd0", "/dev/sdb", "writeback", {}]]);
        assert.equal(writeback?.error, ASK);
        const [through] = await asNobody([
            ROOT,
            "",
            "CreateCache",
            "sssa{sv}",
            ["rd0", "/dev/sdb", "write-through", {}],
        ]);
        assert.deepEqual(through?.out, [`${ROOT}/caches/rc_2dwt_5fsdb`]);
        await call(fixture.client, `${ROOT}/caches/rc_2dwt_5fsdb`, "Cache", "Remove", "a{sv}", [{}]);
    });

    it("is told what is wrong before being asked, and unknown options by name", async () => {
        const [size, option] = await asNobody(
            [ROOT, "", "CreateVolume", "ta{sv}", [1000, {}]],
            [ROOT, "", "CreateVolume", "ta{sv}", [MIB, { nmuber: ["u", 1] }]],
        );
        assert.equal(size?.error, `${ERROR}InvalidArgument`);
        assert.equal(option?.error, `${ERROR}UnknownOption`);
        assert.match(option?.message ?? "", /"nmuber"/);
    });

    it("is not asked when the option auth.no_user_interaction forbids it, whatever the header says", async () => {
        const quiet = { "auth.no_user_interaction": ["b", true] };
        const [answer] = await asNobody([volume("rd0"), "Volume", "Remove", "a{sv}", [quiet], true]);
        assert.equal(answer?.error, ASK);
    });

    it("is refused when polkit is down, while root works on", async () => {
        await fixture.bus.stopPolkit();
        const [answer] = await asNobody([volume("rd1"), "Volume", "Erase", "a{sv}", [{}]]);
        assert.equal(answer?.error, `${ERROR}NotAuthorized`);
        await call(fixture.client, volume("rd1"), "Volume", "Erase", "a{sv}", [{}]);
        const [path] = await call(fixture.client, ROOT, "", "CreateVolume", "ta{sv}", [
            BigInt(MIB),
            { number: new Variant("u", 20) },
        ]);
        assert.equal(path, volume("rd20"));
        await fixture.bus.startPolkit(RULES);
    });

    it("leaves a line in the journal with the user who left while the work went on", async () => {
        await service.sim.call("steps.resetSteps");
        await service.sim.call("steps.hangStep", 1);
        const calls = JSON.stringify([[volume("rd1"), "Volume", "Erase", "a{sv}", [{}]]]);
        const child = fixture.bus.spawn([process.execPath, caller, calls], { uid: nobody });
        const stepBegun = async (): Promise<boolean> =>
            ((await service.sim.call("steps.log")) as unknown[]).length === 1;
        await eventually(stepBegun);
        const gone = once(child, "exit");
        child.kill("SIGKILL");
        await gone;
        await eventually(async () => !(await hasConnectionOf(nobody)));
        await call(fixture.client, ROOT, "", "ListVolumes", "", []); // The service was told before this came to it.
        const before = service.log().length;
        await service.sim.call("steps.releaseHung");
        await eventually(() => /operation=volume-erase/.test(service.log().slice(before)));
        assert.match(service.log().slice(before), /audit: uid=65534 .*operation=volume-erase object=rd1 result=done/);
        assert.doesNotMatch(service.log(), /uid=unknown/);
    });

    it("leaves a line in the journal with the user and the refusal", async () => {
        await asNobody([volume("rd0"), "Volume", "Remove", "a{sv}", [{}]]);
        assert.match(service.log(), /audit: uid=65534 .*operation=volume-remove object=rd0 result=.*InteractiveAuth/);
        const error = await refusal(call(fixture.client, volume("rd0"), "Volume", "Resize", "ta{sv}", [1n, {}]));
        assert.equal(error.name, `${ERROR}InvalidArgument`);
    });
});
