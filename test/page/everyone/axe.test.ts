// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { axe, type Host, LOOKS, openPage, sharedBrowser, sampleHost, tooWide, type Window } from "../harness/index.js";

/** Addresses that are looked at, each with a selector of what is there then, and with all that its buttons open. */
const PLACES = [
    { name: "overview", route: "/", there: "[data-test=list-volumes]" },
    { name: "topology", route: "/topology", there: "[data-test=topology]" },
    { name: "volume-used", route: "/volumes/rd3", there: "[data-path$='/volumes/rd3'].rd-stack" },
    { name: "volume-free", route: "/volumes/rd4", there: "[data-path$='/volumes/rd4'].rd-stack" },
    { name: "cache", route: "/caches/rc-wa_sdd1", there: "[data-test=details-caches]" },
    { name: "port", route: "/ports/1", there: "[data-test=details-ports]" },
    {
        name: "export",
        route: `/exports/${encodeURIComponent("nqn.2021-06.org.rapiddisk:simhost-rd3")}`,
        there: "[data-test=details-exports]",
    },
    { name: "nowhere", route: "/volumes/rd99", there: "[data-test=not-found]" },
];

/** Looks that a page can have; changing it costs most, so all is looked at in one before the next. */
const VIEWS = { light: {}, dark: { theme: "dark" }, contrast: { contrast: "more" }, narrow: { width: 400 } } as const;

describe("page: for everyone, axe finds nothing", () => {
    let host: Host;

    before(async () => {
        host = await sampleHost();
    });

    describe("in any look,", () => {
        let window: Window;
        const seen = new Set<string>();

        before(async () => {
            window = await openPage(await sharedBrowser(), host.url);
        });

        for (const { name, route, there } of PLACES) {
            it(`on ${name} and in its dialogs: light, dark, high contrast, narrow`, async () => {
                await visit(window, route, there);
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
                assert.deepEqual(found, []);
            });
        }

        it("and the page makes no mistake", () => window.close());
    });

    describe("from right to left,", () => {
        let window: Window;

        before(async () => {
            window = await openPage(await sharedBrowser(), host.url, { language: "he-il" });
        });

        for (const { name, route, there } of PLACES) {
            it(`on ${name} and in its dialogs`, async () => {
                await visit(window, route, there);
                assert.equal(await window.evaluate("document.documentElement.dir"), "rtl");
                await window.shot(`${name}-rtl`);
                const found = [...(await axe(window)), ...(await tooWide(window))];
                for (const dialog of await openers(window)) {
                    await open(window, dialog);
                    found.push(...(await axe(window)).map((line) => `${dialog}: ${line}`));
                    await leave(window, dialog);
                }
                assert.deepEqual(found, []);
            });
        }

        it("and the page makes no mistake", () => window.close());
    });
});

/** Goes to an address in the usual look, and to the top of what is there. */
async function visit(window: Window, route: string, there: string): Promise<void> {
    await window.look({});
    await window.go(route);
    await window.frame.locator(there).waitFor();
    await window.evaluate("scrollTo(0, 0)");
    await window.settled();
}

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

/** Closes the dialog with the key for that; what opened it has the focus again. */
async function leave(window: Window, opener: string): Promise<void> {
    await window.page.keyboard.press("Escape");
    await window.frame.locator("[role=dialog]").waitFor({ state: "detached" });
    const focus = `document.activeElement?.dataset.test === ${JSON.stringify(opener)}`;
    await window.until(focus, `the focus to come back to ${opener}`);
}
