// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { byteRate, bytes, byText, number, percent, speak } from "../../../cockpit-plugin/src/lib/bytes.js";

describe("page: numbers for people", () => {
    afterEach(() => speak("en"));

    it("writes sizes in binary units, three digits that count", () => {
        const cases: [number, string][] = [
            [0, "0 B"],
            [1023, "1,023 B"],
            [1024, "1 KiB"],
            [1536, "1.5 KiB"],
            [10.25 * 2 ** 20, "10.3 MiB"],
            [200 * 2 ** 30, "200 GiB"],
            [1023.9 * 2 ** 20, "1 GiB"],
            [2 ** 41, "2 TiB"],
            [-3 * 2 ** 30, "-3 GiB"],
        ];
        for (const [count, text] of cases) assert.equal(bytes(count), text);
        assert.equal(byteRate(2 ** 20), "1 MiB/s");
    });

    it("makes no writer for each of many", () => {
        const { NumberFormat } = Intl;
        let made = 0;
        Intl.NumberFormat = new Proxy(NumberFormat, {
            construct: (target, args: ConstructorParameters<typeof NumberFormat>) => (made++, new target(...args)),
        });
        try {
            for (let count = 0; count < 500; count++) bytes(count * 1234567);
        } finally {
            Intl.NumberFormat = NumberFormat;
        }
        assert.ok(made <= 3, `${made} were made`);
    });

    it("writes them as the language does, and English for one that nobody knows", () => {
        speak("de");
        assert.equal(bytes(1.5 * 2 ** 30), "1,5 GiB");
        speak("xx_nowhere");
        assert.equal(number(1234.5, 1), "1,234.5");
    });

    it("keeps a number before its unit where text runs from right to left", () => {
        speak("he", "rtl");
        assert.equal(bytes(4 * 2 ** 30), "\u20664 GiB\u2069");
    });

    it("shows a digit of a small share only", () => {
        assert.deepEqual([0, 0.0123, 0.5, 1].map(percent), ["0%", "1.2%", "50%", "100%"]);
    });

    it("orders numbers in texts by their value", () => {
        assert.deepEqual(["rd10", "rd2", "RD1"].sort(byText), ["RD1", "rd2", "rd10"]);
    });
});
