// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { audit, log } from "../../../service/src/daemon/log.js";
import { journalOf } from "./journal.js";

describe("lines of the journal", () => {
    it("stay one line each, whatever a caller's text holds, and of a bounded length", async () => {
        const text = await journalOf(() =>
            audit(1000, ":1.7", "volume-remove", "rd0\n<3>audit: uid=0 \u001b[2J%n%s\0", "refused"),
        );
        assert.match(
            text,
            /^(<5>)?audit: uid=1000 sender=:1\.7 operation=volume-remove object=rd0\\x0a<3>audit: uid=0 \\x1b\[2J%n%s\\x00 result=refused\n$/,
        );
        assert.ok((await journalOf(() => log("error", "x".repeat(100_000)))).length < 2100);
    });

    describe("over some time", () => {
        const clock = performance.now.bind(performance);
        let now = 1_000_000;
        before(() => (performance.now = () => now));
        after(() => (performance.now = clock));

        it("tell of all that is done, and of all that root is refused, however many times a user is refused something", async () => {
            const count = (text: string, what: RegExp): number =>
                text.split("\n").filter((line) => what.test(line)).length;
            const text = await journalOf(() => {
                for (let i = 0; i < 1000; i++) {
                    audit(4711, ":1.8", "volume-remove", "rd0", "refused");
                    audit(4711, ":1.8", "volume-create", "rd1", "done");
                    audit(0, ":1.9", "volume-remove", "rd0", "refused");
                }
                audit(4712, ":1.10", "volume-remove", "rd0", "refused");
            });
            assert.equal(count(text, /uid=4711 .*result=done/), 1000);
            assert.equal(count(text, /uid=0 .*result=refused/), 1000);
            assert.equal(count(text, /uid=4712 .*result=refused/), 1);
            assert.ok(count(text, /uid=4711 .*result=refused/) <= 50);
            now += 600;
            const later = await journalOf(() => audit(4711, ":1.8", "volume-remove", "rd0", "refused"));
            assert.match(later, /uid=4711 was refused 950 times more, .*\n.*uid=4711 .*result=refused\n$/);
        });
    });
});
