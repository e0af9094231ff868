// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { click } from "../harness/index.js";
import { Desk } from "./desk.js";

const GIB = 2 ** 30;
const MANAGER = ["org.rapiddisk.Manager", "/org/rapiddisk/Manager", "org.rapiddisk.Manager"];

describe("page: dialogs of volumes", () => {
    let desk: Desk;
    before(async () => {
        desk = await Desk.make();
    });
    afterEach(async () => {
        await desk.host.kernel("setMemory", { available: 41 * GIB });
        await desk.tidy();
    });
    after(() => desk.close());

    it("create: refuses what is no size, keeps it on an error of the service, and shows the new one", async () => {
        const { host } = desk;
        const dialog = await desk.create("create-volume");
        assert.equal(await desk.focused(), "field-size");
        await desk.type("size", "lots");
        await desk.press("Enter");
        await desk.at("problem-size").waitFor();
        assert.equal(await desk.focused(), "field-size");
        assert.equal(await desk.at("dialog-command").count(), 0);
        await desk.type("size", "900 GiB");
        await desk.at("problem-size").waitFor();

        await desk.type("size", "512M");
        await desk.at("problem-size").waitFor({ state: "detached" });
        assert.equal(await desk.at("field-size-unit").inputValue(), "MiB");
        await desk.type("number", "0");
        await desk.press("Enter");
        await desk.at("problem-number").waitFor();
        await desk.type("number", "40");
        await desk.click("field-populate");
        await desk.click("field-persist");
        assert.equal(await desk.command(), "rapiddisk volume create 512M --number 40 --populate --persist");
        await desk.pictures("create-volume");

        await host.kernel("steps.failVerb", "attachRamDisk", "EIO");
        await desk.submit();
        assert.equal(await desk.error(), "Failed");
        await desk.pictures("create-volume-error");
        assert.equal(await desk.at("field-size").inputValue(), "512M");
        assert.equal(await desk.at("field-number").inputValue(), "40");
        await desk.submit();
        await desk.closed("create-volume");
        await desk.row("volumes/rd40").waitFor();
        assert.equal(await dialog.count(), 0);
        await desk.focusedOn("create-volume");
    });

    it("create: offers by the slider exactly what is free, and puts a refusal of the service into words", async () => {
        const { host } = desk;
        await host.kernel("setMemory", { available: 20 * GIB });
        await desk.create("create-volume");
        const free = Number((await host.run(["busctl", "get-property", ...MANAGER, "MemoryFree"])).split(" ")[1]);
        const slider = `[data-test=field-size-slider][data-largest="${Math.floor(free / 512) * 512}"]`;
        await desk.window.frame.locator(slider).focus();
        await desk.press("End");
        const largest = await desk.at("field-size").inputValue();
        assert.match(largest, /^[0-9.]+$/);
        assert.equal(await desk.at("problem-size").count(), 0);
        const before = await desk.command();
        await host.kernel("steps.failVerb", "attachRamDisk", "ENOMEM");
        await desk.submit();
        assert.equal(await desk.error(), "NoMemory");
        assert.equal(await desk.at("field-size").inputValue(), largest);
        assert.match(before, /^rapiddisk volume create [0-9]+[BKMG]$/);
        await desk.press("Escape");
        await desk.closed("create-volume");
    });

    it("resize: grows what is in use, and says who uses it when it is to shrink", async () => {
        await desk.act("volumes/rd0", "resize");
        await desk.press("Enter");
        await desk.at("problem-size").waitFor();
        await desk.type("size", "1");
        await desk.press("Enter");
        await desk.at("problem-size").waitFor();
        await desk.at("dialog-users").waitFor();
        await desk.type("size", "5");
        assert.equal(await desk.command(), "rapiddisk volume resize rd0 5G");
        await desk.pictures("resize");
        await desk.press("Enter");
        await desk.closed("resize");
        await desk.row("volumes/rd0").filter({ hasText: "5 GiB" }).waitFor();
    });

    it("lock and unlock", async () => {
        await desk.act("volumes/rd4", "lock");
        assert.equal(await desk.command(), "rapiddisk volume unlock rd4");
        await desk.pictures("unlock");
        await desk.submit();
        await desk.closed("lock");
        await desk.act("volumes/rd4", "lock");
        assert.equal(await desk.command(), "rapiddisk volume lock rd4");
        await desk.submit();
        await desk.closed("lock");
    });

    it("save at boot, and no more", async () => {
        for (const command of ["rapiddisk volume persist rd4", "rapiddisk volume persist rd4 --off"]) {
            await desk.act("volumes/rd4", "persist");
            assert.equal(await desk.command(), command);
            if (!command.endsWith("--off")) await desk.pictures("persist");
            await desk.submit();
            await desk.closed("persist");
        }
    });

    it("erase and remove: name the users in place of a form while it is in use", async () => {
        for (const id of ["erase", "remove", "lock"]) {
            const dialog = await desk.act("volumes/rd0", id);
            await dialog.locator("[data-test=dialog-users]").waitFor();
            assert.equal(await desk.at("dialog-submit").count(), 0);
            if (id === "erase") await desk.pictures("erase-in-use");
            await desk.press("Escape");
            await desk.closed(id);
            await desk.focusedOn("actions");
        }
    });

    it("erase: becomes possible while the dialog is open, once nothing uses it any more", async () => {
        await desk.act("volumes/rd0", "erase");
        await desk.host.kernel("unmount", "rd0", "/srv/scratch");
        await desk.at("dialog-submit").waitFor();
        await desk.pictures("erase");
        assert.equal(await desk.command(), "rapiddisk volume erase rd0");
        await desk.submit();
        await desk.closed("erase");
    });

    it("erase: what takes long says so, that it cannot be stopped, and goes on when the dialog is closed", async () => {
        const { host } = desk;
        await host.kernel("otherAttach", 8, GIB);
        await host.kernel("write", 8, 0, GIB / 2);
        await desk.row("volumes/rd8").waitFor();
        await desk.act("volumes/rd8", "erase");
        await host.kernel("steps.resetSteps");
        await host.kernel("steps.hangStep", 1);
        await desk.submit();
        await desk.at("dialog-progress").filter({ hasText: "cannot be stopped" }).waitFor();
        await desk.at("dialog-progress").locator("[role=progressbar]").waitFor();
        assert.equal(await desk.at("dialog-stop").count(), 0);
        await desk.pictures("erase-long");
        await desk.click("dialog-cancel");
        await desk.closed("erase");
        const line = desk.at("jobs");
        await line.locator("[role=progressbar]").waitFor();
        assert.equal(await line.locator("[data-test=cancel]").getAttribute("aria-disabled"), "true");
        assert.doesNotMatch((await line.textContent()) ?? "", /volume-erase/);
        await desk.pictures("erase-long-line");
        await host.kernel("steps.releaseHung");
        await line.waitFor({ state: "detached" });
        await host.kernel("otherDetach", 8);
    });

    it("remove: an error is told and can be tried again; afterwards the row is gone and the focus is somewhere", async () => {
        await desk.act("volumes/rd40", "remove");
        assert.equal(await desk.focused(), "dialog-cancel");
        assert.equal(await desk.command(), "rapiddisk volume remove rd40");
        await desk.pictures("remove-volume");
        await desk.host.kernel("steps.failVerb", "detachRamDisk", "EIO");
        await desk.submit();
        assert.equal(await desk.error(), "Failed");
        await desk.submit();
        await desk.closed("remove");
        await desk.row("volumes/rd40").waitFor({ state: "detached" });
        await desk.window.frame.locator("main :focus").waitFor();
    });

    it("tells of a change that fails after its dialog was closed", async () => {
        const { host } = desk;
        await desk.create("create-volume");
        await desk.type("number", "70");
        await host.kernel("steps.resetSteps");
        await host.kernel("steps.hangStep", 1);
        await desk.submit();
        await desk.at("dialog-progress").waitFor();
        await desk.press("Escape");
        await desk.closed("create-volume");
        await host.kernel("steps.failVerb", "attachRamDisk", "EIO");
        await host.kernel("steps.releaseHung");
        const told = desk.at("toast").filter({ hasText: "EIO" });
        await told.waitFor();
        await desk.pictures("late-failure");
        await click(desk.window, told.locator("button").first());
        await told.waitFor({ state: "detached" });
    });

    it("says that the object is gone when somebody else removes it meanwhile", async () => {
        await desk.act("volumes/rd7", "resize");
        await desk.type("size", "300");
        await desk.host.kernel("otherDetach", 7);
        await desk.at("dialog-obstacle").waitFor();
        await desk.press("Enter");
        assert.equal(await desk.at("field-size").inputValue(), "300");
        await desk.press("Escape");
        await desk.closed("resize");
    });

    it("survives a stop of the service, with what was typed", async () => {
        const { host } = desk;
        await desk.create("create-volume");
        await desk.type("size", "2 GiB");
        host.allowService(false);
        await host.stopService();
        await desk.at("dialog-obstacle").waitFor();
        host.allowService(true);
        await host.startService();
        await desk.at("dialog-obstacle").waitFor({ state: "detached" });
        assert.equal(await desk.at("field-size").inputValue(), "2 GiB");
        await desk.type("number", "50");
        await desk.submit();
        await desk.closed("create-volume");
        await desk.row("volumes/rd50").waitFor();
    });

    it("says that nobody knows what became of a change when the service dies over it", async () => {
        const { host } = desk;
        await desk.create("create-volume");
        await desk.type("number", "60");
        await host.kernel("steps.resetSteps");
        await host.kernel("steps.hangStep", 1);
        await desk.submit();
        await desk.at("dialog-progress").waitFor();
        await host.stopService("KILL");
        assert.match(await desk.error(), /^(NoReply|Disconnected)$/);
        await host.startService();
        await desk.at("dialog-obstacle").waitFor({ state: "detached" });
        assert.equal(await desk.at("field-number").inputValue(), "60");
        await desk.pictures("no-reply");
        await desk.submit();
        await desk.closed("create-volume");
        await desk.row("volumes/rd60").waitFor();
    });
});
