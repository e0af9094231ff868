// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What test/page/shot runs: a picture of a page, and what went wrong on it. */
import { parseArgs } from "node:util";
import { openPage, startBrowser } from "./browser.js";

const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
        dark: { type: "boolean", default: false },
        contrast: { type: "boolean", default: false },
        language: { type: "string", default: "en-us" },
        width: { type: "string", default: "1280" },
        height: { type: "string", default: "900" },
        click: { type: "string", multiple: true, default: [] },
        frame: { type: "boolean", default: false },
    },
});
const [address, out] = positionals;
if (address === undefined || out === undefined) {
    console.error(`usage: test/page/shot URL OUT.png [--dark] [--contrast] [--width N] [--height N] [--language de-de]
    [--click SELECTOR]… [--frame]
URL as test/page/serve prints it, with #/route; each SELECTOR is clicked in the page's frame before the picture;
--frame takes the frame only.`);
    process.exit(2);
}
const { origin, hash } = new URL(address);
const browser = await startBrowser();
const window = await openPage(browser, origin, {
    route: hash.replace(/^#/, "") || "/",
    theme: values.dark ? "dark" : "light",
    contrast: values.contrast ? "more" : "no-preference",
    language: values.language,
    width: Number(values.width),
    height: Number(values.height),
});
for (const selector of values.click) await window.frame.locator(selector).first().click();
await window.page.mouse.move(0, 0);
if (values.frame) await window.frame.locator("body").screenshot({ path: out, animations: "disabled" });
else await window.page.screenshot({ path: out, animations: "disabled" });
await window.close().catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
});
await browser.close();
