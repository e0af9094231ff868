// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { CLIENT, type Host, openPage, sharedBrowser, sampleHost, type Window } from "../harness/index.js";

const EXPORT = "/exports/nqn.2021-06.org.rapiddisk%3Asimhost-rd3";

describe("page: details", () => {
    let host: Host;
    let window: Window;
    const at = (test: string) => window.frame.locator(`[data-test="${test}"]`);
    const now = (chart: string, line: number) => at(chart).locator(`[data-test=now-${line}]`);
    const both = async (name: string): Promise<void> => {
        for (const theme of ["dark", "light"] as const) {
            await window.look({ theme });
            await window.shot(`page-${name}-${theme}`);
        }
    };

    before(async () => {
        host = await sampleHost();
        window = await openPage(await sharedBrowser(), host.url, { height: 1200 });
    });

    it("are behind the name in a row, with the way back", async () => {
        await both("overview");
        await window.frame.locator('[data-row$="/volumes/rd0"] [data-test=name] a').click();
        await at("details-volumes").waitFor();
        assert.equal(await window.frame.locator("h1").count(), 1);
        await window.page.goBack();
        await at("table-volumes").waitFor();
        await window.page.goForward();
        await at("details-volumes").waitFor();
        await at("home").click();
        await at("table-volumes").waitFor();
    });

    it("of a volume follow what it holds and what goes through it", async () => {
        await window.go("/volumes/rd0");
        await now("used", 0).filter({ hasText: "3 GiB" }).waitFor();
        await host.kernel("write", 0, 0, 2 ** 29);
        await now("used", 0).filter({ hasText: "3.5 GiB" }).waitFor();
        let operations = 0;
        let seen = false;
        const shown = now("iops", 0)
            .filter({ hasText: /[1-9]/ })
            .waitFor()
            .finally(() => (seen = true));
        while (!seen) {
            operations += 500;
            await host.kernel("setIoCounters", "rd0", { readIos: operations, readBytes: operations * 4096 });
            await new Promise((resolve) => setTimeout(resolve, 50));
        }
        await shown;
        assert.match((await at("throughput").locator("svg").getAttribute("aria-label")) ?? "", /iB\/s/);
        assert.equal(await at("journal").count(), 1);
        await both("volume");
    });

    it("show a chart as a table, too", async () => {
        const chart = at("used");
        await chart.locator("[data-test=as-table]").click();
        await chart.locator("tbody tr").first().waitFor();
        assert.match((await chart.locator("tbody tr").first().textContent()) ?? "", /3\.5 GiB/);
        assert.equal(await chart.locator("svg").count(), 0);
        await chart.locator("[data-test=as-table]").click();
        await chart.locator("svg").waitFor();
    });

    it("take no samples while the page is hidden", async () => {
        const hide = (hidden: boolean) =>
            window.evaluate(
                `Object.defineProperty(document, "hidden", { configurable: true, get: () => ${hidden} }); document.dispatchEvent(new Event("visibilitychange"))`,
            );
        await at("used").locator("[data-test=as-table]").click();
        const samples = () => window.evaluate<number>(`document.querySelectorAll("[data-test=used] tbody tr").length`);
        await at("used").locator("tbody tr").nth(2).waitFor();
        await hide(true);
        await window.until("cockpit.hidden", "a hidden page");
        const before = await samples();
        await window.evaluate("new Promise((resolve) => setTimeout(resolve, 3000))");
        // One may have been asked for before.
        assert.ok((await samples()) <= before + 1);
        await hide(false);
        await at("used")
            .locator("tbody tr")
            .nth(before + 1)
            .waitFor();
    });

    it("of a cache say how well it does, and follow", async () => {
        await window.go("/caches/rc-wt_sdb");
        await at("ratio").filter({ hasText: "90%" }).waitFor();
        assert.equal(await at("hits").textContent(), "81,000");
        assert.equal(await at("misses").textContent(), "9,000");
        assert.match((await at("spared").textContent()) ?? "", /316 MiB/);
        await host.kernel(
            "setStatus",
            "rc-wt_sdb",
            [92000, 12000, 82500, 9000, 3000, 9000, 12000, 0, 0, 9500, 12000, 82500, 9500],
        );
        await at("hits").filter({ hasText: "82,500" }).waitFor();
        await now("hit-ratio", 0).filter({ hasText: "75%" }).waitFor();
        await both("cache");
    });

    it("of an export say who is connected, or that it cannot be told, and how to connect", async () => {
        await window.go(EXPORT);
        await at("connections").locator(`[data-port="1"] [data-host="${CLIENT}"]`).waitFor();
        assert.equal(await at("way").count(), 2);
        const first = at("way").first();
        const line = await first.locator("[data-test=connect-command] code").textContent();
        assert.equal(
            line,
            `nvme connect -t tcp -a 192.0.2.10 -s 4420 -n nqn.2021-06.org.rapiddisk:simhost-rd3 -q ${CLIENT} --dhchap-secret KEY`,
        );
        await first.locator("[data-test=connect-command] [data-test=copy]").click();
        await window.until(
            `navigator.clipboard.readText().then((text) => text === ${JSON.stringify(line)})`,
            "the copy",
        );
        await both("export");
        await host.kernel("setSessions", { controllers: [] });
        await window.frame.locator(`[data-host="${CLIENT}"]`).waitFor({ state: "detached" });
    });

    it("of a port lead to its exports", async () => {
        await window.go("/ports/1");
        await both("port");
        await at("users").locator("a").click();
        await at("details-exports").waitFor();
    });

    it("say that an object is not there, also when it goes while it is looked at", async () => {
        await window.go("/volumes/rd99");
        await at("not-found").waitFor();
        await window.shot("page-not-found");
        await host.kernel("otherAttach", 99, 2 ** 24);
        await at("details-volumes").waitFor();
        await host.kernel("otherDetach", 99);
        await at("not-found").waitFor();
        await at("back").click();
        await at("table-volumes").waitFor();
    });

    it("makes no mistake", () => window.close());
});
