// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TokenStore } from "../../../service/src/daemon/tokenstore.js";

describe("tokens of the HTTP bridge", () => {
    let dir: string;
    let now = 1_000_000_000_000;
    const store = () => new TokenStore(dir, () => now);
    const file = () => join(dir, "tokens.json");
    beforeEach(() => (dir = mkdtempSync(join(tmpdir(), "rapiddisk-tokens-"))));
    afterEach(() => rmSync(dir, { recursive: true, force: true }));

    it("are kept as digests alone, in a file that only root reads", async () => {
        const { id, token } = await store().create("backup", "operate", 3600);
        const text = readFileSync(file(), "utf8");
        assert.ok(!text.includes(token) && !text.includes(token.slice(-20)), "the secret is in the file");
        assert.equal(statSync(file()).mode & 0o777, 0o600);
        const [kept] = await store().list();
        assert.deepEqual(kept, {
            id,
            name: "backup",
            scope: "operate",
            created: now / 1000,
            expires: now / 1000 + 3600,
            digest: createHash("sha256").update(token).digest("hex"),
        });
        assert.match(token, /^rdt_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$/);
    });

    it("differ, survive a restart, and are gone when revoked", async () => {
        const first = store();
        const made = await Promise.all([1, 2, 3].map((n) => first.create(`t${n}`, "read")));
        assert.equal(new Set(made.map(({ token }) => token)).size, 3);
        const second = store();
        await second.revoke(made[1]!.id);
        assert.deepEqual(
            (await store().list()).map(({ name }) => name),
            ["t1", "t3"],
        );
        await assert.rejects(second.revoke(made[1]!.id), /There is no token/);
    });

    it("that have expired are forgotten when another is made, and the number of living ones is bounded", async () => {
        const one = store();
        await one.create("short", "read", 60);
        now += 61_000;
        for (let made = 0; made < 256; made++) {
            await one.create(`t${made}`, "read");
        }
        assert.equal((await one.list()).length, 256);
        await assert.rejects(one.create("one more", "read"), /256 tokens already/);
    });

    const wrong: [string, string, number | undefined, RegExp][] = [
        ["", "read", undefined, /not a valid name for a token/],
        ["a\nb", "read", undefined, /not a valid name for a token/],
        ["x".repeat(65), "read", undefined, /not a valid name for a token/],
        [" x", "read", undefined, /not a valid name for a token/],
        ["x", "root", undefined, /there are read, operate, admin/],
        ["x", "read", 59, /60 to 315360000 seconds/],
        ["x", "read", 315360001, /60 to 315360000 seconds/],
    ];
    for (const [name, scope, lifetime, message] of wrong) {
        it(`are refused: name ${JSON.stringify(name.slice(0, 8))}, scope ${scope}, lifetime ${lifetime}`, async () => {
            await assert.rejects(store().create(name, scope, lifetime), message);
            assert.deepEqual(await store().list(), []);
        });
    }

    for (const text of ["{", '{"format":2,"tokens":[]}', '{"format":1,"tokens":[{}]}', "null"]) {
        it(`in a file that cannot be understood (${text}) are an error, and the file is left alone`, async () => {
            writeFileSync(file(), text);
            await assert.rejects(store().list(), /damaged; repair it/);
            await assert.rejects(store().create("x", "read"), /damaged/);
            assert.equal(readFileSync(file(), "utf8"), text);
        });
    }
});
