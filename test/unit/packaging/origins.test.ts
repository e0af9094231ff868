// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** The scripts that hide origins of saved caches at boot, and reveal them where the program that makes the caches failed. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { formatOriginRules, parseOriginRules } from "../../../service/src/kernel/originrules.js";
import { stubPrograms, temporaryFolder, TREE } from "./stubs.js";

const RULES = "run/udev/rules.d/63-rapiddisk-origins.rules";
const STATE = "var/lib/rapiddisk/state.json";
const SAVED = "var/lib/rapiddisk/origins.rules";
const WANTS = "etc/systemd/system/sysinit.target.wants/rapiddisk-restore.service";
const UNIT = "usr/lib/systemd/system/rapiddisk-restore.service";
const CACHES = [
    { name: "one", source: "/dev/disk/by-id/one", mode: "write-through" },
    { name: "two", source: "/dev/disk/by-id/two", mode: "writeback" },
    { name: "three", source: "/dev/disk/by-id/three", mode: "write-around" },
];

describe("origins at boot", () => {
    let folder: ReturnType<typeof temporaryFolder>;
    beforeEach(() => (folder = temporaryFolder()));
    afterEach(() => folder.remove());

    const at = (path: string): string => join(folder.path, path);
    function put(path: string, text = ""): void {
        mkdirSync(dirname(at(path)), { recursive: true });
        writeFileSync(at(path), text);
    }
    /** Runs a script whose absolute paths begin in the folder. */
    function run(script: string, env: NodeJS.ProcessEnv = {}): string {
        const text = readFileSync(join(TREE, script), "utf8").replaceAll(
            /(^|[=" ])\/(var|run|etc|usr|proc|sys|dev)\b/gm,
            `$1${folder.path}/$2`,
        );
        const { status, stderr } = spawnSync("/bin/sh", ["-s"], {
            input: text,
            encoding: "utf8",
            env: { ...process.env, ...env },
        });
        assert.equal(status, 0, stderr);
        return stderr;
    }
    const names = (): string[] =>
        existsSync(at(RULES)) ? parseOriginRules(readFileSync(at(RULES), "utf8")).map(({ name }) => name) : [];

    describe("the generator", () => {
        beforeEach(() => {
            put(SAVED, formatOriginRules(CACHES));
            put(STATE, "{}");
            put(WANTS);
            put(UNIT);
            put("proc/cmdline", "root=/dev/vda quiet\n");
        });
        const generate = (): string[] => {
            run("systemd/system-generators/rapiddisk-origins-generator");
            return names();
        };

        it("hides what is saved", () => assert.deepEqual(generate(), ["one", "two", "three"]));

        it("does so once: what was revealed since stays so", () => {
            generate();
            writeFileSync(at(RULES), formatOriginRules([]));
            assert.deepEqual(generate(), []);
        });

        it("hides nothing on a running system", () => {
            put("run/dbus/system_bus_socket");
            assert.deepEqual(generate(), []);
        });

        it("hides nothing where the kernel's command line says so", () => {
            put("proc/cmdline", "quiet rapiddisk.origins=visible\n");
            assert.deepEqual(generate(), []);
        });

        it("hides nothing that nobody would reveal: there is no state", () => {
            rmSync(at(STATE));
            assert.deepEqual(generate(), []);
        });

        it("hides nothing that nobody would reveal: the command line masks the unit", () => {
            put("proc/cmdline", "quiet systemd.mask=rapiddisk-restore.service\n");
            assert.deepEqual(generate(), []);
        });

        it("hides nothing that nobody would reveal: the unit is not enabled", () => {
            rmSync(at(WANTS));
            assert.deepEqual(generate(), []);
        });

        it("hides nothing that nobody would reveal: the unit is masked", () => {
            mkdirSync(at("etc/systemd/system"), { recursive: true });
            symlinkSync(at("dev/null"), at("etc/systemd/system/rapiddisk-restore.service"));
            assert.deepEqual(generate(), []);
            assert.equal(existsSync(at(RULES)), false);
        });

        it("hides nothing where nothing is saved", () => {
            writeFileSync(at(SAVED), "");
            assert.deepEqual(generate(), []);
        });
    });

    describe("the script after the restore", () => {
        let path: string;
        beforeEach(() => {
            path = stubPrograms(folder.path, { udevadm: `echo "$@" >>"${folder.path}/asked"` });
            put(RULES, formatOriginRules(CACHES));
            put("dev/mapper/three");
            put("dev/disk/by-id/sdb");
            symlinkSync("sdb", at("dev/disk/by-id/one"));
            for (const device of ["sdb", "sdb/sdb1"]) put(`sys/class/block/${device}/uevent`);
            put("sys/class/block/sdb/sdb1/partition");
        });
        const after = (env: NodeJS.ProcessEnv): string[] => {
            run("systemd/lib/reveal-origins", { PATH: path, ...env });
            return names();
        };

        it("does nothing when the unit ended well", () =>
            assert.deepEqual(after({ SERVICE_RESULT: "success" }), ["one", "two", "three"]));

        it("does nothing when the program has seen to it: what is hidden has its cache, or is of a writeback cache", () => {
            put("dev/mapper/one");
            assert.deepEqual(after({ SERVICE_RESULT: "exit-code" }), ["one", "two", "three"]);
            assert.equal(existsSync(at("asked")), false);
        });

        it("goes on where udev does not answer, and tells no device of another origin", () => {
            stubPrograms(folder.path, { udevadm: "exit 1" });
            rmSync(at("dev/disk/by-id/one"));
            assert.deepEqual(after({ SERVICE_RESULT: "timeout" }), ["two", "three"]);
            for (const device of ["sdb", "sdb/sdb1"]) {
                assert.equal(readFileSync(at(`sys/class/block/${device}/uevent`), "utf8"), "");
            }
        });

        for (const [what, env] of Object.entries({
            "was out of time": { SERVICE_RESULT: "timeout" },
            "could not be run, which Node says like the program": { SERVICE_RESULT: "exit-code" },
        })) {
            it(`reveals what has no cache, but for writeback caches, after one that ${what}`, () => {
                assert.deepEqual(after(env), ["two", "three"]);
                assert.match(readFileSync(at("asked"), "utf8"), /^control --reload\n/);
                // md takes no member on "change".
                assert.equal(readFileSync(at("sys/class/block/sdb/uevent"), "utf8"), "add\n");
                assert.equal(readFileSync(at("sys/class/block/sdb/sdb1/uevent"), "utf8"), "add\n");
            });
        }
    });
});
