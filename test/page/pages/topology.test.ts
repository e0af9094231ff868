// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { CLIENT, type Host, openPage, sharedBrowser, sampleHost, type Window } from "../harness/index.js";

describe("page: topology", () => {
    let host: Host;
    let window: Window;
    /** What stands on what, from an outermost list item inwards: `what>what`. */
    const chain = (...what: string[]) =>
        window.frame.locator(`[data-test=topology] ${what.map((one) => `li > [data-node=${one}]`).join(" + ul > ")}`);

    before(async () => {
        host = await sampleHost();
        window = await openPage(await sharedBrowser(), host.url, { route: "/topology" });
    });

    it("leads from RAM disks to disks, users, exports and connected hosts", async () => {
        await chain("volume", "cache", "origin", "user").waitFor();
        await chain("volume", "export", "host").filter({ hasText: CLIENT }).waitFor();
        const outside = await window.evaluate<string[]>(
            `[...document.querySelectorAll("[data-node]:has([data-test=outside])")].map((node) => node.dataset.path)`,
        );
        assert.deepEqual(outside, ["/org/rapiddisk/Manager/volumes/rd7"]);
        await window.shot("page-topology-light");
        await window.look({ theme: "dark" });
        await window.shot("page-topology-dark");
        await window.look({ width: 400 });
        await window.shot("page-topology-narrow");
        await window.look({});
    });

    it("follows: a host that goes, a file system that is unmounted", async () => {
        await host.kernel("setSessions", { controllers: [] });
        await chain("volume", "export", "host").waitFor({ state: "detached" });
        await host.kernel("unmount", "dm-0", "/srv/data");
        await chain("volume", "cache", "origin", "user").waitFor({ state: "detached" });
    });

    it("is reached and left with keys alone", async () => {
        const link = window.frame.locator("[data-test=topology] [data-node=cache] a").first();
        await link.focus();
        await window.page.keyboard.press("Enter");
        await window.frame.locator("[data-test=details-caches]").waitFor();
        await window.frame.locator("[data-test=to-topology]").focus();
        await window.page.keyboard.press("Enter");
        await window.frame.locator("[data-test=topology]").waitFor();
        assert.match(await window.evaluate<string>("location.hash"), /topology/);
    });

    it("makes no mistake", () => window.close());
});
