// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Keys that the service makes for hosts, through the real daemon, bus and polkitd: given out once, and to whom. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Variant } from "../../../service/src/bus/index.js";
import { managedObjects, treeText } from "../../contract/dbus/mirror.js";
import { HOST, NQN, OTHER_HOST } from "../../unit/model/exports.js";
import { bundle, needsRoot, nobody } from "../harness/index.js";
import { call, MIB, prepareStand, ROOT, type Service, type Stand } from "./stand.js";

const EXPORT = `${ROOT}/exports/nqn_2e2021_2d06_2eorg_2erapiddisk_3atest_2drd0`;
const ASK = "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired";
const yes = new Variant("b", true);

describe("keys that the service makes for hosts", function () {
    let stand: Stand;
    let service: Service;

    before(async function () {
        needsRoot(this);
        stand = await prepareStand("");
        chmodSync(stand.directory, 0o755);
        service = await stand.start();
        await call(stand.client, ROOT, "", "LoadModules", "a{sv}", [{}]);
        await call(stand.client, ROOT, "", "CreateVolume", "ta{sv}", [BigInt(64 * MIB), { persist: yes }]);
        await call(stand.client, ROOT, "", "CreatePort", "ussa{sv}", [1, "tcp", "192.0.2.10", {}]);
    });
    after(() => stand?.stop());

    const on = (member: string, signature: string, ...args: unknown[]): Promise<unknown[]> =>
        call(stand.client, EXPORT, "Export", member, signature, args);
    const create = (): Promise<unknown[]> =>
        call(stand.client, ROOT, "", "CreateExport", "sa{sv}", [
            "rd0",
            { nqn: new Variant("s", NQN), hosts: new Variant("as", [HOST, OTHER_HOST]), persist: yes },
        ]);
    const keyOf = async (host: string): Promise<string> =>
        ((await service.sim.call("nvmetKeys", host)) as string[])[0] ?? "";

    it("go once to who had them made, or who may set them, and are shown nowhere", async () => {
        await create();
        const caller = await bundle(fileURLToPath(new URL("./caller.ts", import.meta.url)), stand.directory);
        const taking = JSON.stringify([[EXPORT, "Export", "TakeHostKeys", "asa{sv}", [[], {}]]]);
        const { stdout } = await stand.bus.run([process.execPath, caller, taking], { uid: nobody });
        assert.equal((JSON.parse(stdout) as { error?: string }).error, ASK, "another connection needs the permission");
        assert.deepEqual(await on("TakeHostKeys", "asa{sv}", [HOST], {}), [new Map([[HOST, await keyOf(HOST)]])]);
        const { stdout: root } = await stand.bus.run([process.execPath, caller, taking], {});
        assert.equal((JSON.parse(root) as { error?: string }).error, undefined, "root may have those of others");
        const secrets = [await keyOf(HOST), await keyOf(OTHER_HOST)];
        assert.ok(secrets.every((secret) => secret.startsWith("DHHC-1:00:")));
        assert.deepEqual(await on("TakeHostKeys", "asa{sv}", [], {}), [new Map()]);
        const shown = [
            service.log(),
            treeText(await managedObjects(stand.client)),
            readFileSync(join(stand.directory, "state", "state.json"), "utf8"),
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
        service = await stand.start();
        assert.equal(await keyOf(HOST), key);
        assert.deepEqual(await on("TakeHostKeys", "asa{sv}", [], {}), [new Map()]);
        await on("Remove", "a{sv}", {});
    });
});
