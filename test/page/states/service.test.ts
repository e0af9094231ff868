// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { basename } from "node:path";
import { callManager, fill, type Host, openPage, sharedBrowser, startHost, type Window } from "../harness/index.js";

describe("page: the service comes and goes", () => {
    let host: Host;
    let window: Window;
    const phase = (name: string) => window.frame.locator(`[data-phase="${name}"]`).waitFor({ state: "attached" });
    const row = (name: string) => window.frame.locator(`[data-row="/org/rapiddisk/Manager/volumes/${name}"]`);
    /** Anyone who loads the page again loses this. */
    const mark = () => window.evaluate("window.stillHere = true");
    const marked = () => window.evaluate("window.stillHere === true");

    before(async () => {
        host = await startHost();
        await fill(host);
        window = await openPage(await sharedBrowser(), host.url);
        await mark();
    });
    after(async () => {
        await host.stop();
    });

    it("shows what others make, change and remove, at once", async () => {
        await host.kernel("otherAttach", 11, 2 ** 24);
        await row("rd11").waitFor();
        await host.kernel("otherResize", 11, 2 ** 25);
        await row("rd11").filter({ hasText: "32" }).waitFor();
        await host.kernel("otherDetach", 11);
        await row("rd11").waitFor({ state: "detached" });
    });

    it("says that it was stopped, and starts it when asked to", async () => {
        host.allowService(false);
        await host.stopService();
        await phase("stopped");
        assert.equal(await row("rd0").count(), 0);
        await window.shot("state-stopped");
        host.allowService(true);
        await window.frame.locator("[data-test=retry]").click();
        await phase("ready");
        await row("rd0").waitFor();
    });

    it("comes back by itself when the service does, with nothing that is gone meanwhile", async () => {
        await row("rd4").waitFor();
        await host.stopService("KILL");
        await host.startService();
        await callManager(host, "CreateVolume", "ta{sv}", String(2 ** 24), "1", "number", "u", "20");
        await row("rd20").waitFor();
        await host.run(["busctl", "call", "org.rapiddisk.Manager", ...volume("rd4"), "Remove", "a{sv}", "0"]);
        await row("rd4").waitFor({ state: "detached" });
    });

    it("does not keep a row that went away while the service was dead", async () => {
        await host.kernel("otherAttach", 12, 2 ** 24);
        await row("rd12").waitFor();
        // The simulated kernel lives in the service, so it loses the disk just before it dies.
        host.allowService(false);
        await host.kernel("setEventsLost", true);
        await host.kernel("otherDetach", 12);
        await host.stopService("KILL");
        host.allowService(true);
        await host.startService();
        await phase("ready");
        await row("rd20").waitFor();
        assert.equal(await row("rd12").count(), 0);
    });

    it("says why it cannot be started", async () => {
        host.allowService(false);
        await host.stopService();
        await phase("stopped");
        await window.frame.locator("[data-test=retry]").click();
        await phase("failed");
        await window.shot("state-failed");
        host.allowService(true);
        await window.frame.locator("[data-test=retry]").click();
        await phase("ready");
    });

    it("names modules that cannot be had, and raises no alarm for one that is only not loaded", async () => {
        await host.kernel("setModule", "rapiddisk_cache", { loaded: false });
        const unloaded = window.frame.locator("[data-test=not-loaded]").filter({ hasText: "rapiddisk_cache" });
        await unloaded.waitFor();
        assert.equal(await window.frame.locator("[data-test=modules]").count(), 0);
        await window.frame.locator("[data-test=service] [data-test=load-modules]").click();
        await window.frame.locator("[data-test=dialog-submit]").click();
        await unloaded.waitFor({ state: "detached" });

        await host.kernel("setModule", "rapiddisk_cache", { loaded: false, available: false });
        await window.frame.locator("[data-test=modules] [data-module=rapiddisk_cache]").waitFor();
        await window.shot("state-modules");
        await host.kernel("setModule", "rapiddisk_cache", { loaded: true, available: true });
        await window.frame.locator("[data-test=modules]").waitFor({ state: "detached" });
    });

    it("says when it is not installed any more, and when it is again", async () => {
        await host.run(["mv", ACTIVATION, "/tmp"]);
        await host.run(["busctl", "call", ...BUS, "ReloadConfig"]);
        await host.stopService();
        await phase("stopped");
        await window.frame.locator("[data-test=retry]").click();
        await phase("missing");
        await window.shot("state-missing");
        await host.run(["mv", `/tmp/${basename(ACTIVATION)}`, ACTIVATION]);
        await host.run(["busctl", "call", ...BUS, "ReloadConfig"]);
        await window.frame.locator("[data-test=retry]").click();
        await phase("ready");
    });

    it("shows the new service after an upgrade, which takes its files away and brings others", async () => {
        const version = window.frame.locator("[data-test=version]");
        const before = (await version.textContent()) ?? "";
        assert.match(before, /^[0-9.]+$/);
        await host.run(["mv", ACTIVATION, "/tmp"]);
        await host.run(["busctl", "call", ...BUS, "ReloadConfig"]);
        await host.stopService();
        await phase("stopped");
        const files = ["/usr/lib/rapiddisk/rapiddiskd.cjs", "/usr/share/cockpit/rapiddisk/manifest.json"];
        await host.run(["sed", "-i", `s/"${before}"/"99.0.0"/`, ...files]);
        await host.run(["mv", `/tmp/${basename(ACTIVATION)}`, ACTIVATION]);
        await host.run(["busctl", "call", ...BUS, "ReloadConfig"]);
        await host.startService();
        await phase("ready");
        await version.filter({ hasText: "99.0.0" }).waitFor();
        await row("rd0").waitFor();
        await window.frame.locator("[data-test=create-volume]").click();
        await window.frame.locator("[data-test=field-number]").fill("21");
        await window.frame.locator("[data-test=dialog-submit]").click();
        await row("rd21").waitFor();
    });

    it("is never loaded again, and makes no mistake in all that", async () => {
        assert.equal(await marked(), true, "the page was loaded again");
        await window.close();
    });

    it("is not in the menu of a host without the service", async () => {
        const policy = "/usr/share/dbus-1/system.d/org.rapiddisk.Manager.conf";
        await host.run(["mv", policy, "/tmp"]);
        const page = await (await sharedBrowser()).newPage();
        await page.goto(`${host.url}/system/terminal`);
        await page.locator("#host-apps a[href='/system/terminal']").first().waitFor();
        // A bridge that has been running looks at the conditions of its pages again when it is asked for them.
        await page.locator("#host-apps a[href='/rapiddisk']").waitFor({ state: "detached" });
        await page.close();
    });
});

const ACTIVATION = "/usr/share/dbus-1/system-services/org.rapiddisk.Manager.service";
const BUS = ["org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus"];
const volume = (name: string) => [`/org/rapiddisk/Manager/volumes/${name}`, "org.rapiddisk.Manager.Volume"];
