// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parseDevices, parseSummary } from "../../../service/src/kernel/ramdisk-parse.js";
import { KernelError, type KernelPort } from "../../../service/src/kernel/index.js";
import { ramDiskNumber } from "../../../service/src/kernel/names.js";
import { type RootFixture, withRoot } from "./fixture.js";

describe("RAM disks out of sysfs", () => {
    let root: RootFixture;
    let kernel: KernelPort;

    withRoot((...made) => ([root, kernel] = made));

    it("are none when the module is not loaded, whatever is named rdN", async () => {
        root.ramDisk(0, 2048);
        assert.deepEqual(await kernel.readRamDisks(), []);
        await assert.rejects(
            kernel.attachRamDisk(1, 4096),
            (error) =>
                error instanceof KernelError && error.errno === "ENOENT" && /module is not loaded/.test(error.message),
        );
    });

    it("are all listed with upstream's module, whose list is cut at 4095 bytes in the middle of a line", async () => {
        const lines = Array.from({ length: 250 }, (_, number) => `rd${number}\t1048576\t${number}\t4096\n`);
        for (let number = 0; number < 250; number++) root.ramDisk(number, 2048);
        root.file("sys/kernel/rapiddisk/mgmt", "");
        root.file("sys/kernel/rapiddisk/devices", `Device\tSize\tErrors\tUsed\n${lines.join("")}`.slice(0, 4095));
        const disks = await kernel.readRamDisks();
        assert.deepEqual(
            disks.map((disk) => disk.number),
            Array.from({ length: 250 }, (_, number) => number),
        );
        assert.deepEqual(disks[7], {
            number: 7,
            size: 1048576,
            used: 4096,
            errors: 7,
            highestWritten: 0,
            readOnly: false,
            populated: false,
        });
        assert.deepEqual([disks[249]?.size, disks[249]?.used], [1048576, 0]);
    });

    it("come from each disk's summary with our module, which leaves out one that is just going", async () => {
        root.file("sys/kernel/rapiddisk/mgmt", "");
        root.file("sys/kernel/rapiddisk/memory", "limit 1\n");
        root.file("sys/kernel/rapiddisk/devices", "Device\tSize\tErrors\tUsed\n");
        root.ourRamDisk(3, 2048, 8192, 1);
        root.ourRamDisk(4, 0);
        root.ramDisk(5, 2048);
        assert.deepEqual(await kernel.readRamDisks(), [
            { number: 3, size: 1048576, used: 8192, errors: 0, highestWritten: 8192, readOnly: true, populated: false },
        ]);
        assert.equal((await kernel.readRamDisks([3])).length, 1);
        assert.deepEqual(await kernel.readRamDisks([4, 9]), []);
    });

    it("write one whole command to mgmt, with the numbers as digits", async () => {
        root.file("sys/kernel/rapiddisk/mgmt", "");
        root.file("sys/kernel/rapiddisk/memory", "limit 1\n");
        root.ourRamDisk(12, 2048);
        const written = (): string => readFileSync(`${root.root}/sys/kernel/rapiddisk/mgmt`, "latin1");
        await kernel.attachRamDisk(1048575, 2 ** 40);
        assert.equal(written(), "rapiddisk attach 1048575 1099511627776\n");
    });

    it("are populated when that is asked for, and never with upstream's module, which would take the word for nothing", async () => {
        root.file("sys/kernel/rapiddisk/mgmt", "");
        await assert.rejects(
            kernel.attachRamDisk(1, 4096, { populate: true }),
            (error) =>
                error instanceof KernelError && error.errno === "ENOTSUP" && /not this project's/.test(error.message),
        );
        assert.equal(readFileSync(`${root.root}/sys/kernel/rapiddisk/mgmt`, "latin1"), "");
        root.file("sys/kernel/rapiddisk/memory", "limit 1\n");
        await kernel.attachRamDisk(1, 4096, { populate: true });
        assert.equal(
            readFileSync(`${root.root}/sys/kernel/rapiddisk/mgmt`, "latin1"),
            "rapiddisk attach 1 4096 populate\n",
        );
    });

    it("say what the module refused, with the errno of the write itself", async () => {
        root.file("sys/kernel/rapiddisk/mgmt/is-a-directory", "");
        await assert.rejects(
            kernel.attachRamDisk(1, 4096),
            (error) =>
                error instanceof KernelError &&
                error.errno === "EISDIR" &&
                error.message === "The kernel refused to attach rd1 with 4096 bytes (EISDIR).",
        );
    });

    it("cannot be erased with upstream's module, and say so", async () => {
        root.file("sys/kernel/rapiddisk/mgmt", "");
        root.ramDisk(0, 2048);
        await assert.rejects(
            kernel.eraseRamDisk(0),
            (error) => error instanceof KernelError && error.errno === "ENOTSUP",
        );
        await assert.rejects(
            kernel.eraseRamDisk(1),
            (error) => error instanceof KernelError && error.errno === "ENODEV",
        );
    });
});

describe("lists of RAM disks", () => {
    it("know an rdN from everything that looks like one", () => {
        assert.equal(ramDiskNumber("rd0"), 0);
        assert.equal(ramDiskNumber("rd1048575"), 1048575);
        for (const name of [
            "rd",
            "rd-1",
            "rd01",
            "rd1p1",
            "rd1048576",
            "rd9999999",
            "ram0",
            "hrd0",
            "rd0 ",
            "RD0",
            "rd1\n",
        ]) {
            assert.equal(ramDiskNumber(name), undefined, name);
        }
    });

    it("ignore cut and malformed lines, and counters that ran below zero", () => {
        const text =
            "Device\tSize\tErrors\tUsed\nrd1\t512\t0\t18446744073709551615\nrdX\t1\t2\t3\nrd2\t512\nrd3\t512\t0\t51";
        assert.deepEqual([...parseDevices(text)], [[1, { size: 512, errors: 0, used: 0 }]]);
        assert.deepEqual([...parseDevices("")], []);
        assert.equal(parseSummary(1, "size 512\nused 0\n"), undefined);
        assert.equal(parseSummary(1, ""), undefined);
        assert.equal(parseSummary(1, "size x\nused 0\nhighest_written 0\nerrors 0\nread_only 0\n"), undefined);
        assert.deepEqual(parseSummary(7, "new 5\nread_only 1\nerrors 2\nhighest_written 3\nused 4096\nsize 8192\n"), {
            number: 7,
            size: 8192,
            used: 4096,
            errors: 2,
            highestWritten: 3,
            readOnly: true,
            populated: false,
        });
        const populated = "size 8192\nused 8192\nhighest_written 0\nerrors 0\nread_only 0\nopeners 0\npopulated 1\n";
        assert.equal(parseSummary(7, populated)?.populated, true);
    });
});
