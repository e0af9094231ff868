// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { crowd, type Host, openPage, sharedBrowser, startHost, type Window } from "../harness/index.js";

const COUNT = 500;

describe("page: 500 volumes", () => {
    let host: Host;
    let window: Window;
    const rows = () => window.evaluate<number>(`document.querySelectorAll("[data-row]").length`);

    before(async () => {
        host = await startHost();
        await crowd(host, COUNT);
        window = await openPage(await sharedBrowser(), host.url);
    });
    after(() => host.stop());

    it("are all there", async () => {
        await window.until(`document.querySelectorAll("[data-row]").length === ${COUNT}`, "500 rows");
        await window.shot("many");
    });

    it("do not make the page lay itself out again and again when all of them change", async () => {
        const session = await window.page.context().newCDPSession(window.page);
        await session.send("Performance.enable");
        const layouts = async (): Promise<number> => {
            const { metrics } = await session.send("Performance.getMetrics");
            return metrics.find(({ name }) => name === "LayoutCount")?.value ?? 0;
        };
        const before = await layouts();
        await host.kernel("setEventsLost", true);
        for (let number = 0; number < COUNT; number++) await host.kernel("otherResize", number, 64 * 2 ** 20);
        await host.kernel("setEventsLost", false);
        await host.kernel("otherAttach", COUNT, 2 ** 20);
        await window.frame.locator(`[data-row$="/rd${COUNT}"]`).waitFor({ state: "attached" });
        await window.frame
            .locator(`[data-row$="/rd${COUNT - 1}"]`)
            .filter({ hasText: "64" })
            .waitFor();
        const after = await layouts();
        // A menu in each row that looks at its place would cost a layout for each row and change.
        assert.ok(after - before < COUNT, `${after - before} layouts`);
    });

    it("are filtered to one, and the address says so", async () => {
        await window.frame.locator("[data-test=find] input, input[data-test=find]").first().fill("rd123");
        await window.until(`document.querySelectorAll("[data-row]").length === 1`, "one row");
        assert.match(await window.evaluate("location.hash"), /rd123/);
        assert.equal(await rows(), 1);
    });

    it("make no mistake", () => window.close());
});
