// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { click } from "../harness/index.js";
import { DialogFixture } from "./fixture.js";

const GIB = 2 ** 30;
const MANAGER = ["org.rapiddisk.Manager", "/org/rapiddisk/Manager", "org.rapiddisk.Manager"];

describe("page: dialogs of volumes", () => {
    let fixture: DialogFixture;
    before(async () => {
        fixture = await DialogFixture.make();
    });
    afterEach(async () => {
        await fixture.host.kernel("setMemory", { available: 41 * GIB });
        await fixture.tidy();
    });
    after(() => fixture.close());

    it("create: refuses what is no size, keeps it on an error of the service, and shows the new one", async () => {
        const { host } = fixture;
        const dialog = await fixture.create("create-volume");
        assert.equal(await fixture.focused(), "field-size");
        await fixture.type("size", "lots");
        await fixture.press("Enter");
        await fixture.at("problem-size").waitFor();
        assert.equal(await fixture.focused(), "field-size");
        assert.equal(await fixture.at("dialog-command").count(), 0);
        await fixture.type("size", "900 GiB");
        await fixture.at("problem-size").waitFor();

        await fixture.type("size", "512M");
        await fixture.at("problem-size").waitFor({ state: "detached" });
        assert.equal(await fixture.at("field-size-unit").inputValue(), "MiB");
        await fixture.type("number", "0");
        await fixture.press("Enter");
        await fixture.at("problem-number").waitFor();
        await fixture.type("number", "40");
        await fixture.click("field-populate");
        await fixture.click("field-persist");
        assert.equal(await fixture.command(), "rapiddisk volume create 512M --number 40 --populate --persist");
        await fixture.pictures("create-volume");

        await host.kernel("steps.failVerb", "attachRamDisk", "EIO");
        await fixture.submit();
        assert.equal(await fixture.error(), "Failed");
        await fixture.pictures("create-volume-error");
        assert.equal(await fixture.at("field-size").inputValue(), "512M");
        assert.equal(await fixture.at("field-number").inputValue(), "40");
        await fixture.submit();
        await fixture.closed("create-volume");
        await fixture.row("volumes/rd40").waitFor();
        assert.equal(await dialog.count(), 0);
        await fixture.focusedOn("create-volume");
    });

    it("create: offers by the slider exactly what is free, and puts a refusal of the service into words", async () => {
        const { host } = fixture;
        await host.kernel("setMemory", { available: 20 * GIB });
        await fixture.create("create-volume");
        const free = Number((await host.run(["busctl", "get-property", ...MANAGER, "MemoryFree"])).split(" ")[1]);
        const slider = `[data-test=field-size-slider][data-largest="${Math.floor(free / 512) * 512}"]`;
        await fixture.window.frame.locator(slider).focus();
        await fixture.press("End");
        const largest = await fixture.at("field-size").inputValue();
        assert.match(largest, /^[0-9.]+$/);
        assert.equal(await fixture.at("problem-size").count(), 0);
        const before = await fixture.command();
        await host.kernel("steps.failVerb", "attachRamDisk", "ENOMEM");
        await fixture.submit();
        assert.equal(await fixture.error(), "NoMemory");
        assert.equal(await fixture.at("field-size").inputValue(), largest);
        assert.match(before, /^rapiddisk volume create [0-9]+[BKMG]$/);
        await fixture.press("Escape");
        await fixture.closed("create-volume");
    });

    it("resize: grows what is in use, and says who uses it when it is to shrink", async () => {
        await fixture.act("volumes/rd0", "resize");
        await fixture.press("Enter");
        await fixture.at("problem-size").waitFor();
        await fixture.type("size", "1");
        await fixture.press("Enter");
        await fixture.at("problem-size").waitFor();
        await fixture.at("dialog-users").waitFor();
        await fixture.type("size", "5");
        assert.equal(await fixture.command(), "rapiddisk volume resize rd0 5G");
        await fixture.pictures("resize");
        await fixture.press("Enter");
        await fixture.closed("resize");
        await fixture.row("volumes/rd0").filter({ hasText: "5 GiB" }).waitFor();
    });

    it("lock and unlock", async () => {
        await fixture.act("volumes/rd4", "lock");
        assert.equal(await fixture.command(), "rapiddisk volume unlock rd4");
        await fixture.pictures("unlock");
        await fixture.submit();
        await fixture.closed("lock");
        await fixture.act("volumes/rd4", "lock");
        assert.equal(await fixture.command(), "rapiddisk volume lock rd4");
        await fixture.submit();
        await fixture.closed("lock");
    });

    it("save at boot, and no more", async () => {
        for (const command of ["rapiddisk volume persist rd4", "rapiddisk volume persist rd4 --off"]) {
            await fixture.act("volumes/rd4", "persist");
            assert.equal(await fixture.command(), command);
            if (!command.endsWith("--off")) await fixture.pictures("persist");
            await fixture.submit();
            await fixture.closed("persist");
        }
    });

    it("erase and remove: name the users in place of a form while it is in use", async () => {
        for (const id of ["erase", "remove", "lock"]) {
            const dialog = await fixture.act("volumes/rd0", id);
            await dialog.locator("[data-test=dialog-users]").waitFor();
            assert.equal(await fixture.at("dialog-submit").count(), 0);
            if (id === "erase") await fixture.pictures("erase-in-use");
            await fixture.press("Escape");
            await fixture.closed(id);
            await fixture.focusedOn("actions");
        }
    });

    it("erase: becomes possible while the dialog is open, once nothing uses it any more", async () => {
        await fixture.act("volumes/rd0", "erase");
        await fixture.host.kernel("unmount", "rd0", "/srv/scratch");
        await fixture.at("dialog-submit").waitFor();
        await fixture.pictures("erase");
        assert.equal(await fixture.command(), "rapiddisk volume erase rd0");
        await fixture.submit();
        await fixture.closed("erase");
    });

    it("erase: what takes long says so, that it cannot be stopped, and goes on when the dialog is closed", async () => {
        const { host } = fixture;
        await host.kernel("otherAttach", 8, GIB);
        await host.kernel("write", 8, 0, GIB / 2);
        await fixture.row("volumes/rd8").waitFor();
        await fixture.act("volumes/rd8", "erase");
        await host.kernel("steps.resetSteps");
        await host.kernel("steps.hangStep", 1);
        await fixture.submit();
        await fixture.at("dialog-progress").filter({ hasText: "cannot be stopped" }).waitFor();
        await fixture.at("dialog-progress").locator("[role=progressbar]").waitFor();
        assert.equal(await fixture.at("dialog-stop").count(), 0);
        await fixture.pictures("erase-long");
        await fixture.click("dialog-cancel");
        await fixture.closed("erase");
        const line = fixture.at("jobs");
        await line.locator("[role=progressbar]").waitFor();
        assert.equal(await line.locator("[data-test=cancel]").getAttribute("aria-disabled"), "true");
        assert.doesNotMatch((await line.textContent()) ?? "", /volume-erase/);
        await fixture.pictures("erase-long-line");
        await host.kernel("steps.releaseHung");
        await line.waitFor({ state: "detached" });
        await host.kernel("otherDetach", 8);
    });

    it("remove: an error is told and can be tried again; afterwards the row is gone and the focus is somewhere", async () => {
        await fixture.act("volumes/rd40", "remove");
        assert.equal(await fixture.focused(), "dialog-cancel");
        assert.equal(await fixture.command(), "rapiddisk volume remove rd40");
        await fixture.pictures("remove-volume");
        await fixture.host.kernel("steps.failVerb", "detachRamDisk", "EIO");
        await fixture.submit();
        assert.equal(await fixture.error(), "Failed");
        await fixture.submit();
        await fixture.closed("remove");
        await fixture.row("volumes/rd40").waitFor({ state: "detached" });
        await fixture.window.frame.locator("main :focus").waitFor();
    });

    it("tells of a change that fails after its dialog was closed", async () => {
        const { host } = fixture;
        await fixture.create("create-volume");
        await fixture.type("number", "70");
        await host.kernel("steps.resetSteps");
        await host.kernel("steps.hangStep", 1);
        await fixture.submit();
        await fixture.at("dialog-progress").waitFor();
        await fixture.press("Escape");
        await fixture.closed("create-volume");
        await host.kernel("steps.failVerb", "attachRamDisk", "EIO");
        await host.kernel("steps.releaseHung");
        const told = fixture.at("toast").filter({ hasText: "EIO" });
        await told.waitFor();
        await fixture.pictures("late-failure");
        await click(fixture.window, told.locator("button").first());
        await told.waitFor({ state: "detached" });
    });

    it("says that the object is gone when somebody else removes it meanwhile", async () => {
        await fixture.act("volumes/rd7", "resize");
        await fixture.type("size", "300");
        await fixture.host.kernel("otherDetach", 7);
        await fixture.at("dialog-obstacle").waitFor();
        await fixture.press("Enter");
        assert.equal(await fixture.at("field-size").inputValue(), "300");
        await fixture.press("Escape");
        await fixture.closed("resize");
    });

    it("survives a stop of the service, with what was typed", async () => {
        const { host } = fixture;
        await fixture.create("create-volume");
        await fixture.type("size", "2 GiB");
        host.allowService(false);
        await host.stopService();
        await fixture.at("dialog-obstacle").waitFor();
        host.allowService(true);
        await host.startService();
        await fixture.at("dialog-obstacle").waitFor({ state: "detached" });
        assert.equal(await fixture.at("field-size").inputValue(), "2 GiB");
        await fixture.type("number", "50");
        await fixture.submit();
        await fixture.closed("create-volume");
        await fixture.row("volumes/rd50").waitFor();
    });

    it("says that nobody knows what became of a change when the service dies over it", async () => {
        const { host } = fixture;
        await fixture.create("create-volume");
        await fixture.type("number", "60");
        await host.kernel("steps.resetSteps");
        await host.kernel("steps.hangStep", 1);
        await fixture.submit();
        await fixture.at("dialog-progress").waitFor();
        await host.stopService("KILL");
        assert.match(await fixture.error(), /^(NoReply|Disconnected)$/);
        await host.startService();
        await fixture.at("dialog-obstacle").waitFor({ state: "detached" });
        assert.equal(await fixture.at("field-number").inputValue(), "60");
        await fixture.pictures("no-reply");
        await fixture.submit();
        await fixture.closed("create-volume");
        await fixture.row("volumes/rd60").waitFor();
    });
});
