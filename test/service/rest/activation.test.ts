// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { freePort, needsRoot, outputLine } from "../harness/index.js";
import { send, startRest, type RestFixture } from "./fixture.js";

const ACTIVATE = "/usr/bin/systemd-socket-activate";

describe("the bridge on sockets that systemd opened", function () {
    let fixture: RestFixture;

    before(async function () {
        needsRoot(this);
        if (!existsSync(ACTIVATE)) {
            console.log(`    skipped: ${ACTIVATE} is not installed`);
            this.skip();
        }
        fixture = await startRest();
    });
    after(() => fixture?.stop());

    it("answers on each as what it is, and ends by itself when nobody asks", async () => {
        const { bus } = fixture.fixture;
        const config = join(bus.directory, "activated.conf");
        writeFileSync(config, "idle-exit = 2\n");
        const port = await freePort();
        const socketPath = join(bus.directory, "activated.sock");
        const listen = ["-l", `127.0.0.1:${port}`, "-l", socketPath];
        const address = `--setenv=DBUS_SYSTEM_BUS_ADDRESS=${bus.address}`;
        const child = bus.spawn([ACTIVATE, ...listen, address, process.execPath, fixture.program, "--config", config]);
        const ended = once(child, "exit");
        await outputLine(child, "stderr", /Listening on .*activated\.sock/);
        child.stderr?.resume();
        const body = { size: 1048576 };
        const from = { host: "127.0.0.1", port, agent: false as const };
        // At once: however slow this host is, the bridge is not idle before all three were sent.
        const [status, refused, made] = await Promise.all([
            send(from, "GET", "/v2/status"),
            send(from, "POST", "/v2/volumes", { body }),
            send({ socketPath, agent: false }, "POST", "/v2/volumes", { body, headers: { host: "localhost" } }),
        ]);
        assert.equal(status.status, 200);
        assert.equal(refused.status, 401, "TCP is no administrator");
        assert.equal(made.status, 201, made.body);
        assert.deepEqual(await ended, [0, null]);
    });

    it("takes none that can be reached from elsewhere without TLS, no matter who opened it", async () => {
        const { bus } = fixture.fixture;
        const port = await freePort();
        const address = `--setenv=DBUS_SYSTEM_BUS_ADDRESS=${bus.address}`;
        const child = bus.spawn([ACTIVATE, "-l", `0.0.0.0:${port}`, address, process.execPath, fixture.program]);
        const ended = once(child, "exit");
        await outputLine(child, "stderr", /Listening on /);
        const said = outputLine(child, "stderr", /needs TLS/);
        connect(port, "127.0.0.1").on("error", () => undefined);
        await said;
        assert.deepEqual(await ended, [78, null]);
    });

    it("says on each why settings that it does not understand give nothing", async () => {
        const { bus } = fixture.fixture;
        const config = join(bus.directory, "odd.conf");
        writeFileSync(config, "scopes = read\nscopes = admin\n");
        const port = await freePort();
        const socketPath = join(bus.directory, "odd.sock");
        const listen = ["-l", `127.0.0.1:${port}`, "-l", socketPath];
        const address = `--setenv=DBUS_SYSTEM_BUS_ADDRESS=${bus.address}`;
        const child = bus.spawn([ACTIVATE, ...listen, address, process.execPath, fixture.program, "--config", config]);
        const ended = once(child, "exit");
        await outputLine(child, "stderr", /Listening on .*odd\.sock/);
        const said = outputLine(
            child,
            "stderr",
            /Every request is refused: .*odd\.conf: line 2: scopes is set in line 1/,
        );
        const headers = { host: "localhost" };
        const answers = await Promise.all([
            send({ host: "127.0.0.1", port, agent: false }, "GET", "/v2/status"),
            send({ socketPath, agent: false }, "POST", "/v2/volumes", { body: { size: 4096 }, headers }),
            send({ socketPath, agent: false }, "GET", "/v1/checkServiceStatus", { headers }),
        ]);
        await said;
        for (const { status, body } of answers) {
            assert.equal(status, 503);
            assert.match(body, /line 2: scopes is set in line 1 already/);
        }
        assert.deepEqual(await ended, [78, null]);
    });
});
