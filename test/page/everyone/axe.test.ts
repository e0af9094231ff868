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

describe("page: for everyone, axe finds nothing", function () {
    this.timeout(240_000);
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
            const found = await everyLook(window, name);
            for (const dialog of await openers(window)) {
                // The dialogs of two volumes are the same where both have them.
                const known = `${name.replace(/-.*/, "")}-${dialog}`;
                if (seen.has(known)) continue;
                seen.add(known);
                await open(window, dialog);
                found.push(...(await everyLook(window, `${name}-${dialog}`)));
                await leave(window, dialog);
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

/** What axe finds in every look of what the window shows now; with a picture of each. */
async function everyLook(window: Window, name: string): Promise<string[]> {
    const found = await axe(window);
    await window.shot(`${name}-light`);
    await window.look({ theme: "dark" });
    found.push(...(await axe(window, LOOKS)).map((line) => `dark: ${line}`));
    await window.shot(`${name}-dark`);
    await window.look({ theme: "light", contrast: "more" });
    found.push(...(await axe(window, LOOKS)).map((line) => `high contrast: ${line}`));
    await window.look({ width: 400 });
    found.push(...(await axe(window, LOOKS)).map((line) => `narrow: ${line}`));
    found.push(...(await tooWide(window)).map((line) => `narrow: ${line}`));
    if (!(await window.frame.locator("[role=dialog]").isVisible())) await window.shot(`${name}-narrow`);
    await window.look({});
    return found.map((line) => `${name}: ${line}`);
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
