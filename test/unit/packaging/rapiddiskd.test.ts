// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stubPrograms, temporaryFolder, TREE } from "./stubs.js";

const START = "systemctl start rapiddiskd.service rapiddisk-rest.socket rapiddisk-rest-admin.socket\n";

describe("rapiddiskd with the options of RapidDisk 9", function () {
    let folder: ReturnType<typeof temporaryFolder>;
    let script: string;
    let path: string;
    const inside = (name: string): string => join(folder.path, name);

    before(() => {
        folder = temporaryFolder();
        mkdirSync(inside("booted"));
        const text = readFileSync(join(TREE, "packaging/rapiddiskd"), "utf8")
            .replace("@VERSION@", "10.0.0")
            .replace(/^lib=.*$/m, `lib=${join(TREE, "systemd/lib")}`)
            .replace(/^config=.*$/m, `config=${inside("rest.conf")}`)
            .replace(/^booted=.*$/m, `booted=${inside("booted")}`);
        script = inside("rapiddiskd");
        writeFileSync(script, text);
        const log = `echo "$(basename "$0") $*" >>${inside("ran")}`;
        path = stubPrograms(inside("bin"), {
            systemctl: `${log}; [ ! -e ${inside("broken")} ]`,
            journalctl: log,
            id: "echo ${STUB_UID:-0}",
        });
    });
    after(() => folder.remove());
    beforeEach(() => ["ran", "broken", "rest.conf"].forEach((name) => rmSync(inside(name), { force: true })));

    function run(...words: string[]): { status: number | null; stdout: string; stderr: string; ran: string } {
        const { status, stdout, stderr } = spawnSync("sh", [script, ...words], {
            env: { ...process.env, PATH: path },
            encoding: "utf8",
        });
        return { status, stdout, stderr, ran: existsSync(inside("ran")) ? readFileSync(inside("ran"), "utf8") : "" };
    }

    it("-h and -v print what they did, and start nothing", () => {
        assert.match(run("-h").stdout, /^rapiddiskd 10\.0\.0\n.*\n\n[^]*\t-p\t[^]*\t-V\t/);
        const { status, stdout, ran } = run("-v");
        assert.deepEqual(
            [status, stdout, ran],
            [0, "rapiddiskd 10.0.0\nCopyright (C) 2026 The RapidDisk Manager authors\n\n", ""],
        );
    });

    it("starts the service and the bridge, in silence without -V", () => {
        assert.deepEqual(run(), { status: 0, stdout: "", stderr: "", ran: START });
        const { status, stderr } = run("-V");
        assert.equal(status, 0);
        assert.match(stderr, /journalctl -u rapiddiskd\.service/);
    });

    it("-d starts them and stays with their messages", () => {
        const { status, ran } = run("-d");
        assert.equal(status, 0);
        assert.ok(ran.startsWith(`${START}journalctl --follow`), ran);
    });

    it("-p takes the port that is set", () => {
        assert.equal(run("-p", "9118").ran, START);
        writeFileSync(inside("rest.conf"), "listen = 127.0.0.1:8080\n");
        rmSync(inside("ran"));
        assert.equal(run("-p8080").ran, START);
    });

    it("-p with another port starts nothing and gives the line that sets it", () => {
        const { status, stderr, ran } = run("-p", "9200");
        assert.deepEqual([status, ran], [1, ""]);
        assert.match(stderr, /listen = 127\.0\.0\.1:9200, \[::1\]:9200$/m);
        writeFileSync(inside("rest.conf"), "listen = 127.0.0.1:19118\n");
        assert.equal(run("-p", "9118").status, 1, "the end of another number is no port");
    });

    for (const words of [
        ["-p", "0"],
        ["-p", "65536"],
        ["-p", "99999999999999999999"],
        ["-p", "x"],
        ["-p"],
        ["-z"],
        ["--sim"],
        ["x"],
    ]) {
        it(`${words.join(" ")} is refused with 1`, () => {
            const { status, stderr, ran } = run(...words);
            assert.deepEqual([status, ran], [1, ""]);
            assert.match(stderr, /^rapiddiskd: [^\n]+\n$/);
        });
    }

    it("needs root: 243", () => {
        process.env.STUB_UID = "1000";
        try {
            const { status, ran } = run();
            assert.deepEqual([status, ran], [243, ""]);
        } finally {
            delete process.env.STUB_UID;
        }
    });

    it("fails with 255 when they do not start", () => {
        writeFileSync(inside("broken"), "");
        const { status, stderr } = run();
        assert.equal(status, 255);
        assert.match(stderr, /systemctl status/);
    });
});
