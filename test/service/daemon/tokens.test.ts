// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Variant } from "../../../service/src/bus/index.js";
import { bundle, needsRoot, nobody } from "../harness/index.js";
import { call, prepareDaemon, refusal, ROOT, type Service, type DaemonFixture } from "./fixture.js";

type Rows = Map<string, Variant>[];
const CALLER = fileURLToPath(new URL("./caller.ts", import.meta.url));

describe("org.rapiddisk.Manager.Tokens", function () {
    let fixture: DaemonFixture;
    let service: Service;

    before(async function () {
        needsRoot(this);
        fixture = await prepareDaemon();
        service = await fixture.start();
    });
    after(() => fixture?.stop());

    const tokens = (member: string, signature: string, args: unknown[]) =>
        call(fixture.client, ROOT, "Tokens", member, signature, args);

    it("creates, lists, tells digests of, and revokes; each change is signalled before the reply", async () => {
        const revisions: unknown[] = [];
        await fixture.client.subscribe(
            { interface: "org.freedesktop.DBus.Properties", member: "PropertiesChanged", path: ROOT },
            ({ args }) => {
                if (args[0] === "org.rapiddisk.Manager.Tokens") {
                    revisions.push((args[1] as Map<string, Variant>).get("Revision")?.value);
                }
            },
        );
        const [id, token] = (await tokens("CreateToken", "ssa{sv}", ["script", "operate", {}])) as [string, string];
        assert.deepEqual(revisions, [1n]);
        const [listed] = (await tokens("ListTokens", "a{sv}", [{}])) as [Rows];
        assert.deepEqual([...listed[0]!.keys()].sort(), ["created", "expires", "id", "name", "scope"]);
        const [digests] = (await tokens("GetTokenDigests", "a{sv}", [{}])) as [Rows];
        assert.match(String(digests[0]!.get("digest")?.value), /^[0-9a-f]{64}$/);
        assert.ok(!service.log().includes(token), "the token is in the journal");
        assert.match(service.log(), new RegExp(`operation=token-create object=token ${id} result=done`));
        await tokens("RevokeToken", "sa{sv}", [id, {}]);
        assert.deepEqual(revisions, [1n, 2n]);
        assert.deepEqual(await tokens("ListTokens", "a{sv}", [{}]), [[]]);
    });

    it("says what was wrong", async () => {
        const wrong = await refusal(tokens("CreateToken", "ssa{sv}", ["x", "root", {}]));
        assert.deepEqual(wrong.name, "org.rapiddisk.Manager.Error.InvalidArgument");
        assert.equal((await refusal(tokens("RevokeToken", "sa{sv}", ["nope", {}]))).name.split(".").pop(), "NotFound");
    });

    it("is closed to a user whom polkit does not let, even for listing", async () => {
        chmodSync(fixture.directory, 0o755);
        const caller = await bundle(CALLER, fixture.directory);
        const calls = [
            [ROOT, "Tokens", "CreateToken", "ssa{sv}", ["x", "admin", {}]],
            [ROOT, "Tokens", "ListTokens", "a{sv}", [{}]],
            [ROOT, "Tokens", "RevokeToken", "sa{sv}", ["x", {}]],
            [ROOT, "Tokens", "GetTokenDigests", "a{sv}", [{}]],
        ];
        const { stdout } = await fixture.bus.run([process.execPath, caller, JSON.stringify(calls)], { uid: nobody });
        const errors = stdout
            .trim()
            .split("\n")
            .map((line) => (JSON.parse(line) as { error: string }).error.split(".").pop());
        const ask = "InteractiveAuthorizationRequired";
        assert.deepEqual(errors, [ask, ask, ask, "NotAuthorized"]);
    });
});
