// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stubPrograms, temporaryFolder, TREE } from "./stubs.js";

const SOCKETS = ["rapiddisk-rest-admin.socket", "rapiddisk-rest.socket"];
const SERVES = [...SOCKETS, "rapiddisk-rest.service", "rapiddiskd.service"];
const BOOTS = ["rapiddisk-exports.service", "rapiddisk-restore-late.service", "rapiddisk-restore.service"];
const FLUSH = "rapiddisk-flush.service";

const LOG = 'for word in "$@"; do case $word in *.service|*.socket) echo "$VERB $word" >>"$ASKED";; esac; done';

/** Scripts of the package in the order in which dpkg calls them; a script without a file is none. */
const INSTALL = [
    ["preinst", "install"],
    ["postinst", "configure", ""],
];
const UPGRADE = [
    ["prerm", "upgrade", "10.0.1"],
    ["preinst", "upgrade", "10.0.0", "10.0.1"],
    ["postrm", "upgrade", "10.0.1"],
    ["postinst", "configure", "10.0.0"],
];
const REMOVE = [
    ["prerm", "remove"],
    ["postrm", "remove"],
];

describe("the package's maintainer scripts", function () {
    let folder: ReturnType<typeof temporaryFolder>;
    let path: string;

    before(function () {
        if (!existsSync("/usr/bin/dh_installsystemd")) {
            console.log("    skipped: debhelper is not installed");
            this.skip();
        }
        folder = temporaryFolder();
        path = stubPrograms(join(folder.path, "bin"), {
            "deb-systemd-invoke": `VERB=$1; ${LOG}`,
            "deb-systemd-helper": `VERB=$1; ${LOG}`,
            systemctl: `VERB=$1; ${LOG}`,
        });
        writeScripts(folder.path);
    });
    after(() => folder?.remove());

    /** Has debhelper write the scripts as the build does, for a running systemd that is a folder of ours. */
    function writeScripts(work: string): void {
        cpSync(join(TREE, "packaging/debian"), join(work, "debian"), { recursive: true });
        const units = join(work, "debian/rapiddisk/usr/lib/systemd/system");
        mkdirSync(units, { recursive: true });
        for (const unit of readdirSync(join(TREE, "systemd")).filter((name) => /\.(service|socket)$/.test(name))) {
            cpSync(join(TREE, "systemd", unit), join(units, unit));
        }
        writeFileSync(
            join(work, "debian/changelog"),
            "rapiddisk (10.0.0) unstable; urgency=low\n\n  * None.\n\n -- A <a@b.c>  Thu, 01 Jan 1970 00:00:00 +0000\n",
        );
        const quiet = { cwd: work, stdio: "pipe" } as const;
        execFileSync("make", ["-f", "debian/rules", "override_dh_installsystemd"], quiet);
        execFileSync("dh_installdeb", ["-prapiddisk"], quiet);
    }

    /** What scripts ask of systemd: an action and a unit each, sorted. */
    function asked(scripts: readonly (readonly string[])[]): string[] {
        const log = join(folder.path, "asked");
        writeFileSync(log, "");
        for (const [script, ...args] of scripts) {
            const file = join(folder.path, "debian/rapiddisk/DEBIAN", script!);
            if (!existsSync(file)) continue;
            const text = readFileSync(file, "utf8")
                .replaceAll("/run/systemd/system ", `${folder.path} `)
                .replaceAll(/rm -rf .*/g, ":");
            const env = { PATH: path, ASKED: log };
            execFileSync("/bin/sh", ["-s", ...args], { input: text, env, stdio: ["pipe", "pipe", "pipe"] });
        }
        return readFileSync(log, "utf8").trim().split("\n").sort();
    }

    const only = (lines: readonly string[], ...verbs: string[]): string[] =>
        lines.filter((line) => verbs.includes(line.split(" ")[0]!));
    const each = (verb: string, units: readonly string[]): string[] => units.map((unit) => `${verb} ${unit}`).sort();

    it("enable what acts at boot, and start the service and the flush at shutdown, nothing else, the first time", () => {
        const lines = asked(INSTALL);
        assert.deepEqual(only(lines, "enable"), each("enable", [...BOOTS, FLUSH, ...SOCKETS, "rapiddiskd.service"]));
        assert.deepEqual(
            only(lines, "start", "stop", "restart", "try-restart"),
            each("start", [FLUSH, "rapiddiskd.service"]),
        );
    });

    it("restart the service and the bridge where they run when upgraded, and start and stop nothing that acts at boot", () => {
        const lines = only(asked(UPGRADE), "start", "stop", "restart", "try-restart");
        assert.deepEqual(lines, [`start ${FLUSH}`, ...each("try-restart", SERVES)]);
    });

    it("stop everything when removed", () => {
        assert.deepEqual(
            only(asked(REMOVE), "start", "stop", "restart", "try-restart"),
            each("stop", [...SERVES, ...BOOTS, FLUSH]),
        );
    });
});
