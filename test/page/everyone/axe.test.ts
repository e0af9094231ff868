// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import {
    axe,
    fill,
    type Host,
    LOOKS,
    openPage,
    sharedBrowser,
    startHost,
    tooWide,
    type Window,
} from "../harness/index.js";

/** Addresses that are looked at; each with all that its buttons open. */
const PLACES = [
    { name: "overview", route: "/" },
    { name: "topology", route: "/topology" },
    { name: "volume-used", route: "/volumes/rd3" },
    { name: "volume-free", route: "/volumes/rd4" },
    { name: "cache", route: "/caches/rc-wa_sdd1" },
    { name: "port", route: "/ports/1" },
    { name: "export", route: `/exports/${encodeURIComponent("nqn.2021-06.org.rapiddisk:simhost-rd3")}` },
    { name: "nowhere", route: "/volumes/rd99" },
];

/** Looks that a page can have; changing it costs most, so all is looked at in one before the next. */
const VIEWS = { light: {}, dark: { theme: "dark" }, contrast: { contrast: "more" }, narrow: { width: 400 } } as const;

describe("page: for everyone, axe finds nothing", () => {
    let host: Host;
    const seen = new Set<string>();

    before(async () => {
        host = await startHost();
        await fill(host);
    });
    after(() => host.stop());

    for (const { name, route } of PLACES) {
        it(`on ${name} and in its dialogs: light, dark, high contrast, narrow`, async () => {
            const window = await openPage(await sharedBrowser(), host.url, { route });
            const found: string[] = [];
            for (const look of Object.keys(VIEWS) as (keyof typeof VIEWS)[]) {
                await window.look(VIEWS[look]);
                found.push(...(await inLook(window, name, look)));
                for (const dialog of await openers(window)) {
                    // The dialogs of two volumes are the same where both have them.
                    const known = `${look} ${name.replace(/-.*/, "")}-${dialog}`;
                    if (seen.has(known)) continue;
                    seen.add(known);
                    await open(window, dialog);
                    found.push(...(await inLook(window, `${name}-${dialog}`, look)));
                    await leave(window, dialog);
                }
            }
            await window.close();
            assert.deepEqual(found, []);
        });

        it(`on ${name} and in its dialogs, from right to left`, async () => {
            const window = await openPage(await sharedBrowser(), host.url, { route, language: "he-il" });
            assert.equal(await window.evaluate("document.documentElement.dir"), "rtl");
            const look = `${name}-rtl`;
            await window.shot(look);
            const found = [...(await axe(window)), ...(await tooWide(window))];
            for (const dialog of await openers(window)) {
                await open(window, dialog);
                found.push(...(await axe(window)).map((line) => `${dialog}: ${line}`));
                await leave(window, dialog);
            }
            await window.close();
            assert.deepEqual(found, []);
        });
    }
});

/** What axe finds in what the window shows now; with a picture of it. All that does not hang on the look is asked once, in light. */
async function inLook(window: Window, name: string, look: keyof typeof VIEWS): Promise<string[]> {
    const found = await axe(window, look === "light" ? undefined : LOOKS);
    if (look === "narrow") found.push(...(await tooWide(window)));
    await window.shot(`${name}-${look}`);
    return found.map((line) => `${name}, ${look}: ${line}`);
}

/** Buttons of the page that open a dialog now. */
async function openers(window: Window): Promise<string[]> {
    return window.evaluate<string[]>(
        `[...document.querySelectorAll(".rd-buttons button[data-test]:not([aria-disabled=true])")].map((it) => it.dataset.test)`,
    );
}

async function open(window: Window, opener: string): Promise<void> {
    await window.frame.locator(`.rd-buttons [data-test="${opener}"]`).first().click();
    await window.frame.locator("[role=dialog]").waitFor();
    await window.settled();
}

/** Closes the dialog with the key for that; whoever opened it has the focus again. */
async function leave(window: Window, opener: string): Promise<void> {
    await window.page.keyboard.press("Escape");
    await window.frame.locator("[role=dialog]").waitFor({ state: "detached" });
    const focus = `document.activeElement?.dataset.test === ${JSON.stringify(opener)}`;
    await window.until(focus, `the focus to come back to ${opener}`);
}
