// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { call, eventually, ROOT } from "../daemon/fixture.js";
import { DEFAULT_BUS, needsRoot } from "../harness/index.js";
import { startRest, type RestFixture } from "./fixture.js";

describe("a service that the administrator stopped", function () {
    let fixture: RestFixture;
    let starts: string;

    before(async function () {
        needsRoot(this);
        if (DEFAULT_BUS !== "dbus-daemon") {
            console.log("    skipped: dbus-broker starts services through systemd only");
            this.skip();
        }
        fixture = await startRest();
        const { directory } = fixture.fixture.bus;
        starts = join(directory, "starts");
        const program = join(directory, "activated.sh");
        writeFileSync(program, `echo started >>${starts}\nexit 1\n`);
        writeFileSync(
            join(directory, "services/org.rapiddisk.Manager.service"),
            `[D-BUS Service]\nName=org.rapiddisk.Manager\nExec=/bin/sh ${program}\nUser=root\n`,
        );
        const bus = {
            destination: "org.freedesktop.DBus",
            path: "/org/freedesktop/DBus",
            interface: "org.freedesktop.DBus",
        };
        await fixture.fixture.client.call({ ...bus, member: "ReloadConfig" }, "", []);
    });
    after(() => fixture?.stop());

    const count = (): number => (existsSync(starts) ? readFileSync(starts, "utf8").trim().split("\n").length : 0);

    it("stays stopped, whatever a bridge is asked that was started after that; and is found again when it is there", async () => {
        const { token } = await fixture.token("admin");
        await fixture.service.kill();
        const bridge = await fixture.bridge();
        for (const [method, path, status] of [
            ["GET", "/v2/volumes", 503],
            ["GET", "/v2/status", 503],
            ["GET", "/v1/listRapidDiskVolumes", 503],
            ["GET", "/metrics", 200],
            ["POST", "/v2/volumes", 503],
        ] as const) {
            const body = method === "POST" ? { body: { size: 1048576 }, token } : {};
            const answer = await bridge.ask(method, path, body);
            assert.equal(answer.status, status, `${path}: ${answer.body}`);
            if (path.startsWith("/v2")) {
                assert.match(
                    answer.body,
                    /The RapidDisk service does not run\. Start it with: systemctl start rapiddiskd/,
                );
            }
        }
        assert.equal(count(), 0, "the bridge had it started");
        // Others do, so that this bus is one that starts it.
        await assert.rejects(call(fixture.fixture.client, ROOT, "", "ListVolumes", "", []));
        assert.equal(count(), 1);

        const service = await fixture.fixture.start();
        await eventually(async () => (await bridge.ask("GET", "/v2/volumes")).status === 200);
        await service.kill();
    });
});
