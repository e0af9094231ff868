// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** What is found in these logs, and the status: 0 when the run must fail. */
function complaints(logs: Readonly<Record<string, string>>): { status: number | null; found: string } {
    const folder = mkdtempSync(join(tmpdir(), "rapiddisk-verdict-"));
    for (const [name, text] of Object.entries(logs)) writeFileSync(join(folder, name), text);
    const script = `. vm/lib/verdict.sh; kernel_complaints ${folder}`;
    // Standard input must not be taken for a log.
    const { status, stdout } = spawnSync("bash", ["-c", script], { cwd: root, encoding: "utf8", input: "Oops: 1\n" });
    rmSync(folder, { recursive: true });
    return { status, found: stdout.trim().replace(folder, "FOLDER") };
}

describe("the logs of a virtual machine's kernel", () => {
    it("fail a run in which it oopsed, also when only the console says so", () => {
        assert.deepEqual(
            complaints({ "console.log": "[    1.5] Oops: 0002 [#1]\r\n", "dmesg.log": "[    1.0] fine\n" }),
            {
                status: 0,
                found: "Oops: 0002 [#1]",
            },
        );
    });

    it("fail a run in which it met a breakpoint that is not there, as an emulator can make it do", () => {
        const { status, found } = complaints({
            "console.log":
                "[   41.2] Oops: int3: 0000 [#1] SMP NOPTI\r\n" +
                "[   41.2] RIP: 0010:kmem_cache_alloc_noprof+0x4e/0x300\r\n" +
                "[   41.2] Code: 44 89 <0f> 1f 44 00 00\r\n",
        });
        assert.deepEqual([status, found], [0, "Oops: int3: 0000 [#1] SMP NOPTI"]);
    });

    it("tell a line that two of them have once", () => {
        const { found } = complaints({
            "console.log": "[    1.5] WARNING: CPU: 0 PID: 1 at x\r\n",
            "kernel.log": "[    1.500000] debian kernel: WARNING: CPU: 0 PID: 1 at x\n",
        });
        assert.equal(found, "WARNING: CPU: 0 PID: 1 at x");
    });

    it("are content with a kernel that is", () => {
        assert.deepEqual(complaints({ "console.log": "[    1.5] rapiddisk: loaded\n" }), { status: 1, found: "" });
    });

    it("fail a run that left none", () => {
        assert.deepEqual(complaints({}), { status: 0, found: "there is no log of the kernel in FOLDER" });
    });
});
