// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import fc from "fast-check";
import { formatSize, parseSize, UsageError } from "../../../service/src/cli/units.js";
import { parseMebibytes } from "../../../service/src/upstream/sizes.js";

describe("sizes of the commands in words", () => {
    const right: [string, bigint][] = [
        ["0B", 0n],
        ["4096B", 4096n],
        ["4096b", 4096n],
        ["1K", 1024n],
        ["1k", 1024n],
        ["1KiB", 1024n],
        ["1KB", 1000n],
        ["1kb", 1000n],
        ["512M", 536870912n],
        ["512 M", 536870912n],
        ["512MiB", 536870912n],
        ["500MB", 500000000n],
        ["1.5G", 1610612736n],
        ["1.5GiB", 1610612736n],
        ["0.5K", 512n],
        ["1.25kB", 1250n],
        ["2T", 2199023255552n],
        ["1PiB", 1125899906842624n],
        ["18446744073709551615B", 18446744073709551615n],
    ];
    for (const [text, bytes] of right) {
        it(`reads ${text} as ${bytes} bytes`, () => assert.deepEqual(parseSize(text, 1n), { bytes, rounded: false }));
    }

    const wrong: [string, RegExp][] = [
        ["512", /no unit.*512M.*512B/],
        ["0", /no unit/],
        ["", /not a size/],
        ["M", /not a size/],
        ["-1M", /not a size/],
        ["+1M", /not a size/],
        ["1,5G", /not a size/],
        [".5G", /not a size/],
        ["1.G", /not a size/],
        ["0x10M", /not a size|not a unit/],
        ["1e3M", /not a size/],
        ["5X", /not a unit/],
        ["5iB", /not a unit/],
        ["18446744073709551615.5B", /larger than any device/],
        ["18446744073709551616B", /larger than any device/],
        ["99999999999999999999999999999P", /larger than any device/],
        ["9".repeat(40) + "M", /not a size/],
        ["1M\n", /not a size/],
    ];
    for (const [text, message] of wrong) {
        it(`refuses ${JSON.stringify(text)}`, () => {
            assert.throws(
                () => parseSize(text, 1n),
                (error) => error instanceof UsageError && message.test(error.message),
            );
        });
    }

    for (const [text, bytes] of [
        ["5.6G", 6012954624n],
        ["500MB", 500000256n],
        ["1.0001B", 512n],
        ["0.3K", 512n],
        ["1B", 512n],
    ] as const) {
        it(`rounds ${text} up to a multiple of 512 bytes`, () =>
            assert.deepEqual(parseSize(text, 512n), { bytes, rounded: true }));
    }
    it("does not round what is a multiple", () =>
        assert.deepEqual(parseSize("1.5G", 512n), { bytes: 1610612736n, rounded: false }));

    it("writes sizes for people", () => {
        const cases: [bigint, string][] = [
            [0n, "0 B"],
            [1023n, "1023 B"],
            [1024n, "1 KiB"],
            [1536n, "1.5 KiB"],
            [10240n, "10 KiB"],
            [104857600n, "100 MiB"],
            [1048575n, "1023.99 KiB"],
            [536870912n, "512 MiB"],
            [1610612736n, "1.5 GiB"],
            [2n ** 60n, "1024 PiB"],
        ];
        assert.deepEqual(
            cases.map(([bytes]) => formatSize(bytes)),
            cases.map(([, text]) => text),
        );
    });

    it("never writes a size larger than it is, and is off by less than a hundredth of the unit", () => {
        fc.assert(
            fc.property(fc.bigInt({ min: 0n, max: 2n ** 60n }), (bytes) => {
                const [number, unit] = formatSize(bytes).split(" ") as [string, string];
                const { bytes: shown } = parseSize(`${number.replace(/\.\d+$/, "")}${unit}`, 1n);
                assert.ok(shown <= bytes);
                assert.ok(bytes - shown < parseSize(`1${unit}`, 1n).bytes);
            }),
        );
    });
});

describe("sizes of the old notation", () => {
    const table: [string, bigint | undefined][] = [
        ["64", 64n],
        ["1048576B", 1n],
        ["1024KiB", 1n],
        ["2MB", 1n],
        ["1GiB", 1024n],
        ["1GB", 953n],
        ["3145727B", 2n],
        ["007", 7n],
        ["1MB", undefined],
        ["1000KB", undefined],
        ["1048575B", undefined],
        ["0", undefined],
        ["0MiB", undefined],
        ["1G", undefined],
        ["1M", undefined],
        ["1mb", undefined],
        ["1.5GiB", undefined],
        ["1TB", undefined],
        ["-1", undefined],
        ["+1", undefined],
        [" 1", undefined],
        ["1 MiB", undefined],
        ["", undefined],
        ["x", undefined],
        ["16x", undefined],
        ["1toString", undefined],
        ["8796093022207", 8796093022207n],
        ["8796093022208", undefined],
        ["99999999999999999999", undefined],
        ["1".repeat(100), undefined],
    ];
    for (const [text, mebibytes] of table) {
        it(`${JSON.stringify(text)} is ${mebibytes === undefined ? "refused" : `${mebibytes} MiB`}`, () => {
            assert.equal(parseMebibytes(text), mebibytes);
        });
    }
});
