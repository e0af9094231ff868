// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** The page where the system gives all colours, as contrast themes do: backgrounds go, and nothing may be told by them alone. */
import assert from "node:assert/strict";
import { callManager, click, type Host, openPage, sharedBrowser, sampleHost, type Window } from "../harness/index.js";

const CACHE = "/org/rapiddisk/Manager/caches/rc_2dwb_5fsdc";

describe("page: for everyone, where the system gives the colours", () => {
    let host: Host;
    let ended: Promise<unknown> = Promise.resolve();

    before(async () => {
        host = await sampleHost();
        await callManager(host, "CreateVolume", "ta{sv}", String(2 ** 28), "1", "number", "u", "30");
        await callManager(host, "CreateCache", "sssa{sv}", "rd30", "/dev/sdc", "writeback", "0");
        await host.kernel("steps.resetSteps");
        await host.kernel("steps.hangStep", 1);
        const call = ["busctl", "--timeout=120", "call", "org.rapiddisk.Manager", CACHE];
        ended = host.run([...call, "org.rapiddisk.Manager.Cache", "Flush", "a{sv}", "0"]).catch(() => {});
    });
    after(async () => {
        await host.kernel("steps.releaseHung");
        await ended;
    });

    /** A property of the first element that fits, as it is drawn. */
    const style = (window: Window, selector: string, property: string, pseudo = "") =>
        window.evaluate<string>(
            `getComputedStyle(document.querySelector(${JSON.stringify(selector)}), ${JSON.stringify(pseudo)})[${JSON.stringify(property)}]`,
        );

    for (const theme of ["light", "dark"] as const) {
        it(`bars, legends, dialogs and buttons are seen: ${theme}`, async () => {
            const window = await openPage(await sharedBrowser(), host.url, { theme, forcedColors: "active" });
            const at = (test: string) => window.frame.locator(`[data-test="${test}"]`);
            await at("progress").waitFor();
            await window.shot(`forced-${theme}-overview`);
            const bar = ".pf-v6-c-progress__bar";
            assert.notEqual(
                await style(window, `${bar} .pf-v6-c-progress__indicator`, "backgroundColor"),
                await style(window, "body", "backgroundColor"),
                "how far work is",
            );
            assert.notEqual(await style(window, bar, "outlineStyle"), "none", "how long the bar is");
            await click(window, at("create-volume"));
            await at("dialog-create-volume").waitFor();
            await window.shot(`forced-${theme}-dialog`);
            assert.notEqual(
                await style(window, ".pf-v6-c-modal-box", "outlineStyle"),
                "none",
                "the edge of the dialog",
            );
            const edge = await window.evaluate<string>(
                `(() => {
                    const button = document.querySelector("[data-test=dialog-submit]");
                    const styles = [getComputedStyle(button), getComputedStyle(button, "::before"), getComputedStyle(button, "::after")];
                    return styles.map((one) => one.borderTopStyle + " " + parseFloat(one.borderTopWidth)).join(", ");
                })()`,
            );
            assert.match(edge, /(solid|outset) [1-9]/, "the edge of the button");
            await window.page.keyboard.press("Escape");
            await at("dialog-create-volume").waitFor({ state: "detached" });
            await window.go("/topology");
            await at("topology").waitFor();
            await window.shot(`forced-${theme}-topology`);
            await window.go("/caches/rc-wb_sdc");
            await window.frame.locator(".rd-legend .rd-swatch.rd-line-0").first().waitFor();
            await window.shot(`forced-${theme}-cache`);
            assert.equal(
                await style(window, ".rd-legend .rd-swatch.rd-line-0", "backgroundColor"),
                await style(window, "body", "color"),
                "the colour in a legend is that of its line",
            );
            await window.close();
        });
    }
});
