// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { click } from "../harness/index.js";
import { dialogFixture, type DialogFixture } from "./fixture.js";

const CACHE = "caches/rc_2dwb_5fsdc";
const GIB = 2 ** 30;
const ATTACHED = { state: "attached" } as const;
/** Notes every mistake that the page announces from now on, in globalThis.told. */
const MISTAKES = `globalThis.told = [];
    new MutationObserver(() => {
        for (const it of document.querySelectorAll("[data-test^=problem-]")) told.push(it.textContent);
    }).observe(document.body, { childList: true, subtree: true, characterData: true })`;

describe("page: dialogs of caches", () => {
    let fixture: DialogFixture;
    dialogFixture((made) => (fixture = made));

    it("create: asks for a volume first where none is free, and leads to it", async () => {
        await fixture.host.kernel("otherDetach", 7);
        await fixture.row("volumes/rd7").waitFor({ state: "detached" });
        await fixture.create("create-cache");
        await fixture.at("no-volume").waitFor();
        await fixture.pictures("create-cache-no-volume");
        await fixture.click("create-volume-first");
        await fixture.dialog("create-volume").waitFor();
        await fixture.focusInside(fixture.dialog("create-volume"));
        await fixture.type("size", "1 GiB");
        await fixture.type("number", "30");
        await fixture.press("Enter");
        await fixture.closed("create-volume");
        await fixture.row("volumes/rd30").waitFor();
    });

    it("create: offers usable devices, says why others are not, and wants write-back confirmed", async () => {
        const { host } = fixture;
        const dialog = await fixture.create("create-cache");
        await fixture.window.frame.locator(`[data-test=field-volume] option:checked[value="rd30"]`).waitFor(ATTACHED);
        assert.equal(await fixture.at("field-source").inputValue(), "");
        await fixture.submit();
        await fixture.at("problem-source").waitFor();
        const used = dialog.locator('[data-test=field-source] option[value="/dev/sda2"]');
        assert.equal(await used.isDisabled(), true);
        assert.match((await used.textContent()) ?? "", /\/dev\/sda2, .*: .*mounted on \//);
        const free = dialog.locator('[data-test=field-source] option[value="/dev/sdc"]');
        assert.equal(await free.isDisabled(), false);
        assert.match((await free.textContent()) ?? "", /ST4000NM0025/);
        const devices = await fixture.window.evaluate<string[]>(
            "[...document.querySelectorAll('[data-test=field-source] option:enabled')].map((it) => it.textContent)",
        );
        assert.ok(devices.length > 2, devices.join("; "));
        assert.match(devices.at(-1) ?? "", /rc-wa_sdd1.* a cache already/);
        assert.equal(devices.filter((one) => one.includes("rc-")).length, 1);
        await fixture.at("field-source").selectOption("/dev/sdc");

        await fixture.click("field-mode-writeback");
        await fixture.at("writeback-warning").waitFor();
        await fixture.submit();
        await fixture.at("problem-accepted").waitFor();
        await fixture.click("field-accepted");
        assert.equal(await fixture.command(), "rapiddisk cache create rd30 /dev/sdc --mode writeback");
        await fixture.pictures("create-cache-writeback");

        await host.kernel("steps.failVerb", "createMapping", "EIO");
        await fixture.submit();
        assert.equal(await fixture.error(), "Failed");
        assert.equal(await fixture.at("field-source").inputValue(), "/dev/sdc");
        await fixture.window.evaluate(MISTAKES);
        await fixture.submit();
        await fixture.closed("create-cache");
        await fixture.row(CACHE).waitFor();
        assert.deepEqual(await fixture.window.evaluate("globalThis.told"), []);
        await fixture.at("done").filter({ hasText: "Create a cache" }).waitFor(ATTACHED);
    });

    it("create: never chooses what holds data, and asks for its loss after a reading of that moment", async () => {
        const { host } = fixture;
        await host.kernel("otherAttach", 40, GIB);
        await host.kernel("write", 40, 0, 2 ** 20);
        await host.kernel("otherAttach", 41, GIB);
        await fixture.row("volumes/rd41").waitFor();
        await fixture.create("create-cache");
        await fixture.window.frame.locator(`[data-test=field-volume] option:checked[value="rd41"]`).waitFor(ATTACHED);
        await fixture.at("field-source").selectOption("/dev/sdd2");
        assert.equal(await fixture.at("field-lost").count(), 0);
        // Written to after the page looked, whether it has looked again by the time of the click or not.
        await host.kernel("write", 41, 0, 2 ** 20);
        await fixture.submit();
        await fixture.at("problem-lost").waitFor();
        await fixture.focusedOn("field-lost");

        await fixture.at("field-volume").selectOption("rd40");
        await fixture.at("field-lost").waitFor();
        await fixture.pictures("create-cache-loss");
        await fixture.submit();
        await fixture.at("problem-lost").waitFor();
        await fixture.click("field-lost");
        await fixture.at("problem-lost").waitFor({ state: "detached" });
        await host.kernel("write", 40, 2 ** 20, 2 ** 20);
        await fixture.submit();
        await fixture.at("problem-lost").waitFor();
        assert.equal(await fixture.row("caches/rc_2dwt_5fsdd2").count(), 0);
        await fixture.click("field-lost");
        await fixture.submit();
        await fixture.closed("create-cache");
        await fixture.row("caches/rc_2dwt_5fsdd2").waitFor();
    });

    it("what only RAM holds is told in the table, before a flush and a removal, and on the cache's page", async () => {
        const { host, window } = fixture;
        /** As many blocks of 4 KiB of 1000 hold data that the origin lacks. */
        const dirty = (blocks: number) =>
            host.kernel("setStatus", "rc-wb_sdc", [0, 1000, 1000 - blocks, 0, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
        const changes = (text: string) => fixture.at("dialog-changes").filter({ hasText: text }).waitFor();
        const cell = (test: string, text: string) =>
            fixture.row(CACHE).locator(`[data-test=${test}]`).filter({ hasText: text }).waitFor();
        await dirty(256);
        await cell("unwritten", "1 MiB");
        await cell("filled", "26%");
        await cell("hit-ratio", "25%");
        const ends = "[data-test=table-caches] td[data-test=unwritten]";
        assert.equal(await window.evaluate(`getComputedStyle(document.querySelector("${ends}")).textAlign`), "end");
        await fixture.act(CACHE, "flush");
        await changes("Up to 1 MiB");
        await dirty(512);
        await changes("Up to 2 MiB");
        await fixture.press("Escape");
        await fixture.closed("flush");
        await fixture.act(CACHE, "remove");
        await changes("Up to 2 MiB");
        await dirty(0);
        await changes("has all data at the moment");
        await fixture.press("Escape");
        await fixture.closed("remove");
        await dirty(256);
        await window.go("/caches/rc-wb_sdc");
        await fixture.at("unwritten").filter({ hasText: "1 MiB" }).waitFor();
        await window.shot("cache-unwritten");
        await dirty(0);
        await window.go("/");
        await cell("unwritten", "0 B");
    });

    it("flush: shows how far it is, and can be stopped", async () => {
        const { host } = fixture;
        await fixture.act(CACHE, "flush");
        assert.equal(await fixture.command(), "rapiddisk cache flush rc-wb_sdc");
        await host.kernel("steps.resetSteps");
        await host.kernel("steps.hangStep", 1);
        await fixture.submit();
        await fixture.at("dialog-progress").locator("[role=progressbar]").waitFor();
        await fixture.pictures("flush");
        assert.equal(await fixture.at("dialog-cancel").count(), 1);
        await fixture.click("dialog-stop");
        assert.equal(await fixture.error(), "Cancelled");
        await host.kernel("steps.releaseHung");
        await fixture.submit();
        await fixture.closed("flush");
    });

    it("flush: a failure after its dialog was closed is told once, however short the work was", async () => {
        const { host } = fixture;
        await fixture.act(CACHE, "flush");
        await host.kernel("steps.resetSteps");
        await host.kernel("steps.hangStep", 1);
        await fixture.submit();
        await fixture.at("dialog-progress").locator("[role=progressbar]").waitFor();
        await fixture.click("dialog-cancel");
        await fixture.closed("flush");
        await host.kernel("steps.failVerb", "messageMapping", "EIO");
        await host.kernel("steps.releaseHung");
        const told = fixture.at("toast");
        await told.waitFor();
        await fixture.at("jobs").waitFor({ state: "detached" });
        assert.equal(await told.count(), 1);
        await click(fixture.window, told.locator("button").first());
        await told.waitFor({ state: "detached" });
    });

    it("work that others began is stopped from its line", async () => {
        const { host } = fixture;
        await host.kernel("steps.resetSteps");
        await host.kernel("steps.hangStep", 1);
        const flush = host.run(["rapiddisk", "cache", "flush", "rc-wb_sdc"]).then(
            () => "done",
            (error: Error) => error.message,
        );
        await fixture.click("cancel");
        await fixture.dialog("cancel-job").waitFor();
        assert.match(await fixture.command(), /^rapiddisk jobs cancel [0-9]+$/);
        await fixture.pictures("cancel-job");
        await fixture.submit();
        await fixture.closed("cancel-job");
        assert.match(await flush, /cancelled/);
        await host.kernel("steps.releaseHung");
    });

    it("reset statistics, save at boot", async () => {
        await fixture.act(CACHE, "reset");
        assert.equal(await fixture.command(), "rapiddisk cache reset-stats rc-wb_sdc");
        await fixture.pictures("reset");
        await fixture.press("Escape");
        await fixture.closed("reset");
        await fixture.act(CACHE, "persist");
        assert.equal(await fixture.command(), "rapiddisk cache persist rc-wb_sdc");
        await fixture.submit();
        await fixture.closed("persist");
    });

    it("mode: wants another one, and changes it while in use", async () => {
        await fixture.act("caches/rc_2dwa_5fsdd1", "mode");
        await fixture.submit();
        await fixture.at("problem-mode").waitFor();
        await fixture.click("field-mode-pass-through");
        assert.equal(await fixture.command(), "rapiddisk cache mode rc-wa_sdd1 pass-through");
        await fixture.pictures("mode");
        await fixture.submit();
        await fixture.closed("mode");
    });

    it("remove: names the users in place of a form, and writes back first", async () => {
        const dialog = await fixture.act("caches/rc_2dwt_5fsdb", "remove");
        await dialog.locator("[data-test=dialog-users]").waitFor();
        await fixture.press("Escape");
        await fixture.closed("remove");

        await fixture.act(CACHE, "remove");
        assert.equal(await fixture.command(), "rapiddisk cache remove rc-wb_sdc");
        await fixture.pictures("remove-cache");
        await fixture.host.kernel("steps.resetSteps");
        await fixture.host.kernel("steps.hangStep", 1);
        await fixture.submit();
        await fixture.at("dialog-progress").locator("[role=progressbar]").waitFor();
        await fixture.click("dialog-stop");
        assert.equal(await fixture.error(), "Cancelled");
        await fixture.row(CACHE).waitFor({ state: "attached" });
        await fixture.host.kernel("steps.releaseHung");
        await fixture.submit();
        await fixture.closed("remove");
        await fixture.row(CACHE).waitFor({ state: "detached" });
    });
});
