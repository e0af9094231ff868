// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { click } from "../harness/index.js";
import { suiteDesk, type Desk } from "./desk.js";

const CACHE = "caches/rc_2dwb_5fsdc";
const GIB = 2 ** 30;
const ATTACHED = { state: "attached" } as const;
/** Notes every mistake that the page announces from now on, in globalThis.told. */
const MISTAKES = `globalThis.told = [];
    new MutationObserver(() => {
        for (const it of document.querySelectorAll("[data-test^=problem-]")) told.push(it.textContent);
    }).observe(document.body, { childList: true, subtree: true, characterData: true })`;

describe("page: dialogs of caches", () => {
    let desk: Desk;
    suiteDesk((made) => (desk = made));

    it("create: asks for a volume first where none is free, and leads to it", async () => {
        await desk.host.kernel("otherDetach", 7);
        await desk.row("volumes/rd7").waitFor({ state: "detached" });
        await desk.create("create-cache");
        await desk.at("no-volume").waitFor();
        await desk.pictures("create-cache-no-volume");
        await desk.click("create-volume-first");
        await desk.dialog("create-volume").waitFor();
        await desk.focusInside(desk.dialog("create-volume"));
        await desk.type("size", "1 GiB");
        await desk.type("number", "30");
        await desk.press("Enter");
        await desk.closed("create-volume");
        await desk.row("volumes/rd30").waitFor();
    });

    it("create: offers usable devices, says why others are not, and wants write-back confirmed", async () => {
        const { host } = desk;
        const dialog = await desk.create("create-cache");
        await desk.window.frame.locator(`[data-test=field-volume] option:checked[value="rd30"]`).waitFor(ATTACHED);
        assert.equal(await desk.at("field-source").inputValue(), "");
        await desk.submit();
        await desk.at("problem-source").waitFor();
        const used = dialog.locator('[data-test=field-source] option[value="/dev/sda2"]');
        assert.equal(await used.isDisabled(), true);
        assert.match((await used.textContent()) ?? "", /\/dev\/sda2, .*: .*mounted on \//);
        const free = dialog.locator('[data-test=field-source] option[value="/dev/sdc"]');
        assert.equal(await free.isDisabled(), false);
        assert.match((await free.textContent()) ?? "", /ST4000NM0025/);
        const devices = await desk.window.evaluate<string[]>(
            "[...document.querySelectorAll('[data-test=field-source] option:enabled')].map((it) => it.textContent)",
        );
        assert.ok(devices.length > 2, devices.join("; "));
        assert.match(devices.at(-1) ?? "", /rc-wa_sdd1.* a cache already/);
        assert.equal(devices.filter((one) => one.includes("rc-")).length, 1);
        await desk.at("field-source").selectOption("/dev/sdc");

        await desk.click("field-mode-writeback");
        await desk.at("writeback-warning").waitFor();
        await desk.submit();
        await desk.at("problem-accepted").waitFor();
        await desk.click("field-accepted");
        assert.equal(await desk.command(), "rapiddisk cache create rd30 /dev/sdc --mode writeback");
        await desk.pictures("create-cache-writeback");

        await host.kernel("steps.failVerb", "createMapping", "EIO");
        await desk.submit();
        assert.equal(await desk.error(), "Failed");
        assert.equal(await desk.at("field-source").inputValue(), "/dev/sdc");
        await desk.window.evaluate(MISTAKES);
        await desk.submit();
        await desk.closed("create-cache");
        await desk.row(CACHE).waitFor();
        assert.deepEqual(await desk.window.evaluate("globalThis.told"), []);
        await desk.at("done").filter({ hasText: "Create a cache" }).waitFor(ATTACHED);
    });

    it("create: never chooses what holds data, and asks for its loss after a reading of that moment", async () => {
        const { host } = desk;
        await host.kernel("otherAttach", 40, GIB);
        await host.kernel("write", 40, 0, 2 ** 20);
        await host.kernel("otherAttach", 41, GIB);
        await desk.row("volumes/rd41").waitFor();
        await desk.create("create-cache");
        await desk.window.frame.locator(`[data-test=field-volume] option:checked[value="rd41"]`).waitFor(ATTACHED);
        await desk.at("field-source").selectOption("/dev/sdd2");
        assert.equal(await desk.at("field-lost").count(), 0);
        // Written to after the page looked, whether it has looked again by the time of the click or not.
        await host.kernel("write", 41, 0, 2 ** 20);
        await desk.submit();
        await desk.at("problem-lost").waitFor();
        await desk.focusedOn("field-lost");

        await desk.at("field-volume").selectOption("rd40");
        await desk.at("field-lost").waitFor();
        await desk.pictures("create-cache-loss");
        await desk.submit();
        await desk.at("problem-lost").waitFor();
        await desk.click("field-lost");
        await desk.at("problem-lost").waitFor({ state: "detached" });
        await host.kernel("write", 40, 2 ** 20, 2 ** 20);
        await desk.submit();
        await desk.at("problem-lost").waitFor();
        assert.equal(await desk.row("caches/rc_2dwt_5fsdd2").count(), 0);
        await desk.click("field-lost");
        await desk.submit();
        await desk.closed("create-cache");
        await desk.row("caches/rc_2dwt_5fsdd2").waitFor();
    });

    it("what only RAM holds is told in the table, before a flush and a removal, and on the cache's page", async () => {
        const { host, window } = desk;
        /** As many blocks of 4 KiB of 1000 hold data that the origin lacks. */
        const dirty = (blocks: number) =>
            host.kernel("setStatus", "rc-wb_sdc", [0, 1000, 1000 - blocks, 0, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
        const changes = (text: string) => desk.at("dialog-changes").filter({ hasText: text }).waitFor();
        const cell = (test: string, text: string) =>
            desk.row(CACHE).locator(`[data-test=${test}]`).filter({ hasText: text }).waitFor();
        await dirty(256);
        await cell("unwritten", "1 MiB");
        await cell("filled", "26%");
        await cell("hit-ratio", "25%");
        const ends = "[data-test=table-caches] td[data-test=unwritten]";
        assert.equal(await window.evaluate(`getComputedStyle(document.querySelector("${ends}")).textAlign`), "end");
        await desk.act(CACHE, "flush");
        await changes("Up to 1 MiB");
        await dirty(512);
        await changes("Up to 2 MiB");
        await desk.press("Escape");
        await desk.closed("flush");
        await desk.act(CACHE, "remove");
        await changes("Up to 2 MiB");
        await dirty(0);
        await changes("has all data at the moment");
        await desk.press("Escape");
        await desk.closed("remove");
        await dirty(256);
        await window.go("/caches/rc-wb_sdc");
        await desk.at("unwritten").filter({ hasText: "1 MiB" }).waitFor();
        await window.shot("cache-unwritten");
        await dirty(0);
        await window.go("/");
        await cell("unwritten", "0 B");
    });

    it("flush: shows how far it is, and can be stopped", async () => {
        const { host } = desk;
        await desk.act(CACHE, "flush");
        assert.equal(await desk.command(), "rapiddisk cache flush rc-wb_sdc");
        await host.kernel("steps.resetSteps");
        await host.kernel("steps.hangStep", 1);
        await desk.submit();
        await desk.at("dialog-progress").locator("[role=progressbar]").waitFor();
        await desk.pictures("flush");
        assert.equal(await desk.at("dialog-cancel").count(), 1);
        await desk.click("dialog-stop");
        assert.equal(await desk.error(), "Cancelled");
        await host.kernel("steps.releaseHung");
        await desk.submit();
        await desk.closed("flush");
    });

    it("flush: a failure after its dialog was closed is told once, however short the work was", async () => {
        const { host } = desk;
        await desk.act(CACHE, "flush");
        await host.kernel("steps.resetSteps");
        await host.kernel("steps.hangStep", 1);
        await desk.submit();
        await desk.at("dialog-progress").locator("[role=progressbar]").waitFor();
        await desk.click("dialog-cancel");
        await desk.closed("flush");
        await host.kernel("steps.failVerb", "messageMapping", "EIO");
        await host.kernel("steps.releaseHung");
        const told = desk.at("toast");
        await told.waitFor();
        await desk.at("jobs").waitFor({ state: "detached" });
        assert.equal(await told.count(), 1);
        await click(desk.window, told.locator("button").first());
        await told.waitFor({ state: "detached" });
    });

    it("work that others began is stopped from its line", async () => {
        const { host } = desk;
        await host.kernel("steps.resetSteps");
        await host.kernel("steps.hangStep", 1);
        const flush = host.run(["rapiddisk", "cache", "flush", "rc-wb_sdc"]).then(
            () => "done",
            (error: Error) => error.message,
        );
        await desk.click("cancel");
        await desk.dialog("cancel-job").waitFor();
        assert.match(await desk.command(), /^rapiddisk jobs cancel [0-9]+$/);
        await desk.pictures("cancel-job");
        await desk.submit();
        await desk.closed("cancel-job");
        assert.match(await flush, /cancelled/);
        await host.kernel("steps.releaseHung");
    });

    it("reset figures, save at boot", async () => {
        await desk.act(CACHE, "reset");
        assert.equal(await desk.command(), "rapiddisk cache reset-stats rc-wb_sdc");
        await desk.pictures("reset");
        await desk.press("Escape");
        await desk.closed("reset");
        await desk.act(CACHE, "persist");
        assert.equal(await desk.command(), "rapiddisk cache persist rc-wb_sdc");
        await desk.submit();
        await desk.closed("persist");
    });

    it("mode: wants another one, and changes it while in use", async () => {
        await desk.act("caches/rc_2dwa_5fsdd1", "mode");
        await desk.submit();
        await desk.at("problem-mode").waitFor();
        await desk.click("field-mode-pass-through");
        assert.equal(await desk.command(), "rapiddisk cache mode rc-wa_sdd1 pass-through");
        await desk.pictures("mode");
        await desk.submit();
        await desk.closed("mode");
    });

    it("remove: names the users in place of a form, and writes back first", async () => {
        const dialog = await desk.act("caches/rc_2dwt_5fsdb", "remove");
        await dialog.locator("[data-test=dialog-users]").waitFor();
        await desk.press("Escape");
        await desk.closed("remove");

        await desk.act(CACHE, "remove");
        assert.equal(await desk.command(), "rapiddisk cache remove rc-wb_sdc");
        await desk.pictures("remove-cache");
        await desk.host.kernel("steps.resetSteps");
        await desk.host.kernel("steps.hangStep", 1);
        await desk.submit();
        await desk.at("dialog-progress").locator("[role=progressbar]").waitFor();
        await desk.click("dialog-stop");
        assert.equal(await desk.error(), "Cancelled");
        await desk.row(CACHE).waitFor({ state: "attached" });
        await desk.host.kernel("steps.releaseHung");
        await desk.submit();
        await desk.closed("remove");
        await desk.row(CACHE).waitFor({ state: "detached" });
    });
});
