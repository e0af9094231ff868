// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { agentArguments, startAgent } from "../../../service/src/cli/agent.js";

describe("the password agent", () => {
    let directory: string;
    before(() => (directory = mkdtempSync(join(tmpdir(), "rapiddisk-agent-"))));
    after(() => rmSync(directory, { recursive: true, force: true }));

    function program(name: string, body: string): string {
        const file = join(directory, name);
        writeFileSync(file, `#!/bin/sh\n${body}\n`);
        chmodSync(file, 0o755);
        return file;
    }

    it("is waited for until it closes its descriptor, and can be stopped", async () => {
        const agent = await startAgent(program("good", "exec 3>&-; exec sleep 30"));
        assert.ok(agent);
        agent.stop();
    });

    it("is done without when it ends, or does not exist", async () => {
        assert.equal(await startAgent(program("bad", "exit 1")), undefined);
        assert.equal(await startAgent(join(directory, "missing")), undefined);
    });

    it("leaves a desktop's own agent the first place", () => {
        assert.deepEqual(agentArguments({}), ["--notify-fd", "3"]);
        assert.deepEqual(agentArguments({ DISPLAY: ":0" }), ["--notify-fd", "3", "--fallback"]);
        assert.deepEqual(agentArguments({ WAYLAND_DISPLAY: "w" }), ["--notify-fd", "3", "--fallback"]);
    });
});
