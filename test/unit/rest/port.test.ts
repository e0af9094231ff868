// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import {
    existsSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    renameSync,
    rmSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { BridgePort } from "../../../service/src/daemon/bridgeport.js";

const PROGRAM = fileURLToPath(new URL("../../../systemd/lib/rest-port", import.meta.url));

describe("a port that somebody else has", () => {
    let folder: string;
    let file: string;
    before(() => {
        folder = mkdtempSync(join(tmpdir(), "rapiddisk-port-"));
        file = join(folder, "run", "port-taken");
    });
    after(() => rmSync(folder, { recursive: true }));

    /** What is said of a port. */
    function said(port: number, proc = "/proc"): string {
        const config = join(folder, "rest.conf");
        writeFileSync(config, `listen = 127.0.0.1:${port}\n`);
        const { status, stderr } = spawnSync("/bin/sh", [PROGRAM, file, config, proc], { encoding: "utf8" });
        assert.equal(status, 0, stderr);
        assert.equal(readFileSync(file, "utf8").split("\n")[0], stderr.trimEnd());
        return stderr;
    }

    it("is told with the program, its number and its user", async () => {
        const server = createServer().listen(0, "127.0.0.1");
        await once(server, "listening");
        const { port } = server.address() as AddressInfo;
        const program = readFileSync("/proc/self/comm", "utf8")
            .trim()
            .replace(/[^ -~]/g, "?");
        const { username } = userInfo();
        const text = said(port);
        assert.ok(
            text.startsWith(`Port ${port} is taken by ${program} (pid ${process.pid}, user ${username}), so`),
            text,
        );
        assert.deepEqual(new BridgePort(file).problems, [
            {
                kind: "bridge-port-taken",
                sentence: text.trimEnd(),
                ...{ port, program, pid: process.pid, user: username },
            },
        ]);
        server.close();
        await once(server, "close");
        const closed = said(port);
        assert.match(closed, /^The port of the HTTP bridge could not be opened;/);
        assert.deepEqual(new BridgePort(file).problems, [{ kind: "bridge-port-closed", sentence: closed.trimEnd() }]);
    });

    it("is not told to be systemd's, which tries it once more just then", () => {
        const proc = join(folder, "proc");
        const row = (uid: number, inode: number): string =>
            ` 0: 0100007F:239E 00000000:0000 0A 00000000:00000000 00:00000000 00000000 ${uid} 0 ${inode} 1\n`;
        mkdirSync(join(proc, "net"), { recursive: true });
        writeFileSync(join(proc, "net/tcp"), `  sl  local_address rem_address   st\n${row(0, 11)}${row(65534, 12)}`);
        for (const [pid, comm, inode] of [
            [1, "systemd", 11],
            [77, "squatter", 12],
        ] as const) {
            mkdirSync(join(proc, `${pid}/fd`), { recursive: true });
            writeFileSync(join(proc, `${pid}/comm`), `${comm}\n`);
            symlinkSync(`socket:[${inode}]`, join(proc, `${pid}/fd/3`));
        }
        assert.match(said(9118, proc), /^Port 9118 is taken by squatter \(pid 77, user \w+\), so/);
        rmSync(join(proc, "77"), { recursive: true });
        assert.match(said(9118, proc), /^Port 9118 is taken by a program of user \w+, so/);
        const [problem] = new BridgePort(file).problems;
        assert.ok(problem?.kind === "bridge-port-taken");
        assert.deepEqual([problem.port, problem.program, problem.pid], [9118, "", 0]);
    });

    it("is a problem of the service for as long as it is told, and nothing that a terminal would obey", async () => {
        const told = join(folder, "port-taken");
        const bridge = new BridgePort(told);
        assert.deepEqual(bridge.problems, []);
        let wake: () => void = () => undefined;
        bridge.follow(() => wake());
        const changed = (): Promise<void> => new Promise((resolve) => (wake = resolve));
        const taken = changed();
        writeFileSync(`${told}.new`, "Port 1 is taken by \x1b[2J.\nmore\n");
        renameSync(`${told}.new`, told);
        await taken;
        assert.deepEqual(bridge.problems, [{ kind: "bridge-port-closed", sentence: "Port 1 is taken by ?[2J." }]);
        assert.deepEqual(new BridgePort(told).problems, bridge.problems);
        const freed = changed();
        rmSync(told);
        await freed;
        assert.deepEqual(bridge.problems, []);
        bridge.close();
        assert.ok(!existsSync(told));
        new BridgePort(join(folder, "none", "port-taken")).follow(() => assert.fail("there is no bridge"));
    });
});
