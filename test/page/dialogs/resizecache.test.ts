// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { callManager } from "../harness/index.js";
import { dialogFixture, type DialogFixture } from "./fixture.js";

const CACHE = "caches/rc_2dwa_5fsdd1";
const ERRORS = [...new Array<number>(13).fill(0), 3];

describe("page: caches whose origin fails, grows or is gone", () => {
    let fixture: DialogFixture;
    dialogFixture((made) => (fixture = made));

    it("errors of the origin are marked in the table until the statistics are reset", async () => {
        await fixture.host.kernel("setStatus", "rc-wa_sdd1", ERRORS);
        const mark = fixture.row(CACHE).locator("[data-test=cache-state]");
        await mark.waitFor();
        await fixture.pictures("origin-errors");
        await fixture.act(CACHE, "reset");
        await fixture.submit();
        await fixture.closed("reset");
        await mark.waitFor({ state: "detached" });
    });

    it("resize: takes up an origin that grew, and says what becomes of the cached blocks", async () => {
        const size = async (): Promise<unknown> => {
            const shown = await fixture.host.run(["rapiddisk", "cache", "show", "rc-wa_sdd1", "--json"]);
            return (JSON.parse(shown) as { size: unknown }).size;
        };
        await fixture.act(CACHE, "resize", "resize-cache");
        await fixture.at("nothing-to-resize").waitFor();
        await fixture.press("Escape");
        await fixture.closed("resize-cache");
        await fixture.host.kernel("resizeDisk", "sdd1", 2 ** 43);
        await fixture.act(CACHE, "resize", "resize-cache");
        await fixture.at("nothing-to-resize").waitFor({ state: "detached" });
        assert.equal(await fixture.command(), "rapiddisk cache resize rc-wa_sdd1");
        await fixture.pictures("resize-cache");
        await fixture.submit();
        await fixture.closed("resize-cache");
        assert.equal(await size(), 2 ** 43);
    });

    it("remove: gives a writeback cache up whose origin is gone, only when its loss is ticked", async () => {
        const { host } = fixture;
        await callManager(host, "CreateVolume", "ta{sv}", String(64 * 2 ** 20), "1", "number", "u", "40");
        await callManager(host, "CreateCache", "sssa{sv}", "rd40", "/dev/sdc", "writeback", "1", "name", "s", "lost");
        await host.kernel("setStatus", "lost", [0, 1000, 744, 0, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
        await host.kernel("removeDisk", "sdc");
        await fixture.row("caches/lost").locator("[data-test=cache-state]").waitFor();
        await fixture.act("caches/lost", "remove");
        await fixture.at("dialog-changes").filter({ hasText: "the removal is refused" }).waitFor();
        assert.equal(await fixture.command(), "rapiddisk cache remove lost");
        assert.doesNotMatch((await fixture.at("dialog-changes").textContent()) ?? "", /Use .* directly/);
        await fixture.submit();
        assert.equal(await fixture.error(), "Failed");
        await fixture.row("caches/lost").waitFor({ state: "attached" });
        await fixture.at("field-lose-unwritten").waitFor();
        assert.match((await fixture.dialog("remove").textContent()) ?? "", /Lose the 1 MiB that only RAM holds/);
        await fixture.click("field-lose-unwritten");
        assert.equal(await fixture.command(), "rapiddisk cache remove lost --lose-unwritten");
        await fixture.pictures("remove-cache-lose");
        await fixture.submit();
        await fixture.closed("remove");
        await fixture.row("caches/lost").waitFor({ state: "detached" });
    });
});
