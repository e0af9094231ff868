// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { numberMarks, speak } from "../../../cockpit-plugin/src/lib/bytes.js";
import {
    countsInThousands,
    formatSize,
    parseSize,
    sizeWord,
    typedUnit,
    unitOf,
} from "../../../cockpit-plugin/src/lib/size.js";
import { parseSize as commandSize } from "../../../service/src/cli/units.js";

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const bounds = { min: 4096, max: 4 * GIB + 512 };

describe("a size that is typed", () => {
    const right: [string, Parameters<typeof parseSize>[1], number][] = [
        ["512", "MiB", 512 * MIB],
        [" 1.5 ", "GiB", 1.5 * GIB],
        ["1,5", "GiB", 1.5 * GIB],
        ["1.", "GiB", GIB],
        ["4096", "B", 4096],
        ["512M", "GiB", 512 * MIB],
        ["2 gib", "B", 2 * GIB],
        ["8192b", "GiB", 8192],
        ["1.3", "GiB", Math.floor((1.3 * GIB) / 512) * 512],
        ["4", "GiB", 4 * GIB + 512],
        ["4.00", "GiB", 4 * GIB + 512],
    ];
    for (const [text, unit, bytes] of right) {
        it(`"${text}" beside ${unit} is ${bytes} bytes`, () => {
            assert.deepEqual(parseSize(text, unit, bounds), { bytes, problem: "" });
        });
    }

    const wrong: [string, Parameters<typeof parseSize>[1], string, number][] = [
        ["", "GiB", "empty", 0],
        ["much", "GiB", "number", 0],
        ["-1", "GiB", "number", 0],
        ["1.5.2", "GiB", "mark", 0],
        ["1e9", "B", "number", 0],
        ["5", "GiB", "large", 4 * GIB + 512],
        ["99999999999", "TiB", "large", 4 * GIB + 512],
        ["0", "GiB", "small", 4096],
        ["3", "KiB", "small", 4096],
        ["5000", "B", "multiple", 5120],
        ["100", "B", "small", 4096],
        ["4096.5", "B", "multiple", 4608],
    ];
    for (const [text, unit, problem, near] of wrong) {
        it(`"${text}" beside ${unit} is refused: ${problem}`, () => {
            assert.deepEqual(parseSize(text, unit, bounds), { bytes: null, problem, near });
        });
    }

    it("has no upper bound while none is known", () => {
        assert.equal(parseSize("900", "TiB", { min: 4096, max: null }).bytes, 900 * 1024 ** 4);
    });

    it("names its own unit or none", () => {
        assert.deepEqual(["5", "5G", "5 KiB", "5b", "xM", "5GB"].map(typedUnit), [null, "GiB", "KiB", "B", null, null]);
        assert.deepEqual(["5", "5G", "5GB", "5 kb", "5b"].map(countsInThousands), [false, false, true, true, false]);
    });
});

describe("a size that is typed in a language", () => {
    const wide = { min: 4096, max: 1024 ** 4 };
    const EN = { decimal: ".", group: "," };
    const DE = { decimal: ",", group: "." };
    const FR = { decimal: ",", group: "\u202f" };
    const AR = { decimal: "\u066b", group: "\u066c" };
    const read: [string, typeof EN, number][] = [
        ["1,024", EN, 1024 * MIB],
        ["10,000", EN, 10000 * MIB],
        ["1,024.5", EN, 1024.5 * MIB],
        ["1.125", EN, 1.125 * MIB],
        ["1.000", DE, 1000 * MIB],
        ["10.000", DE, 10000 * MIB],
        ["1.024", DE, 1024 * MIB],
        ["1.024,5", DE, 1024.5 * MIB],
        ["1,125", DE, 1.125 * MIB],
        ["1.5", DE, 1.5 * MIB],
        ["1,5", EN, 1.5 * MIB],
        ["1\u202f024", FR, 1024 * MIB],
        ["1 024,5", FR, 1024.5 * MIB],
        ["1’024", DE, 1024 * MIB],
        ["1\u066b5", AR, 1.5 * MIB],
        [".5", EN, MIB / 2],
        [",5", DE, MIB / 2],
        [".5", DE, MIB / 2],
        ["1.5GB", EN, Math.floor(1.5e9 / 512) * 512],
        ["1 GB", EN, Math.floor(1e9 / 512) * 512],
        ["1.000 MB", DE, Math.floor(1e9 / 512) * 512],
        ["1.5 GiB", EN, 1.5 * GIB],
        ["1.5g", DE, 1.5 * GIB],
    ];
    for (const [text, marks, bytes] of read) {
        it(`"${text}" is ${bytes} bytes where the decimal mark is "${marks.decimal}"`, () => {
            assert.deepEqual(parseSize(text, "MiB", wide, marks), { bytes, problem: "" });
        });
    }

    const refused: [string, typeof EN, string][] = [
        ["1.024", FR, "mark"],
        ["0,500", EN, "mark"],
        ["1234,567", EN, "mark"],
        ["1.024,5", EN, "mark"],
        ["1,024.5", DE, "mark"],
        ["1,02,4", EN, "mark"],
        ["1.2.3", EN, "mark"],
        [".", EN, "number"],
        ["-1", DE, "number"],
        ["1e3", EN, "number"],
        ["0x10", EN, "number"],
        ["1 2", EN, "number"],
        ["GB", EN, "number"],
        ["99999999999999999999", EN, "large"],
        [`1${"0".repeat(400)}`, DE, "large"],
        ["2 TB", EN, "large"],
    ];
    for (const [text, marks, problem] of refused) {
        it(`"${text.slice(0, 30)}" is refused where the decimal mark is "${marks.decimal}": ${problem}`, () => {
            assert.equal(parseSize(text, "MiB", wide, marks).problem, problem);
        });
    }

    it("means what the command means by the same unit", () => {
        for (const word of ["3MB", "2GB", "3MiB", "2G"]) {
            const bytes = parseSize(word, "KiB", wide).bytes ?? 0;
            assert.equal(bytes, Number(commandSize(word, 1n).bytes - (commandSize(word, 1n).bytes % 512n)), word);
        }
    });

    it("has the marks that the language writes", () => {
        try {
            speak("de");
            assert.deepEqual(numberMarks(), DE);
            speak("he");
            assert.deepEqual(numberMarks(), EN);
        } finally {
            speak("en");
        }
        assert.deepEqual(numberMarks(), EN);
    });
});

describe("a size that is written", () => {
    it("is rounded down, so that nothing looks larger than it is", () => {
        assert.equal(formatSize(1.999 * GIB, "GiB"), "1.99");
        assert.equal(formatSize(GIB, "MiB"), "1024");
        assert.equal(formatSize(1.5 * GIB, "GiB", ","), "1,5");
        assert.equal(formatSize(0, "GiB"), "0");
    });

    it("is in the largest unit that leaves at least one", () => {
        assert.deepEqual([0, 1023, 1024, GIB - 1, GIB].map(unitOf), ["B", "B", "KiB", "MiB", "GiB"]);
    });

    it("as the word of a command is exactly the size that it was", () => {
        for (const bytes of [4096, 512 * 9, 512 * MIB, GIB + 512, 3 * 1024 ** 4, 4096 * 1025]) {
            assert.equal(commandSize(sizeWord(bytes), 1n).bytes, BigInt(bytes));
        }
        assert.equal(sizeWord(512 * MIB), "512M");
    });
});
