// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSettings } from "../../../service/src/rest/settings.js";

const GENERATOR = fileURLToPath(
    new URL("../../../systemd/system-generators/rapiddisk-rest-generator", import.meta.url),
);

/** What the generator makes of the settings: the addresses of the socket unit; undefined when it leaves them as they are. */
function addresses(settings: string | undefined): string[] | undefined {
    const folder = mkdtempSync(join(tmpdir(), "rapiddisk-generator-"));
    try {
        const config = join(folder, "rest.conf");
        if (settings !== undefined) writeFileSync(config, settings);
        const script = readFileSync(GENERATOR, "utf8").replaceAll(
            "config=/etc/rapiddisk/rest.conf",
            `config=${config}`,
        );
        const { status, stderr } = spawnSync("/bin/sh", ["-s", folder], { input: script, encoding: "utf8", cwd: "/" });
        assert.equal(status, 0, stderr);
        assert.equal(stderr, "");
        const made = join(folder, "rapiddisk-rest.socket.d/50-listen.conf");
        if (!existsSync(made)) return undefined;
        const [section, cleared, admin, ...rest] = readFileSync(made, "utf8").trim().split("\n");
        assert.deepEqual(
            [section, cleared, admin],
            ["[Socket]", "ListenStream=", "ListenStream=/run/rapiddisk-rest/admin.sock"],
        );
        return rest.map((line) => line.slice("ListenStream=".length));
    } finally {
        rmSync(folder, { recursive: true });
    }
}

describe("the generator of the bridge's addresses", () => {
    const table: [string | undefined, string[] | undefined][] = [
        [undefined, undefined],
        ["", undefined],
        ["hosts = x\n#listen = 9200\n", undefined],
        ["listen = 9200\n", ["127.0.0.1:9200"]],
        ["  listen=9200, [::1]:9201  # here\n", ["127.0.0.1:9200", "[::1]:9201"]],
        ["listen = localhost:9200\n", ["127.0.0.1:9200"]],
        ["listen = 9200\nlisten = 9201 192.0.2.7:9118\n", ["127.0.0.1:9201", "192.0.2.7:9118"]],
        ["listen =\n", []],
        ["listen = # nowhere\n", []],
    ];
    for (const [settings, expected] of table) {
        it(`makes ${JSON.stringify(expected)} of ${JSON.stringify(settings)}`, () => {
            assert.deepEqual(addresses(settings), expected);
            if (expected !== undefined) {
                const own = parseSettings(settings!).listen.map(({ host, port }) =>
                    host.includes(":") ? `[${host}]:${port}` : `${host.replace("localhost", "127.0.0.1")}:${port}`,
                );
                assert.deepEqual(own, expected, "the bridge by itself listens elsewhere");
            }
        });
    }

    it("passes nothing on that could be another setting, or a file of the folder it runs in", () => {
        assert.deepEqual(addresses("listen = evil.example:80, */etc, /run/x.sock, @x, 1;2, $(id)\n"), []);
    });
});
