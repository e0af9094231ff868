// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stubPrograms, temporaryFolder, TREE } from "./stubs.js";

/** A block device: its number, what it lies on, and as a mapping its name and table. */
interface Device {
    number: string;
    below?: string[];
    name?: string;
    table?: string;
    /** As a partition: the disk that it belongs to. */
    of?: string;
}

const SHELLS = ["/bin/dash", "/bin/bash"].filter((shell) => existsSync(shell));
const RAM = "252";

/** A dm-writecache table. */
const writecache = (origin: string, store: string, start = 0): string =>
    `${start} 65536 writecache s ${origin} ${store} 4096 0`;

/** dmsetup: answers from files named after mappings, and writes down what it is asked to tell them. */
const DMSETUP = `
case "$1 $2 $3" in
"table --target writecache") grep -s ' writecache ' "$TABLES/$4"; exit 0 ;;
"message "*) echo "$2 $3 $4" >>"$TOLD"; ! grep -qx "$2 $4" "$TABLES/.refuses" ;;
*) echo "unexpected: $*" >&2; exit 9 ;;
esac`;

describe("the script at shutdown", () => {
    let folder: ReturnType<typeof temporaryFolder>;
    beforeEach(() => (folder = temporaryFolder()));
    afterEach(() => folder.remove());

    /** Runs the script over these devices. @param refuses messages that the kernel refuses: "NAME MESSAGE" */
    function run(
        devices: Record<string, Device>,
        refuses: string[] = [],
        shell = SHELLS[0]!,
    ): { told: string[]; status: number | null } {
        const root = folder.path;
        const tables = join(root, "tables");
        for (const path of [tables, join(root, "sys/block"), join(root, "sys/dev/block"), join(root, "proc")]) {
            mkdirSync(path, { recursive: true });
        }
        writeFileSync(join(root, "proc/devices"), `Block devices:\n ${RAM} rapiddisk\n253 device-mapper\n  8 sd\n`);
        writeFileSync(join(tables, ".refuses"), refuses.map((line) => `${line}\n`).join(""));
        const place = (id: string): string => {
            const of = devices[id]?.of;
            return of === undefined ? join(root, "sys/devices", id) : join(root, "sys/devices", of, id);
        };
        for (const [id, { number, name, table, of }] of Object.entries(devices)) {
            mkdirSync(join(place(id), "slaves"), { recursive: true });
            writeFileSync(join(place(id), "dev"), `${number}\n`);
            symlinkSync(place(id), join(root, "sys/dev/block", number));
            if (of === undefined) symlinkSync(place(id), join(root, "sys/block", id));
            else writeFileSync(join(place(id), "partition"), "1\n");
            if (name !== undefined) {
                mkdirSync(join(place(id), "dm"));
                writeFileSync(join(place(id), "dm/name"), `${name}\n`);
                writeFileSync(join(tables, name), `${table}\n`);
            }
        }
        for (const [id, { below = [] }] of Object.entries(devices)) {
            below.forEach((one) => symlinkSync(place(one), join(place(id), "slaves", one)));
        }
        const script = readFileSync(join(TREE, "systemd/system-shutdown/rapiddisk.shutdown"), "utf8")
            .replaceAll("/sys/", `${root}/sys/`)
            .replaceAll("/proc/devices", `${root}/proc/devices`);
        const path = stubPrograms(join(root, "bin"), { dmsetup: DMSETUP });
        const log = join(root, "told");
        writeFileSync(log, "");
        const env = { PATH: path, TABLES: tables, TOLD: log };
        const { status, stderr } = spawnSync(shell, ["-s"], { input: script, encoding: "utf8", env });
        assert.doesNotMatch(stderr, /unexpected|not found|cat:/);
        return { told: readFileSync(log, "utf8").trim().split("\n").filter(Boolean), status };
    }

    const DISKS: Record<string, Device> = {
        sda: { number: "8:0" },
        rd0: { number: `${RAM}:0` },
        rd1: { number: `${RAM}:1` },
    };

    /** A cache with a cache on it. */
    const stack = (lower: string, upper: string): Record<string, Device> => ({
        ...DISKS,
        "dm-0": { number: "253:0", below: ["sda", "rd0"], name: lower, table: writecache("8:0", `${RAM}:0`) },
        "dm-1": { number: "253:1", below: ["dm-0", "rd1"], name: upper, table: writecache("253:0", `${RAM}:1`) },
    });

    for (const shell of SHELLS) {
        for (const [lower, upper] of [
            ["aaa", "bbb"],
            ["bbb", "aaa"],
        ] as const) {
            it(`flushes ${upper} before ${lower} below it, both told before to write when they are removed (${shell})`, () => {
                const { told, status } = run(stack(lower, upper), [], shell);
                assert.deepEqual(told.slice(0, 2).sort(), ["aaa 0 flush_on_suspend", "bbb 0 flush_on_suspend"]);
                assert.deepEqual(told.slice(2), [`${upper} 0 flush`, `${lower} 0 flush`]);
                assert.equal(status, 0);
            });
        }
    }

    it("finds the order through what lies between: a partition, a linear mapping", () => {
        const { told } = run({
            ...DISKS,
            sda1: { number: "8:1", of: "sda" },
            "dm-5": { number: "253:5", below: ["sda1", "rd0"], name: "a-lower", table: writecache("8:1", `${RAM}:0`) },
            "dm-2": { number: "253:2", below: ["dm-5"], name: "between", table: "0 65536 linear 253:5 0" },
            "dm-1": {
                number: "253:1",
                below: ["dm-2", "rd1"],
                name: "b-upper",
                table: writecache("253:2", `${RAM}:1`),
            },
        });
        assert.deepEqual(told.slice(2), ["b-upper 0 flush", "a-lower 0 flush"]);
    });

    it("takes what lies on RAM by any way, at whatever sector, and leaves alone what lies on a disk that keeps its data", () => {
        const { told } = run({
            ...DISKS,
            sdb: { number: "8:16" },
            rd1p1: { number: "259:4", of: "rd1" },
            "dm-0": { number: "253:0", below: ["sda", "sdb"], name: "ssd", table: writecache("8:0", "8:16") },
            "dm-1": { number: "253:1", below: ["sda", "rd1p1"], name: "part", table: writecache("8:0", "259:4") },
            "dm-2": { number: "253:2", below: ["rd0"], name: "crypt", table: "0 65536 crypt aes - 0 252:0 0" },
            "dm-3": { number: "253:3", below: ["sda", "dm-2"], name: "late", table: writecache("8:0", "253:2", 128) },
        });
        assert.deepEqual(told.filter((line) => line.endsWith(" flush")).sort(), ["late 128 flush", "part 0 flush"]);
    });

    it("goes on after one that fails, and says so with its status", () => {
        const { told, status } = run(stack("aaa", "bbb"), ["bbb flush", "aaa flush_on_suspend"]);
        assert.equal(told.length, 4);
        assert.equal(status, 1);
    });

    it("does nothing where there is nothing", () => {
        assert.deepEqual(run(DISKS), { told: [], status: 0 });
    });
});
