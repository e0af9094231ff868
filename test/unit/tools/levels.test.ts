// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const HEAD = `. tools/levels.sh
mocha=('[0-9]+ passing' '[0-9]+ failing' '[0-9]+ pending')
plain=('[0-9]+ passed' '[0-9]+ failed' '[0-9]+ skipped')
says() { printf '%s\\n' "$2"; return "$1"; }
`;

function run(lines: string): { status: number | null; last: string; stdout: string } {
    const { status, stdout } = spawnSync("bash", ["-c", `${HEAD}${lines}\nverdict`], { cwd: root, encoding: "utf8" });
    return { status, stdout, last: stdout.trim().split("\n").at(-1)! };
}

describe("the longest parts of a run", () => {
    it("are told at its end, those of a level in place of the level", () => {
        const parts = Array.from(
            { length: 12 },
            (_, at) => `-- ramdisk/${at}.sh: ${at} passed, 0 failed, 0 skipped, ${at} s`,
        );
        const { stdout } = run(
            [
                `level lint "\${plain[@]}" says 0 fine`,
                `level "machine, Linux 6.12" "\${plain[@]}" says 0 $'${[...parts, "66 passed, 0 failed, 0 skipped"].join("\\n")}'`,
            ].join("\n"),
        );
        const told = stdout.slice(stdout.indexOf("The longest parts:")).split("\n").slice(1, 11);
        assert.deepEqual(
            told,
            Array.from({ length: 10 }, (_, at) => `${String(11 - at).padStart(5)} s  ramdisk/${11 - at}.sh`),
        );
    });
});

describe("a run of all tests", () => {
    const table: [string, string, string, number][] = [
        [
            "adds levels up",
            `level unit "\${mocha[@]}" says 0 '  3 passing (1s)'\nlevel machine "\${plain[@]}" says 0 '4 passed, 0 failed, 2 skipped'`,
            "7 passed, 0 failed, 2 skipped",
            0,
        ],
        [
            "counts a level that counts nothing itself",
            `level lint "\${plain[@]}" says 0 fine`,
            "1 passed, 0 failed, 0 skipped",
            0,
        ],
        [
            "fails where everything was skipped",
            `level "service, x" "\${mocha[@]}" says 0 $'  0 passing\\n  85 pending'`,
            "0 passed, 1 failed, 85 skipped",
            1,
        ],
        [
            "does not where that is allowed",
            `may_skip=(page service)\nlevel "service, x" "\${mocha[@]}" says 0 $'  0 passing\\n  85 pending'`,
            "0 passed, 0 failed, 85 skipped",
            0,
        ],
        [
            "fails where nothing was found to run, allowed or not",
            `may_skip=(unit)\nlevel unit "\${mocha[@]}" says 0 '  0 passing'`,
            "0 passed, 1 failed, 0 skipped",
            1,
        ],
        ["fails where nothing is said", `level unit "\${mocha[@]}" true`, "0 passed, 1 failed, 0 skipped", 1],
        [
            "fails with a level's status, whatever it says",
            `level machine "\${plain[@]}" says 126 '4 passed, 0 failed, 0 skipped'`,
            "4 passed, 1 failed, 0 skipped",
            1,
        ],
        [
            "goes on after a level that failed",
            `level unit "\${mocha[@]}" says 2 $'  1 passing\\n  2 failing'\nlevel unit "\${mocha[@]}" says 0 '  3 passing'`,
            "4 passed, 2 failed, 0 skipped",
            1,
        ],
        [
            "counts what ran beside the others, with its status",
            `two() { beside a says 0 '2 passed'; beside b says 3 '1 passed'; }\nin_background two\nawait_background\n` +
                `level machine "\${plain[@]}" replay a\nlevel machine "\${plain[@]}" replay b`,
            "3 passed, 1 failed, 0 skipped",
            1,
        ],
    ];
    for (const [promise, lines, last, status] of table) {
        it(promise, () => {
            const result = run(lines);
            assert.equal(result.last, last, result.stdout);
            assert.equal(result.status, status);
        });
    }

    it("is ended by SIGTERM with all that it started, also what ignores signals or has a session of its own", async () => {
        const folder = mkdtempSync(join(tmpdir(), "rapiddisk-levels-"));
        const ignoring = `trap "" TERM INT HUP; echo $$ >>${folder}/pids; echo started; while :; do sleep 1000; done`;
        const script =
            `level_of() { setsid bash -c '${ignoring}' & bash -c '${ignoring}'; }\n` +
            `in_background bash -c '${ignoring}'\nlevel unit "\${mocha[@]}" level_of`;
        const child = spawn("bash", ["-c", HEAD + script], {
            cwd: root,
            stdio: ["ignore", "pipe", "inherit"],
            env: { ...process.env, TMPDIR: folder },
        });
        const lines = createInterface({ input: child.stdout });
        let started = 0;
        for await (const line of lines) {
            if (line === "started" && ++started === 3) break;
        }
        const ended = once(child, "exit");
        child.kill("SIGTERM");
        assert.deepEqual(await ended, [143, null]);
        const pids = readFileSync(join(folder, "pids"), "utf8").trim().split("\n").map(Number);
        assert.equal(pids.length, 3);
        assert.deepEqual(pids.filter(alive), []);
        rmSync(folder, { recursive: true });
    });
});

/** Whether a process runs; one that has ended and is not reaped does not. */
function alive(pid: number): boolean {
    try {
        return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
    } catch {
        return false;
    }
}
