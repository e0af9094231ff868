// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

export { axe, LOOKS, tooWide } from "./axe.js";
export { logIn, openPage, startBrowser, type View, type Window } from "./browser.js";
export { startHost, type Host, type HostOptions } from "./host.js";
export { click, covered, pointAt } from "./mouse.js";
export { callManager, CLIENT, crowd, fill, furnish } from "./sample.js";
export { sampleHost, sharedBrowser } from "./shared.js";
