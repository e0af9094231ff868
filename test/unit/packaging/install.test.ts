// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
    cpSync,
    existsSync,
    mkdirSync,
    readFileSync,
    readdirSync,
    readlinkSync,
    statSync,
    writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { temporaryFolder, TREE } from "./stubs.js";

const PROGRAMS = ["rapiddiskd", "rapiddisk-restore", "rapiddisk", "rapiddisk-rest"];

/** What licences demand of every copy, below the directory for documents. */
const DOCUMENTS = ["rapiddisk", "cockpit-rapiddisk"].flatMap((name) => [
    `${name}/THIRD-PARTY.txt`,
    `${name}/sbom.cdx.json`,
]);

describe("install.sh", () => {
    let folder: ReturnType<typeof temporaryFolder>;

    before(() => {
        folder = temporaryFolder();
        for (const part of ["dbus", "polkit", "systemd", "packaging", "docs/man", "kernel/udev"]) {
            cpSync(join(TREE, part), join(folder.path, part), { recursive: true });
        }
        mkdirSync(join(folder.path, "dist"));
        PROGRAMS.forEach((name) => writeFileSync(join(folder.path, "dist", `${name}.cjs`), ""));
        for (const name of DOCUMENTS) {
            mkdirSync(join(folder.path, "dist/doc", dirname(name)), { recursive: true });
            writeFileSync(join(folder.path, "dist/doc", name), "");
        }
    });
    after(() => folder.remove());

    function run(verb: string, prefix: string): { status: number | null; stderr: string; root: string } {
        const root = join(folder.path, `root${prefix.replaceAll("/", "-")}`);
        const { status, stderr } = spawnSync(join(folder.path, "packaging/install.sh"), [verb], {
            env: { ...process.env, PREFIX: prefix, DESTDIR: root, VERSION: "10.0.0" },
            encoding: "utf8",
        });
        return { status, stderr, root };
    }

    const files = (root: string): string[] =>
        readdirSync(root, { recursive: true, encoding: "utf8" }).filter(
            (name) => !statSync(join(root, name), { throwIfNoEntry: false })?.isDirectory(),
        );

    /** Programs of ours that an installed file names, which may be in /usr whatever the prefix is. */
    function programsOf(root: string, prefix: string, name: string): string[] {
        const file = [prefix, "/usr"].map((one) => join(root, one, name)).find((one) => existsSync(one));
        assert.ok(file !== undefined, name);
        return readFileSync(file, "utf8").match(/\/usr[a-z/]*\/lib\/rapiddisk\/[a-z-]+/g) ?? [];
    }

    for (const prefix of ["/usr", "/usr/local/"]) {
        it(`puts a system below ${prefix} whose parts find each other`, () => {
            const { status, stderr, root } = run("install", prefix);
            assert.deepEqual([status, stderr], [0, ""]);
            const clean = prefix.replace(/\/$/, "");
            const units = join(root, clean, "lib/systemd/system");
            const files = readdirSync(units).filter((unit) => !unit.endsWith(".d"));
            const called = files.flatMap((unit) =>
                readFileSync(join(units, unit), "utf8")
                    .split("\n")
                    .filter((line) => line.startsWith("Exec"))
                    .flatMap((line) => line.split(/[= ]/))
                    .filter((word) => /^\/(?!run\/).*rapiddisk/.test(word)),
            );
            assert.equal(called.length, 8);
            const readers = [
                "lib/systemd/system-generators/rapiddisk-rest-generator",
                "share/polkit-1/rules.d/50-rapiddisk-rest.rules",
            ];
            called.push(...readers.flatMap((name) => programsOf(root, clean, name)));
            assert.equal(called.length, 10);
            for (const program of called) {
                const link = program === `${clean}/bin/rapiddisk` ? readlinkSync(join(root, program)) : program;
                assert.ok(existsSync(join(root, link)), `${program} is not there`);
            }
            // Where D-Bus, polkit, systemd-shutdown and firewalld look, whatever the prefix is.
            for (const name of [
                "dbus-1/system.d/org.rapiddisk.Manager.conf",
                "polkit-1/actions/org.rapiddisk.manager.policy",
                "../lib/systemd/system-shutdown/rapiddisk.shutdown",
                "../lib/firewalld/services/rapiddisk-rest.xml",
            ]) {
                assert.ok(existsSync(join(root, "usr/share", name)), name);
            }
        });

        it(`puts notices and bills of materials below ${prefix}`, () => {
            const { root } = run("install", prefix);
            for (const name of DOCUMENTS) assert.ok(existsSync(join(root, prefix, "share/doc", name)), name);
        });

        it(`takes all of it away again from ${prefix}`, () => {
            const { status, root } = run("uninstall", prefix);
            assert.equal(status, 0);
            assert.deepEqual(files(root).sort(), ["etc/rapiddisk/manager.conf", "etc/rapiddisk/rest.conf"]);
        });
    }

    it("puts a rapiddiskd in the PATH that finds the rest", () => {
        const { root } = run("install", "/usr/local");
        const text = readFileSync(join(root, "usr/local/sbin/rapiddiskd"), "utf8");
        assert.match(text, /^version=10\.0\.0$/m);
        assert.match(text, /^lib=\/usr\/local\/lib\/rapiddisk$/m);
        assert.ok(existsSync(join(root, "usr/local/share/man/man1/rapiddiskd.1")));
        run("uninstall", "/usr/local");
        assert.ok(!existsSync(join(root, "usr/local/sbin/rapiddiskd")));
    });

    it("installs and removes the programs and the modules apart", () => {
        const source = (root: string): string => join(root, "usr/src/rapiddisk-10.0.0/dkms.conf");
        const program = (root: string): string => join(root, "usr/lib/rapiddisk/rapiddiskd.cjs");
        const there = ({ status, root }: ReturnType<typeof run>): unknown[] => [
            status,
            existsSync(program(root)),
            existsSync(source(root)),
        ];
        cpSync(join(TREE, "kernel/dkms.conf"), join(folder.path, "kernel/dkms.conf"));
        run("uninstall", "/usr");
        assert.deepEqual(there(run("tools-install", "/usr")), [0, true, false]);
        const none = run("dkms-uninstall", "/usr");
        assert.equal(none.status, 1);
        assert.match(none.stderr, /not installed by DKMS/);
        const installed = run("dkms-install", "/usr");
        assert.deepEqual(there(installed), [0, true, true]);
        assert.match(readFileSync(source(installed.root), "utf8"), /^PACKAGE_VERSION="10\.0\.0"$/m);
        assert.deepEqual(there(run("tools-uninstall", "/usr")), [0, false, true]);
        assert.deepEqual(there(run("dkms-uninstall", "/usr")), [0, false, false]);
        assert.deepEqual(there(run("install", "/usr")), [0, true, true]);
        assert.deepEqual(there(run("uninstall", "/usr")), [0, false, false]);
    });

    it("refuses any other prefix with a sentence, and puts nothing there", () => {
        const { status, stderr, root } = run("install", "/opt/rapiddisk");
        assert.equal(status, 2);
        assert.match(stderr, /^PREFIX is \/usr or \/usr\/local, not \/opt\/rapiddisk: /);
        assert.ok(!existsSync(root));
    });
});
