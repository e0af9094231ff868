// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { type Host, openPage, sharedBrowser, sampleHost, type Window } from "../harness/index.js";

describe("page: for everyone, by keyboard alone", () => {
    let host: Host;
    let window: Window;

    before(async () => {
        host = await sampleHost();
        window = await openPage(await sharedBrowser(), host.url, { width: 1280, height: 1600 });
        await window.frame.locator("[data-row$='/volumes/rd4']").waitFor();
    });

    const press = (...keys: string[]) =>
        keys.reduce((before, key) => before.then(() => window.page.keyboard.press(key)), Promise.resolve());
    const focus = (selector: string) =>
        window.evaluate<boolean>(`document.activeElement?.matches(${JSON.stringify(selector)}) === true`);
    /** Presses Tab until the focus is on what is meant, as somebody does who sees where it is. */
    const tabTo = async (selector: string, key = "Tab") => {
        for (let step = 0; step < 150; step++) {
            if (await focus(selector)) return;
            await press(key);
        }
        throw new Error(`Tab does not reach ${selector}`);
    };

    it("reaches every control of the overview, and shows where it is", async () => {
        await window.evaluate("document.body.focus()");
        await window.frame.locator("body").press("Tab");
        const [reached, wanted] = [new Set<string>(), await window.evaluate<number>(CONTROLS)];
        for (let step = 0; step < 300; step++) {
            const at = await window.evaluate<{ mark: string; visible: boolean } | null>(HERE);
            if (at !== null) {
                assert.ok(at.visible, `nothing shows that the focus is on ${at.mark}`);
                if (reached.has(at.mark)) break;
                reached.add(at.mark);
            }
            await press("Tab");
        }
        assert.ok(wanted > 30, `${wanted} controls`);
        assert.equal(reached.size, wanted);
    });

    it("creates a volume", async () => {
        await window.frame.locator("body").press("Tab");
        await tabTo("[data-test=create-volume]");
        await press("Enter");
        await window.frame.locator("[role=dialog]").waitFor();
        await window.until(`document.activeElement?.closest("[role=dialog]") !== null`, "the focus in the dialog");
        await tabTo("[data-test=field-number]");
        await window.page.keyboard.type("50");
        await press("Enter");
        await window.frame.locator("[data-row$='/volumes/rd50']").waitFor();
        await window.until(`document.activeElement?.matches("[data-test=create-volume]")`, "the focus to come back");
    });

    it("keeps the focus in a dialog, and leaves it with Escape", async () => {
        await press("Enter");
        await window.frame.locator("[role=dialog]").waitFor();
        await window.until(`document.activeElement?.closest("[role=dialog]") !== null`, "the focus in the dialog");
        for (let step = 0; step < 25; step++) {
            await press("Tab");
            assert.ok(await focus("[role=dialog] *"), "the focus left the dialog");
        }
        await press("Escape");
        await window.frame.locator("[role=dialog]").waitFor({ state: "detached" });
        await window.until(`document.activeElement?.matches("[data-test=create-volume]")`, "the focus to come back");
    });

    it("removes it through the menu of its row", async () => {
        await tabTo("[data-row$='/volumes/rd50'] [data-test=actions]");
        await press("Enter");
        await window.until(`document.activeElement?.matches("[role=menuitem]")`, "the focus in the menu");
        for (let step = 0; step < 15 && !(await focus("[data-test=remove] *, [data-test=remove]")); step++) {
            await press("ArrowDown");
        }
        await press("Enter");
        await window.frame.locator("[data-test=dialog-remove]").waitFor();
        await window.until(`document.activeElement?.closest("[role=dialog]") !== null`, "the focus in the dialog");
        await tabTo("[data-test=dialog-submit]");
        await press("Enter");
        await window.frame.locator("[data-row$='/volumes/rd50']").waitFor({ state: "detached" });
        // What had the focus is gone, but the focus is not lost.
        await window.until(`document.activeElement !== document.body`, "the focus somewhere");
    });

    it("makes no mistake", () => window.close());
});

const CONTROL = `a[href], button:not([disabled]), input:not([disabled]), select:not([disabled]), [tabindex="0"]`;
const CONTROLS = `[...document.querySelectorAll('${CONTROL}')].filter((it) =>
    it.checkVisibility() && it.tabIndex >= 0).length`;
/** What has the focus, with a mark of its own, and whether anything shows that. */
const HERE = `(() => {
    const it = document.activeElement;
    if (it === null || it === document.body) return null;
    it.dataset.mark ??= String(document.querySelectorAll("[data-mark]").length);
    const { outlineStyle, boxShadow } = getComputedStyle(it);
    const around = getComputedStyle(it.closest(".pf-v6-c-form-control, .pf-v6-c-text-input-group") ?? it);
    return { mark: it.dataset.mark + " " + it.outerHTML.slice(0, 80),
        visible: outlineStyle !== "none" || boxShadow !== "none" || around.outlineStyle !== "none" };
})()`;
