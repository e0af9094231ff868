// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { type Host, openPage, sharedBrowser, sampleHost } from "../harness/index.js";

/** What is shorter than this, in ms, nobody sees move. */
const UNSEEN = 1;

describe("page: for everyone, who wants little to move", () => {
    let host: Host;

    before(async () => {
        host = await sampleHost();
    });

    /** How long each thing moves, in ms, on the way from a menu to a dialog with a mistake and to work that takes a while. */
    async function movements(reducedMotion: "reduce" | "no-preference"): Promise<number[]> {
        const window = await openPage(await sharedBrowser(), host.url, { reducedMotion });
        const at = (test: string) => window.frame.locator(`[data-test="${test}"]`);
        await window.evaluate(NOTE);
        await window.frame.locator("[data-row$='/volumes/rd4'] [data-test=actions]").click();
        await window.frame.locator("[role=menuitem]").first().waitFor();
        await window.page.keyboard.press("Escape");
        await at("create-volume").click();
        await at("field-size").fill("lots");
        await at("dialog-submit").click();
        await at("problem-size").waitFor();
        await at("field-size").fill("8 MiB");
        await host.kernel("steps.resetSteps");
        await host.kernel("steps.hangStep", 1);
        await at("dialog-submit").click();
        await at("dialog-progress").waitFor();
        await host.kernel("steps.releaseHung");
        await at("dialog-create-volume").waitFor({ state: "detached" });
        const moved = await window.evaluate<(number | null)[]>("window.moved");
        await window.close();
        // JSON has no infinity: a thing that never stops.
        return moved.map((time) => time ?? Infinity);
    }

    it("sees what moves move, who has said nothing", async () => {
        assert.ok(Math.max(...(await movements("no-preference"))) > 50);
    });

    it("sees nothing move, who asks for that", async () => {
        assert.deepEqual(
            (await movements("reduce")).filter((time) => time > UNSEEN),
            [],
        );
    });
});

/** Notes how long everything moves that begins to, wherever it is in the page. */
const NOTE = `(() => {
    window.moved = [];
    for (const kind of ["animationstart", "transitionrun"]) {
        document.addEventListener(kind, ({ target }) => {
            for (const one of target.getAnimations()) {
                const time = one.effect.getComputedTiming().activeDuration;
                window.moved.push(Number.isFinite(time) ? time : null);
            }
        }, true);
    }
})()`;
