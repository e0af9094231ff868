// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { callManager, type Host, openPage, sharedBrowser, sampleHost, type Window } from "../harness/index.js";

const CACHE = "/org/rapiddisk/Manager/caches/rc_2dwb_5fsdc";

describe("page: work in the background", () => {
    let host: Host;
    let window: Window;
    const at = (test: string) => window.frame.locator(`[data-test="${test}"]`);
    /** Has the service flush, as somebody else's program does, and does not wait for the end. */
    const flush = async (): Promise<{ ended: Promise<unknown> }> => {
        await host.kernel("steps.resetSteps");
        await host.kernel("steps.hangStep", 1);
        const call = ["busctl", "--timeout=120", "call", "org.rapiddisk.Manager", CACHE];
        return { ended: host.run([...call, "org.rapiddisk.Manager.Cache", "Flush", "a{sv}", "0"]).catch(() => {}) };
    };

    before(async () => {
        host = await sampleHost();
        await callManager(host, "CreateVolume", "ta{sv}", String(2 ** 28), "1", "number", "u", "30");
        await callManager(host, "CreateCache", "sssa{sv}", "rd30", "/dev/sdc", "writeback", "0");
        await callManager(host, "CreateVolume", "ta{sv}", String(2 ** 28), "1", "number", "u", "31");
        window = await openPage(await sharedBrowser(), host.url);
    });

    it("is shown with its progress once it takes a while, on every page, and a message says when it has ended", async () => {
        const { ended } = await flush();
        await at("progress").waitFor();
        await window.shot("page-job");
        await window.go("/volumes/rd0");
        await at("jobs").waitFor();
        await host.kernel("steps.releaseHung");
        await ended;
        await at("toast").waitFor();
        await at("jobs").waitFor({ state: "detached" });
        await window.shot("page-toast");
        assert.equal(await at("toast").count(), 1);
        await at("toast").locator("button").first().click();
        await at("toast").waitFor({ state: "detached" });
    });

    it("says what it waits for", async () => {
        await host.kernel("open", "rd31", "systemd-udevd", 77);
        const volume = "/org/rapiddisk/Manager/volumes/rd31";
        const call = ["busctl", "--timeout=120", "call", "org.rapiddisk.Manager", volume];
        const ended = host.run([...call, "org.rapiddisk.Manager.Volume", "Remove", "a{sv}", "0"]).catch(() => {});
        const message = at("job-message").filter({ hasText: "systemd-udevd" });
        await message.waitFor();
        assert.match((await message.textContent()) ?? "", /^Waiting until systemd-udevd \(pid 77\) has closed rd31\.$/);
        assert.equal(await message.locator("[lang=en]").count(), 1);
        await window.shot("page-job-message");
        await host.kernel("closeOpener", "rd31", 77);
        await ended;
        await message.waitFor({ state: "detached" });
    });

    it("makes no mistake", () => window.close());
});
