// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** One browser for all tests of a run. */
import type { Browser } from "playwright-core";
import { startBrowser } from "./browser.js";

let browser: Promise<Browser> | undefined;

/** The browser of this run. */
export function sharedBrowser(): Promise<Browser> {
    browser ??= startBrowser();
    return browser;
}

after(async () => (await browser)?.close());
