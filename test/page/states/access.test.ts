// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { fill, type Host, openPage, sharedBrowser, startHost, type Window } from "../harness/index.js";

describe("page: administrative access", function () {
    this.bail(true);
    let host: Host;
    let window: Window;
    const access = (what: string) => window.until(`document.querySelector("[data-access=${what}]") !== null`, what);
    const create = () => window.frame.locator(".rd-buttons [data-test=create-volume]");
    const disabled = (yes: boolean) =>
        window.until(
            `(document.querySelector("[data-test=create-volume]").getAttribute("aria-disabled") === "true") === ${yes}`,
            yes ? "a disabled button" : "a button that works",
        );

    before(async () => {
        host = await startHost({ login: true });
        await fill(host);
    });
    after(() => host.stop());

    it("is not there for who logs in without: everything can be seen, and nothing changed, for a reason", async () => {
        window = await openPage(await sharedBrowser(), host.url, { password: host.password, administrator: false });
        await access("limited");
        await window.evaluate("window.stillHere = true");
        await window.frame.locator("[data-row$='/volumes/rd0']").waitFor();
        await window.frame.locator("[data-test=limited]").waitFor();
        await disabled(true);
        const reason = (await create().getAttribute("aria-describedby")) ?? "";
        assert.notEqual(await window.evaluate(`document.getElementById("${reason}").textContent`), "");
        await window.shot("state-limited");
    });

    it("comes without the page being loaded again", async () => {
        await window.becomeAdministrator(host.password);
        await access("administrator");
        await disabled(false);
        await create().click();
        await window.frame.locator("[data-test=field-number]").fill("33");
        await window.frame.locator("[data-test=dialog-submit]").click();
        await window.frame.locator("[data-row$='/volumes/rd33']").waitFor();
    });

    it("goes in the middle of a dialog, which keeps what was typed and says why it cannot go on", async () => {
        await create().click();
        await window.frame.locator("[data-test=field-number]").fill("34");
        await window.dropAdministrator();
        await access("limited");
        assert.equal(await window.frame.locator("[data-test=field-number]").inputValue(), "34");
        await window.frame.locator("[data-test=dialog-obstacle]").waitFor();
        await window.shot("state-dropped");
        await window.becomeAdministrator(host.password);
        await access("administrator");
        await window.frame.locator("[data-test=dialog-submit]").click();
        await window.frame.locator("[data-row$='/volumes/rd34']").waitFor();
    });

    it("never costs the page a reload, and it makes no mistake", async () => {
        assert.equal(await window.evaluate("window.stillHere"), true);
        await window.close();
    });
});
