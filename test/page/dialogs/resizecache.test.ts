// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { callManager } from "../harness/index.js";
import { suiteDesk, type Desk } from "./desk.js";

const CACHE = "caches/rc_2dwa_5fsdd1";
const ERRORS = [...new Array<number>(13).fill(0), 3];

describe("page: caches whose origin fails, grows or is gone", () => {
    let desk: Desk;
    suiteDesk((made) => (desk = made));

    it("errors of the origin are marked in the table until the figures are reset", async () => {
        await desk.host.kernel("setStatus", "rc-wa_sdd1", ERRORS);
        const mark = desk.row(CACHE).locator("[data-test=cache-state]");
        await mark.waitFor();
        await desk.pictures("origin-errors");
        await desk.act(CACHE, "reset");
        await desk.submit();
        await desk.closed("reset");
        await mark.waitFor({ state: "detached" });
    });

    it("resize: takes up an origin that grew, and says what becomes of the cached blocks", async () => {
        const size = async (): Promise<unknown> => {
            const shown = await desk.host.run(["rapiddisk", "cache", "show", "rc-wa_sdd1", "--json"]);
            return (JSON.parse(shown) as { size: unknown }).size;
        };
        await desk.act(CACHE, "resize", "resize-cache");
        await desk.at("nothing-to-resize").waitFor();
        await desk.press("Escape");
        await desk.closed("resize-cache");
        await desk.host.kernel("resizeDisk", "sdd1", 2 ** 43);
        await desk.act(CACHE, "resize", "resize-cache");
        await desk.at("nothing-to-resize").waitFor({ state: "detached" });
        assert.equal(await desk.command(), "rapiddisk cache resize rc-wa_sdd1");
        await desk.pictures("resize-cache");
        await desk.submit();
        await desk.closed("resize-cache");
        assert.equal(await size(), 2 ** 43);
    });

    it("remove: gives a writeback cache up whose origin is gone, only when its loss is ticked", async () => {
        const { host } = desk;
        await callManager(host, "CreateVolume", "ta{sv}", String(64 * 2 ** 20), "1", "number", "u", "40");
        await callManager(host, "CreateCache", "sssa{sv}", "rd40", "/dev/sdc", "writeback", "1", "name", "s", "lost");
        await host.kernel("setStatus", "lost", [0, 1000, 744, 0, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
        await host.kernel("removeDisk", "sdc");
        await desk.row("caches/lost").locator("[data-test=cache-state]").waitFor();
        await desk.act("caches/lost", "remove");
        await desk.at("dialog-changes").filter({ hasText: "the removal is refused" }).waitFor();
        assert.equal(await desk.command(), "rapiddisk cache remove lost");
        assert.doesNotMatch((await desk.at("dialog-changes").textContent()) ?? "", /Use .* directly/);
        await desk.submit();
        assert.equal(await desk.error(), "Failed");
        await desk.row("caches/lost").waitFor({ state: "attached" });
        await desk.at("field-lose-unwritten").waitFor();
        assert.match((await desk.dialog("remove").textContent()) ?? "", /Lose the 1 MiB that only RAM holds/);
        await desk.click("field-lose-unwritten");
        assert.equal(await desk.command(), "rapiddisk cache remove lost --lose-unwritten");
        await desk.pictures("remove-cache-lose");
        await desk.submit();
        await desk.closed("remove");
        await desk.row("caches/lost").waitFor({ state: "detached" });
    });
});
