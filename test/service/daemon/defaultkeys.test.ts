// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Keys that the service makes for hosts, through the real daemon, bus and polkitd: given out once, and to whom. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Variant } from "../../../service/src/bus/index.js";
import { managedObjects, treeText } from "../../contract/dbus/busobjects.js";
import { HOST, NQN, OTHER_HOST } from "../../unit/model/exports.js";
import { bundle, needsRoot, nobody } from "../harness/index.js";
import { call, MIB, prepareDaemon, ROOT, type Service, type DaemonFixture } from "./fixture.js";

const EXPORT = `${ROOT}/exports/nqn_2e2021_2d06_2eorg_2erapiddisk_3atest_2drd0`;
const ASK = "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired";
const yes = new Variant("b", true);

describe("keys that the service makes for hosts", function () {
    let fixture: DaemonFixture;
    let service: Service;

    before(async function () {
        needsRoot(this);
        fixture = await prepareDaemon("");
        chmodSync(fixture.directory, 0o755);
        service = await fixture.start();
        await call(fixture.client, ROOT, "", "LoadModules", "a{sv}", [{}]);
        await call(fixture.client, ROOT, "", "CreateVolume", "ta{sv}", [BigInt(64 * MIB), { persist: yes }]);
        await call(fixture.client, ROOT, "", "CreatePort", "ussa{sv}", [1, "tcp", "192.0.2.10", {}]);
    });
    after(() => fixture?.stop());

    const on = (member: string, signature: string, ...args: unknown[]): Promise<unknown[]> =>
        call(fixture.client, EXPORT, "Export", member, signature, args);
    const create = (): Promise<unknown[]> =>
        call(fixture.client, ROOT, "", "CreateExport", "sa{sv}", [
            "rd0",
            { nqn: new Variant("s", NQN), hosts: new Variant("as", [HOST, OTHER_HOST]), persist: yes },
        ]);
    const keyOf = async (host: string): Promise<string> =>
        ((await service.sim.call("nvmetKeys", host)) as string[])[0] ?? "";

    it("go once to who had them made, or who may set them, and are shown nowhere", async () => {
        await create();
        const caller = await bundle(fileURLToPath(new URL("./caller.ts", import.meta.url)), fixture.directory);
        const taking = JSON.stringify([[EXPORT, "Export", "TakeHostKeys", "asa{sv}", [[], {}]]]);
        const { stdout } = await fixture.bus.run([process.execPath, caller, taking], { uid: nobody });
        assert.equal((JSON.parse(stdout) as { error?: string }).error, ASK, "another connection needs the permission");
        assert.deepEqual(await on("TakeHostKeys", "asa{sv}", [HOST], {}), [new Map([[HOST, await keyOf(HOST)]])]);
        const { stdout: root } = await fixture.bus.run([process.execPath, caller, taking], {});
        assert.equal((JSON.parse(root) as { error?: string }).error, undefined, "root may have those of others");
        const secrets = [await keyOf(HOST), await keyOf(OTHER_HOST)];
        assert.ok(secrets.every((secret) => secret.startsWith("DHHC-1:00:")));
        assert.deepEqual(await on("TakeHostKeys", "asa{sv}", [], {}), [new Map()]);
        const shown = [
            service.log(),
            treeText(await managedObjects(fixture.client)),
            readFileSync(join(fixture.directory, "state", "state.json"), "utf8"),
            execFileSync("ps", ["axww", "-o", "args"], { encoding: "utf8" }),
        ].join("\n");
        for (const secret of secrets) {
            assert.ok(!shown.includes(secret.slice(10, 40)), "a key is shown somewhere");
        }
        assert.match(service.log(), new RegExp(`operation=export-take-keys object=${NQN} result=done`));
        await on("Remove", "a{sv}", {});
    });

    it("that were not taken are gone with the service; the hosts still need them", async () => {
        await create();
        const key = await keyOf(HOST);
        await service.kill();
        service = await fixture.start();
        assert.equal(await keyOf(HOST), key);
        assert.deepEqual(await on("TakeHostKeys", "asa{sv}", [], {}), [new Map()]);
        await on("Remove", "a{sv}", {});
    });
});
