// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parseContents } from "../../../service/src/kernel/contents.js";
import type { KernelPort } from "../../../service/src/kernel/index.js";
import type { RootFixture } from "./fixture.js";
import { withRoot } from "./fixture.js";

describe("what blkid says is on a device", () => {
    const cases: [string, string[], ReturnType<typeof parseContents>][] = [
        [
            "a file system, with its blocks",
            ["DEVNAME=/dev/sdb", "LABEL=a\\=b", "VERSION=1.0", "BLOCK_SIZE=1024", "TYPE=ext4", "USAGE=filesystem"],
            { type: "ext4", blockSize: 1024, table: "" },
        ],
        ["swap", ["DEVNAME=/dev/sdb", "TYPE=swap", "USAGE=other"], { type: "swap", table: "" }],
        [
            "a container, of blocks that are none of a file system",
            ["BLOCK_SIZE=4096", "TYPE=x", "USAGE=crypto"],
            { type: "x", table: "" },
        ],
        ["a partition table", ["DEVNAME=/dev/sdb", "PTUUID=1", "PTTYPE=gpt"], { type: "", table: "gpt" }],
        [
            "nothing, for an empty partition",
            ["DEVNAME=/dev/sdb1", "PART_ENTRY_SCHEME=dos", "PART_ENTRY_TYPE=0x83", "PART_ENTRY_OFFSET=2048"],
            { type: "", table: "" },
        ],
        ["nothing at all", [], { type: "", table: "" }],
        ["a file system that says nothing of its blocks", ["TYPE=y", "USAGE=filesystem"], { type: "y", table: "" }],
    ];
    for (const [what, lines, expected] of cases) {
        it(`is ${what}`, () => assert.deepEqual(parseContents(lines.map((line) => `${line}\n`).join("")), expected));
    }
});

describe("a look at what is on a device", function () {
    let root: RootFixture;
    let kernel: KernelPort;

    withRoot((...made) => ([root, kernel] = made));

    beforeEach(() => {
        root.device("pci0/sdb/block/sdb", 2048);
        root.file("dev/sdb", "");
    });

    it("probes the device itself, without blkid's cache", async () => {
        root.tool("blkid", 'echo "$@" >$ROOT/args; echo TYPE=xfs; echo USAGE=filesystem; echo BLOCK_SIZE=512');
        assert.deepEqual(await kernel.readContents("sdb"), { type: "xfs", blockSize: 512, table: "" });
        assert.equal(readFileSync(`${root.root}/args`, "utf8"), `--probe --output export -- ${root.root}/dev/sdb\n`);
    });

    it("tells nothing from contradicting signatures, and both from a failure", async () => {
        root.tool("blkid", "exit 2");
        assert.deepEqual(await kernel.readContents("sdb"), { type: "", table: "" });
        root.tool("blkid", "exit 8");
        assert.deepEqual(await kernel.readContents("sdb"), { type: "ambiguous", table: "" });
        root.tool("blkid", "exit 4");
        await assert.rejects(kernel.readContents("sdb"), { errno: "EIO" });
    });

    it("takes a device that cannot be opened for no empty one", async () => {
        root.tool("blkid", "exit 2");
        root.device("pci0/sdc/block/sdc", 2048);
        await assert.rejects(kernel.readContents("sdc"), { errno: "ENOENT" });
        await assert.rejects(kernel.readContents("sdz"), { errno: "ENODEV" });
    });

    it("says that blkid is missing", async () => {
        await assert.rejects(kernel.readContents("sdb"), { errno: "ENOENT", message: /blkid is not installed/ });
    });
});
