// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync, writeSync } from "node:fs";
import { inheritedDescriptor } from "../../../service/src/daemon/inherited.js";
import { Tools } from "../../../service/src/kernel/exec.js";
import { KernelLog } from "../../../service/src/kernel/kernellog.js";
import { Tree } from "./tree.js";

describe("the kernel log through a descriptor that was passed", function () {
    this.timeout(20_000); // A real dd: on a busy machine it takes its time.
    let tree: Tree;
    let descriptor: number;
    let log: KernelLog;

    beforeEach(() => {
        tree = new Tree();
        // Like /dev/kmsg: who reads to the end of it waits, unless it asked not to.
        execFileSync("mkfifo", [`${tree.root}/kmsg`]);
        descriptor = openSync(`${tree.root}/kmsg`, constants.O_RDWR);
        log = new KernelLog(`${tree.root}/absent`, new Tools(), descriptor);
    });

    afterEach(() => {
        closeSync(descriptor);
        tree.remove();
    });

    const print = (time: number, text: string): void => {
        writeSync(descriptor, `3,9,${time},-;${text}\n SUBSYSTEM=block\n`);
    };

    it("gives the last reason of the attempt, and none where there is none", async () => {
        const started = log.now();
        assert.equal(await log.deviceMapperReason(started, "rapiddisk-cache", "EBUSY"), undefined);
        // Half of the time since the machine started: farther back than any drift between the two clocks.
        print(Math.floor(started / 2), "device-mapper: table: 253:0: rapiddisk-cache: from long ago (-EBUSY)");
        print(started, "device-mapper: table: 253:0: linear: of another target (-EINVAL)");
        assert.equal(await log.deviceMapperReason(started, "rapiddisk-cache", "EBUSY"), undefined);
        print(started, "device-mapper: table: 253:0: rapiddisk-cache: rd0 holds another cache. (-EBUSY)");
        assert.equal(await log.deviceMapperReason(started, "rapiddisk-cache", "EBUSY"), "rd0 holds another cache");
        assert.equal(await log.deviceMapperReason(started, "rapiddisk-cache", "EINVAL"), undefined, "not its errno");
    });

    it("keeps what one reading took for those who ask at the same time", async () => {
        const started = log.now();
        print(started, "device-mapper: table: 253:0: writecache: Invalid block size (-22)");
        print(started, "device-mapper: table: 253:1: rapiddisk-cache: too small (-EINVAL)");
        assert.deepEqual(
            await Promise.all([
                log.deviceMapperReason(started, "rapiddisk-cache", "EINVAL"),
                log.deviceMapperReason(started, "writecache", "EINVAL"),
            ]),
            ["too small", "Invalid block size"],
        );
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
