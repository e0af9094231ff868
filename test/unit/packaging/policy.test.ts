// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What polkit asks of whom by default (polkit(8): implicit authorizations). */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

const policy = readFileSync(new URL("../../../polkit/org.rapiddisk.manager.policy", import.meta.url), "utf8");
const defaults = new Map(
    [...policy.matchAll(/<action id="org\.rapiddisk\.manager\.([a-z-]+)">([^]*?)<\/action>/g)].map(([, id, body]) => [
        id ?? "",
        ["any", "inactive", "active"].map((who) => new RegExp(`<allow_${who}>([a-z_]+)<`).exec(body ?? "")?.[1]),
    ]),
);

describe("the default policy", () => {
    it("lets nobody change anything without an administrator's password", () => {
        assert.ok(defaults.size >= 15);
        for (const [id, answers] of defaults) {
            const allowed = id === "token-verify" ? ["no"] : ["auth_admin", "auth_admin_keep"];
            assert.deepEqual(
                answers.filter((answer) => !allowed.includes(answer ?? "")),
                [],
                id,
            );
        }
    });

    it("asks each time for what destroys data or lets others at it", () => {
        for (const id of [
            ...["volume-erase", "volume-remove", "cache-remove", "cache-writeback", "cache-lose-unwritten"],
            ...["export-create", "export-remove", "export-allow-host", "export-allow-any-host", "token-manage"],
        ]) {
            assert.deepEqual(new Set(defaults.get(id)), new Set(["auth_admin"]), id);
        }
    });
});
