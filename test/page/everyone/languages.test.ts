// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { join } from "node:path";
import { catalogues, readCatalogue } from "../../../cockpit-plugin/build/translations.mjs";
import { type Host, openPage, sharedBrowser, sampleHost } from "../harness/index.js";
import { REPOSITORY } from "../harness/product.js";

/** What Cockpit's cookie calls the languages of po/LINGUAS. */
const COOKIES: Record<string, string> = { de: "de-de", he: "he-il" };

describe("page: for everyone, in their language", () => {
    let host: Host;

    before(async () => {
        host = await sampleHost();
    });

    for (const { language, file } of catalogues(join(REPOSITORY, "cockpit-plugin/po"))) {
        it(`speaks ${language} on the page and in the menu`, async () => {
            const { messages } = readCatalogue(file);
            const say = (text: string): string => {
                const translated = messages.find(({ id }) => id === text)?.texts[0];
                assert.ok(translated, `no ${language} for ${text}`);
                return translated;
            };
            const window = await openPage(await sharedBrowser(), host.url, { language: COOKIES[language] ?? language });
            const heading = window.frame.locator("h1");
            assert.equal((await heading.textContent())?.trim(), say("RAM disks"));
            const button = window.frame.locator("[data-test=create-volume]");
            assert.equal((await button.textContent())?.trim(), say("Create volume"));
            const menu = window.page.locator("#host-apps a[href='/rapiddisk']").first();
            assert.ok((await menu.textContent())?.includes(say("RAM disks")));
            const direction = await window.evaluate("document.documentElement.dir || 'ltr'");
            assert.equal(direction, ["ar", "fa", "he", "ur"].includes(language) ? "rtl" : "ltr");
            const users = window.frame.locator("[data-row$='/volumes/rd0'] [data-test=users]");
            // Marks that keep a path in its own direction are not seen.
            const said = (await users.textContent())?.replace(/[\u2066-\u2069]/g, "");
            assert.equal(said, say("mounted on $0").replace("$0", "/srv/scratch"));
            await window.shot(`overview-${language}`);
            await window.close();
        });
    }
});
