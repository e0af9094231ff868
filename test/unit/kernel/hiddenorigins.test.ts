// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { KernelPort } from "../../../service/src/kernel/index.js";
import { formatOriginRules, parseOriginRules } from "../../../service/src/kernel/originrules.js";
import { withRoot, type RootFixture } from "./fixture.js";

const cache = (name: string, source: string, mode = "write-through") => ({ name, source, mode });
const RULES = "run/udev/rules.d/63-rapiddisk-origins.rules";

describe("rules for origins", () => {
    it("name each origin by a link that says nothing of what is on it", () => {
        const caches = [
            cache("a", "/dev/disk/by-id/ata-Some_Disk_1-part2"),
            cache("b", "/dev/disk/by-path/pci-0000:00:1f.2-ata-1", "writeback"),
            cache("c-1", "/dev/mapper/vg-root\\x20lv", "write-around"),
        ];
        const text = formatOriginRules(caches);
        assert.deepEqual(parseOriginRules(text), caches);
        const rule =
            'SYMLINK=="disk/by-id/ata-Some_Disk_1-part2", ENV{RAPIDDISK_ORIGIN}="a", ENV{RAPIDDISK_MODE}="write-through"';
        assert.equal(text.split("\n")[1], rule);
    });

    it("leave out what could mean another device at the next boot, and what udev would take for more than a name", () => {
        for (const source of [
            "/dev/sdb",
            "/dev/disk/by-uuid/1234",
            "/dev/disk/by-label/data",
            "/dev/disk/by-id/a*",
            "/dev/disk/by-id/a|b",
            '/dev/disk/by-id/a", RUN+="/bin/sh',
            "/dev/disk/by-id/a\nRUN+=",
            "/dev/disk/by-id/../../sdb",
            "/dev/disk/by-id/$env{X}",
        ]) {
            assert.deepEqual(parseOriginRules(formatOriginRules([cache("a", source)])), [], source);
            assert.doesNotMatch(formatOriginRules([cache("a", source)]), /^[^#]/m, source);
        }
    });
});

describe("hidden origins of the real kernel port", () => {
    let root: RootFixture;
    let kernel: KernelPort;
    withRoot((one, port) => {
        root = one;
        kernel = port;
        root.tool("udevadm", 'echo "$@" >>"$ROOT/asked"');
    });

    it("are those of the rules, and none where there are no rules", async () => {
        assert.deepEqual(await kernel.hiddenOrigins(), []);
        await kernel.revealOrigin("a");
        root.file(RULES, formatOriginRules([cache("a", "/dev/disk/by-id/a")]));
        assert.deepEqual(await kernel.hiddenOrigins(), [cache("a", "/dev/disk/by-id/a")]);
    });

    it("are revealed one by one: the rule goes, then udev reads its rules again", async () => {
        const others = [cache("b", "/dev/disk/by-id/b", "writeback")];
        root.file(RULES, formatOriginRules([cache("a", "/dev/disk/by-id/a"), ...others]));
        await kernel.revealOrigin("a");
        assert.deepEqual(await kernel.hiddenOrigins(), others);
        assert.equal(readFileSync(join(root.root, "asked"), "utf8"), "control --reload\n");
        await kernel.revealOrigin("b");
        // The file tells the generator that this boot had its rules.
        assert.equal(readFileSync(join(root.root, RULES), "utf8"), formatOriginRules([]));
    });
});
