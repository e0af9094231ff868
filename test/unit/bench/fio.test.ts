// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { fioJobFile, parseFio, type FioJob } from "../../../bench/src/guest/fio.js";

const job: FioJob = {
    name: "a",
    device: "/dev/mapper/x:y",
    rw: "randread",
    blockSize: 4096,
    depth: 32,
    jobs: 2,
    engine: "libaio",
};

function output(...jobs: object[]): string {
    return `fio: a warning that fio prints first\n${JSON.stringify({ "fio version": "fio-3", jobs }, undefined, 2)}\n`;
}

describe("bench fio runner", () => {
    it("runs job after job, never two at once", () => {
        const text = fioJobFile([job, { ...job, name: "b" }]);
        assert.match(text, /^\[global\]\n(?:.*\n)*?stonewall\n\[a\]/);
        assert.match(text, /\[b\]/);
    });

    it("never lets fio create a file where a device should be", () => {
        assert.match(fioJobFile([job]), /allow_file_create=0/);
    });

    it("escapes the colon that would separate two files", () => {
        assert.match(fioJobFile([job]), /filename=\/dev\/mapper\/x\\:y\n/);
    });

    it("measures for a time where one is given, and goes through the size once where not", () => {
        assert.match(fioJobFile([{ ...job, runtimeMs: 250 }]), /time_based=1\nruntime=250ms/);
        assert.doesNotMatch(fioJobFile([{ ...job, size: 4096 }]), /time_based/);
    });

    it("reads the direction that was used, errors and latencies", () => {
        const idle = { iops: 0, bw_bytes: 0, io_bytes: 0 };
        const clat = { percentile: { "50.000000": 2000, "99.000000": 9000 } };
        const results = parseFio(
            output(
                {
                    jobname: "r",
                    error: 0,
                    total_err: 0,
                    read: { iops: 5, bw_bytes: 20480, io_bytes: 40960, clat_ns: clat },
                    write: idle,
                },
                { jobname: "w", error: 28, total_err: 3, read: idle, write: { iops: 7, bw_bytes: 7, io_bytes: 7 } },
            ),
        );
        assert.deepEqual(results.get("r"), {
            iops: 5,
            bytesPerSecond: 20480,
            bytes: 40960,
            errors: 0,
            error: 0,
            latencyUs: { p50: 2, p99: 9 },
        });
        assert.deepEqual(results.get("w"), { iops: 7, bytesPerSecond: 7, bytes: 7, errors: 3, error: 28 });
    });

    it("says so when fio printed no result", () => {
        assert.throws(() => parseFio("fio: bad option\n"), /fio gave no result: fio: bad option/);
    });
});
