// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
//
// What the units give up, as systemd-analyze sees it.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { TREE } from "./stubs.js";

/** Exposure that a unit may have at most, in tenths: 0 (nothing) to 100. A unit that is not here may have none to speak of. */
const LIMITS: Record<string, number> = {
    "rapiddiskd.service": 30,
    "rapiddisk-restore.service": 30,
    "rapiddisk-restore-late.service": 30,
    "rapiddisk-rest-port.service": 30,
    "rapiddisk-flush.service": 15,
};
const LIMIT = 10;

const FOLDER = join(TREE, "systemd");
const UNITS = readdirSync(FOLDER).filter((name) => name.endsWith(".service"));
const text = (unit: string): string => readFileSync(join(FOLDER, unit), "utf8");

describe("systemd units", function () {
    for (const unit of UNITS) {
        it(`${unit} gives up what its work does not need`, function () {
            const { stdout, status } = spawnSync(
                "systemd-analyze",
                ["security", "--offline=true", "--no-pager", join(FOLDER, unit)],
                { encoding: "utf8" },
            );
            const [, whole, tenth] = / for \S+: (\d+)\.(\d)/.exec(stdout ?? "") ?? [];
            if (status !== 0 && whole === undefined) this.skip(); // not installed, or before systemd 250
            assert.ok(Number(`${whole}${tenth}`) <= (LIMITS[unit] ?? LIMIT), `${whole}.${tenth}\n${stdout}`);
        });
    }

    it("that run before file systems are mounted wait for no mount of /var", () => {
        const early = UNITS.filter((unit) => /^DefaultDependencies=no$/m.test(text(unit)));
        assert.deepEqual(early.sort(), ["rapiddisk-flush.service", "rapiddisk-restore.service"]);
        for (const unit of early) {
            assert.doesNotMatch(text(unit), /^(PrivateTmp|StateDirectory|CacheDirectory|LogsDirectory)=/m, unit);
        }
    });

    it("let the service see the host's present name, and not change it", () => {
        const service = text("rapiddiskd.service");
        assert.doesNotMatch(service, /^ProtectHostname=yes$/m);
        assert.match(service, /^SystemCallFilter=~.*\bsethostname\b/m);
    });

    it("that use device-mapper are let to it also when its node is made after them", () => {
        for (const unit of ["rapiddisk-flush.service", "rapiddisk-restore.service", "rapiddisk-restore-late.service"]) {
            assert.match(text(unit), /^DeviceAllow=\/dev\/char\/10:236 rw$/m, unit);
        }
    });
});
