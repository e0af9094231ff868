// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { callManager, click, covered, fill, type Host } from "../harness/index.js";
import { openPage, sharedBrowser, startHost, type Window } from "../harness/index.js";

describe("page: menus of rows", () => {
    let host: Host;
    let window: Window;
    const items = () => window.frame.locator("[role=menuitem]");
    const closed = () => window.frame.locator("[role=menu]").waitFor({ state: "detached" });

    /** Opens the menu of every row with the mouse. @returns each item that a person cannot click, and how many there are */
    async function hidden(): Promise<{ hidden: string[]; count: number }> {
        const found: string[] = [];
        let count = 0;
        const paths = await window.evaluate<string[]>(
            `[...document.querySelectorAll("[data-row]")].map((row) => row.dataset.row)`,
        );
        for (const path of paths) {
            await click(window, window.frame.locator(`[data-row="${path}"] [data-test=actions]`));
            await items().first().waitFor();
            for (const item of await items().all()) {
                count++;
                const over = await covered(item);
                if (over !== "") found.push(`${path}, ${await item.textContent()}: ${over}`);
            }
            await window.page.keyboard.press("Escape");
            await closed();
        }
        return { hidden: found, count };
    }

    before(async () => {
        host = await startHost();
        await host.kernel("setMemory", { total: 2 ** 36, available: 2 ** 35 });
        window = await openPage(await sharedBrowser(), host.url, { width: 1400, height: 1000 });
    });
    after(() => host.stop());

    it("show all that can be done to the only volume of a host", async () => {
        await callManager(host, "CreateVolume", "ta{sv}", String(2 ** 28), "1", "number", "u", "90");
        await window.frame.locator("[data-row$='/volumes/rd90']").waitFor();
        assert.deepEqual(await hidden(), { hidden: [], count: 7 });
        await click(window, window.frame.locator("[data-row$='/volumes/rd90'] [data-test=actions]"));
        await items().first().waitFor();
        await window.shot("menu-only-volume");
        await window.page.keyboard.press("Escape");
        await closed();
    });

    for (const width of [1400, 1000, 600]) {
        it(`show all of their items where a person points, ${width} pixels wide`, async () => {
            if (width === 1400) {
                await fill(host);
                await window.frame.locator("[data-row$='/volumes/rd7']").waitFor();
            }
            await window.page.setViewportSize({ width, height: 1000 });
            const { hidden: none, count } = await hidden();
            assert.deepEqual(none, []);
            assert.ok(count > 60, `${count} items`);
        });
    }

    it("follow their row when the page scrolls, and leave with a click elsewhere", async () => {
        await window.page.setViewportSize({ width: 1000, height: 700 });
        const button = window.frame.locator("[data-row$='/volumes/rd4'] [data-test=actions]");
        await click(window, button);
        await items().first().waitFor();
        const attached = `(() => {
            const menu = document.querySelector(".rd-menu-open").getBoundingClientRect();
            const toggle = document.querySelector("[data-row$='/volumes/rd4'] [data-test=actions]").getBoundingClientRect();
            return Math.min(Math.abs(menu.top - toggle.bottom), Math.abs(menu.bottom - toggle.top)) < 2;
        })()`;
        await window.until(attached, "the menu at its button");
        await window.evaluate("scrollBy(0, 40)");
        await window.until(`scrollY > 0 && ${attached}`, "the menu at its button again");
        await window.shot("menu-scrolled");
        await click(window, window.frame.locator("h1"));
        await closed();
    });

    it("go on with the keyboard: to both ends, and out of it to what comes next", async () => {
        const button = window.frame.locator("[data-row$='/volumes/rd4'] [data-test=actions]");
        await click(window, button);
        await items().first().waitFor();
        const focused = () =>
            window.evaluate<string>("document.activeElement.closest('[data-test]')?.dataset.test ?? ''");
        await window.page.keyboard.press("End");
        assert.equal(await focused(), "remove");
        await window.page.keyboard.press("Home");
        assert.equal(await focused(), "resize");
        await window.page.keyboard.press("Shift+Tab");
        await closed();
        const back = `document.querySelector("[data-row$='/volumes/rd4']").contains(document.activeElement)`;
        assert.equal(await window.evaluate(back), true);
    });

    it("make no mistake", () => window.close());
});
