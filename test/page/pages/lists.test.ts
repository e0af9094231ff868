// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { type Host, openPage, sharedBrowser, sampleHost, type Window } from "../harness/index.js";

const ROOT = "/org/rapiddisk/Manager";

describe("page: overview", () => {
    let host: Host;
    let window: Window;
    const at = (test: string) => window.frame.locator(`[data-test="${test}"]`);
    /** Names in a table, from top to bottom. */
    const names = (kind: string) =>
        window.evaluate<string[]>(
            `[...document.querySelectorAll("[data-test=table-${kind}] [data-row] [data-test=name] a")].map((a) => a.textContent)`,
        );
    const namesAre = (kind: string, ...wanted: string[]) =>
        window.until(
            `JSON.stringify([...document.querySelectorAll("[data-test=table-${kind}] [data-row] [data-test=name] a")].map((a) => a.textContent)) === ${JSON.stringify(JSON.stringify(wanted))}`,
            `${kind}: ${wanted.join(", ")}`,
        );
    const address = () => window.evaluate<string>("location.hash");

    before(async () => {
        host = await sampleHost();
        window = await openPage(await sharedBrowser(), host.url);
    });

    it("says what memory is used for, in words too", async () => {
        const facts: Record<string, string> = {};
        for (const part of ["total", "held", "available", "committed"]) {
            facts[part] = (await at(`memory-${part}`).textContent()) ?? "";
        }
        assert.match(facts.total ?? "", /^64 GiB/);
        assert.match(facts.held ?? "", /^3\.5 GiB/);
        assert.match(facts.available ?? "", /^41 GiB/);
        assert.match(facts.committed ?? "", /^10\.3 GiB/);
        const picture = await at("memory").locator("svg").getAttribute("aria-label");
        for (const part of ["64 GiB", "3.5 GiB", "41 GiB", "10.3 GiB"]) assert.ok(picture?.includes(part), part);
        await host.kernel("setMemory", { total: 128 * 2 ** 30, available: 30 * 2 ** 30 });
        await at("memory-available").filter({ hasText: "30 GiB" }).waitFor();
        await at("memory-total").filter({ hasText: "128 GiB" }).waitFor();
    });

    it("has every object with what uses it, and marks what others made", async () => {
        await namesAre("volumes", "rd0", "rd1", "rd2", "rd3", "rd4", "rd7");
        const row = (path: string) => window.frame.locator(`[data-row="${ROOT}/${path}"]`);
        assert.match((await row("volumes/rd0").locator("[data-test=users]").textContent()) ?? "", /\/srv\/scratch/);
        assert.equal(await row("volumes/rd0").locator("[data-test=saved]").count(), 1);
        assert.equal(await row("volumes/rd4").locator("[data-test=locked]").count(), 1);
        await row("volumes/rd7").locator("[data-test=outside]").waitFor();
        for (const ours of ["volumes/rd0", "volumes/rd4", "caches/rc_2dwt_5fsdb"]) {
            assert.equal(await row(ours).locator("[data-test=outside]").count(), 0, ours);
        }
        await host.kernel("otherCreateMapping", "theirs", "", {
            length: 2048,
            type: "rapiddisk-cache",
            params: "/dev/sdc /dev/rd7 524288 0",
        });
        await row("caches/theirs").locator("[data-test=outside]").waitFor();
        await host.kernel("otherRemoveMapping", "theirs");
        await row("caches/theirs").waitFor({ state: "detached" });
        await host.kernel("otherNvmetCreate", { kind: "port", id: 9 });
        await row("ports/9").locator("[data-test=outside]").waitFor();
        assert.equal(await row("ports/1").locator("[data-test=outside]").count(), 0);
        await host.kernel("otherNvmetRemove", { kind: "port", id: 9 });
        await row("ports/9").waitFor({ state: "detached" });
    });

    it("sorts by a click on a head, and the address keeps the order of each table", async () => {
        await at("table-volumes").locator("[data-test=sort-size] button").click();
        await namesAre("volumes", "rd7", "rd2", "rd4", "rd1", "rd3", "rd0");
        await at("table-volumes").locator("[data-test=sort-size] button").click();
        await namesAre("volumes", "rd0", "rd1", "rd3", "rd2", "rd4", "rd7");
        await at("table-ports").locator("[data-test=sort-address] button").click();
        await namesAre("ports", "2", "1");
        assert.match(await address(), /volumes=-size/);
        assert.match(await address(), /ports=address/);
    });

    it("finds words anywhere, in a kind and a state, and the address says so", async () => {
        await window.go("/");
        await namesAre("volumes", "rd0", "rd1", "rd2", "rd3", "rd4", "rd7");
        await window.frame.locator("input[data-test=find], [data-test=find] input").first().fill("srv data");
        await namesAre("volumes", "rd1");
        await namesAre("caches", "rc-wt_sdb");
        await at("show").selectOption("volumes");
        await at("list-caches").waitFor({ state: "detached" });
        await at("only").selectOption("free");
        await at("no-match").waitFor();
        assert.match(await address(), /find=srv%20data/);
        assert.match(await address(), /show=volumes/);
        assert.match(await address(), /only=free/);
        await at("clear").click();
        await namesAre("volumes", "rd0", "rd1", "rd2", "rd3", "rd4", "rd7");
    });

    it("shows at once what an address asks for", async () => {
        await window.go("/?show=volumes&only=saved&volumes=-name");
        await namesAre("volumes", "rd3", "rd1", "rd0");
        assert.deepEqual(await names("caches"), []);
        await window.go("/");
        await namesAre("caches", "rc-wa_sdd1", "rc-wt_sdb");
    });

    it("says of an address that leads nowhere that it does", async () => {
        for (const route of ["/nonsense/foo", "/volumes", "/volumes/rd0/x"]) {
            await window.go(route);
            await at("nowhere").filter({ hasText: route }).waitFor();
            assert.equal(await at("list-volumes").count(), 0);
            await at("back").click();
            await at("list-volumes").waitFor();
        }
    });

    it("has a menu in each row that keys open, walk through and close", async () => {
        const button = window.frame.locator(`[data-row="${ROOT}/volumes/rd4"] [data-test=actions]`);
        const focus = () =>
            window.evaluate<string>(
                "document.activeElement.getAttribute('role') ?? document.activeElement.dataset.test ?? ''",
            );
        await button.focus();
        await window.page.keyboard.press("Enter");
        await window.until("document.activeElement.getAttribute('role') === 'menuitem'", "the focus in the menu");
        const first = await window.evaluate<string>("document.activeElement.textContent");
        await window.page.keyboard.press("ArrowDown");
        assert.notEqual(await window.evaluate<string>("document.activeElement.textContent"), first);
        assert.equal(await focus(), "menuitem");
        await window.page.keyboard.press("Escape");
        await window.frame.locator("[role=menu]").waitFor({ state: "detached" });
        assert.equal(await focus(), "actions");
        await button.click();
        await window.frame.locator("[role=menu]").waitFor();
        await window.frame.locator("h1").click();
        await window.frame.locator("[role=menu]").waitFor({ state: "detached" });
    });

    it("makes no mistake", () => window.close());
});
