// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { runCommandLine } from "../../../service/src/cli/run.js";
import { FakeEnvironment, root, volume, type Answers } from "./fixture.js";

/** A cache c that is saved and not there; its volumes rd0 (there) and rd1 (not there) and port 1 go with it. */
function answers(): Answers {
    let forgotten = false;
    const persistent = (yes: boolean): { Persistent: [string, boolean] } => ({ Persistent: ["b", yes] });
    return {
        Forget: () => {
            forgotten = true;
            return [];
        },
        GetAll: () => [root({ Missing: ["as", forgotten ? ["2"] : ["c", "rd1", "2", "1"]] })],
        ListVolumes: () => [[volume("rd0", persistent(!forgotten)), volume("rd2", persistent(true))]],
    };
}

describe("forget", () => {
    it("says what else is saved no more", async () => {
        const environment = new FakeEnvironment(answers());
        assert.equal(await runCommandLine(["forget", "c"], environment), 0);
        const sake = "which was saved only because of it.";
        assert.equal(
            environment.stdout,
            `Forgot c.\nForgot rd1, ${sake}\nForgot port 1, ${sake}\nForgot rd0, ${sake}\n`,
        );
    });

    it("does so in JSON", async () => {
        const environment = new FakeEnvironment(answers());
        assert.equal(await runCommandLine(["forget", "c", "--json"], environment), 0);
        assert.deepEqual(JSON.parse(environment.stdout), { forgotten: "c", also: ["rd1", "port 1", "rd0"] });
    });
});
