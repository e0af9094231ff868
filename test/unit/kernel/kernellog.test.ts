// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync, writeSync } from "node:fs";
import { inheritedDescriptor } from "../../../service/src/daemon/inherited.js";
import { Tools } from "../../../service/src/kernel/exec.js";
import { KernelLog } from "../../../service/src/kernel/kernellog.js";
import { RootFixture } from "./fixture.js";

describe("the kernel log through a descriptor that was passed", () => {
    let root: RootFixture;
    let descriptor: number;
    let log: KernelLog;

    beforeEach(() => {
        root = new RootFixture();
        // Like /dev/kmsg: who reads to the end of it waits, unless it asked not to.
        execFileSync("mkfifo", [`${root.root}/kmsg`]);
        descriptor = openSync(`${root.root}/kmsg`, constants.O_RDWR);
        log = new KernelLog(`${root.root}/absent`, new Tools(), descriptor);
    });

    afterEach(() => {
        closeSync(descriptor);
        root.remove();
    });

    const print = (text: string): void => {
        writeSync(descriptor, `3,9,1,-;${text}\n SUBSYSTEM=block\n`);
    };

    it("gives the last reason of the attempt, and none where there is none", async () => {
        print("device-mapper: table: 253:0: rapiddisk-cache: from before (-EBUSY)");
        const position = await log.position();
        assert.equal(await log.deviceMapperReason(position, "rapiddisk-cache", "EBUSY"), undefined);
        print("device-mapper: table: 253:0: linear: of another target (-EINVAL)");
        assert.equal(await log.deviceMapperReason(position, "rapiddisk-cache", "EBUSY"), undefined);
        print("device-mapper: table: 253:0: rapiddisk-cache: rd0 holds another cache. (-EBUSY)");
        assert.equal(await log.deviceMapperReason(position, "rapiddisk-cache", "EBUSY"), "rd0 holds another cache");
        assert.equal(await log.deviceMapperReason(position, "rapiddisk-cache", "EINVAL"), undefined, "not its errno");
        const later = await log.position();
        assert.equal(
            await log.deviceMapperReason(later, "rapiddisk-cache", "EBUSY"),
            undefined,
            "of the attempt before",
        );
    });

    it("keeps what one reading took for those who ask at the same time", async () => {
        const position = await log.position();
        print("device-mapper: table: 253:0: writecache: Invalid block size (-22)");
        print("device-mapper: table: 253:1: rapiddisk-cache: too small (-EINVAL)");
        assert.deepEqual(
            await Promise.all([
                log.deviceMapperReason(position, "rapiddisk-cache", "EINVAL"),
                log.deviceMapperReason(position, "writecache", "EINVAL"),
            ]),
            ["too small", "Invalid block size"],
        );
    });

    it("counts on past the refusals that it remembers", async () => {
        for (let count = 0; count < 100; count++) print(`device-mapper: table: 253:0: zero: ${count} (-EINVAL)`);
        const position = await log.position();
        assert.equal(await log.deviceMapperReason(position, "zero", "EINVAL"), undefined);
        print("device-mapper: table: 253:0: zero: the next (-EINVAL)");
        assert.equal(await log.deviceMapperReason(position, "zero", "EINVAL"), "the next");
    });

    it("gives no reason at all where the log could not be read before the attempt", async () => {
        const blind = new KernelLog(`${root.root}/absent`, new Tools());
        assert.equal(await blind.position(), Infinity);
        const tools = new Tools([`${root.root}/bin`]);
        const late = new KernelLog(`${root.root}/absent`, tools, descriptor);
        const position = await late.position(); // There is no dd yet.
        root.tool("dd", 'exec /bin/dd "$@"');
        print("device-mapper: table: 253:0: zero: of whom? (-EINVAL)");
        assert.equal(await late.deviceMapperReason(position, "zero", "EINVAL"), undefined);
        assert.notEqual(await late.position(), Infinity);
    });
});

describe("descriptors that systemd passes", () => {
    it("are found by their name, for the process that they are meant for", () => {
        const environment = { LISTEN_PID: "77", LISTEN_FDS: "2", LISTEN_FDNAMES: "x:kmsg:y" };
        assert.equal(inheritedDescriptor("kmsg", environment, 77), 4);
        assert.equal(inheritedDescriptor("x", environment, 77), 3);
        assert.equal(inheritedDescriptor("y", environment, 77), undefined, "beyond their number");
        assert.equal(inheritedDescriptor("kmsg", environment, 78), undefined, "somebody else's");
        assert.equal(inheritedDescriptor("kmsg", {}, 77), undefined);
    });
});
