// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { CLIENT } from "../harness/index.js";
import { DialogFixture, ROOT } from "./fixture.js";

const MIB = 2 ** 20;
const KEY = "DHHC-1:00:AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAl7OaH:";

describe("page: dialogs that were open while somebody else made a change", () => {
    let fixture: DialogFixture;
    /** Path of the export that the samples have, below the root. */
    let theirs = "";
    before(async () => {
        fixture = await DialogFixture.make();
        await fixture.host.kernel("setNvmetFeatures", { auth: true });
        const row = fixture.window.frame.locator(`[data-row^="${ROOT}/exports/"]`).filter({ hasText: "rd3" }).first();
        await row.waitFor();
        theirs = ((await row.getAttribute("data-row")) ?? "").replace(`${ROOT}/`, "");
        // An export whose host needs no key can be opened to any host.
        await other(theirs, "DenyHost", "sa{sv}", CLIENT, "0");
        await other(theirs, "AllowHost", "sa{sv}", CLIENT, "1", "no-key", "b", "true");
    });
    afterEach(() => fixture.tidy());
    after(() => fixture.close());

    /** Somebody else calls a method of an object. @param words signature and values, as busctl wants them */
    const other = (path: string, method: string, ...words: string[]) => {
        const kind = { volumes: "Volume", caches: "Cache", exports: "Export" }[path.replace(/\/.*/, "")];
        const call = ["busctl", "call", "org.rapiddisk.Manager", `${ROOT}/${path}`];
        return fixture.host.run([...call, `org.rapiddisk.Manager.${kind ?? ""}`, method, ...words]);
    };
    const moved = () => fixture.at("dialog-moved").waitFor();
    /** Submits, and checks that nothing was done but to ask for a second look. */
    const asksAgain = async (dialog: string) => {
        await moved();
        await fixture.submit();
        await fixture.focusedOn("moved-keep");
        assert.equal(await fixture.dialog(dialog).count(), 1);
    };
    const goOn = async () => {
        await fixture.click("moved-keep");
        await fixture.at("dialog-moved").waitFor({ state: "detached" });
    };
    const size = async (path: string) =>
        Number(
            (
                await fixture.host.run([
                    ...["busctl", "get-property", "org.rapiddisk.Manager", `${ROOT}/${path}`],
                    ...["org.rapiddisk.Manager.Volume", "Size"],
                ])
            ).split(" ")[1],
        );

    it("resize: an untouched field follows, and Enter changes nothing back", async () => {
        await fixture.act("volumes/rd7", "resize");
        assert.equal(await fixture.at("field-size").inputValue(), "256");
        await other("volumes/rd7", "Resize", "ta{sv}", String(512 * MIB), "0");
        await fixture.window.until(`document.querySelector("[data-test=field-size]").value === "512"`, "the new size");
        await fixture.press("Enter");
        await fixture.at("problem-size").waitFor();
        assert.equal(await size("volumes/rd7"), 512 * MIB);
    });

    it("resize: a touched field stays, and is looked at again", async () => {
        await fixture.act("volumes/rd7", "resize");
        await fixture.type("size", "300");
        await other("volumes/rd7", "Resize", "ta{sv}", String(1024 * MIB), "0");
        await moved();
        await fixture.pictures("resize-moved");
        await asksAgain("resize");
        assert.equal(await size("volumes/rd7"), 1024 * MIB);
        await fixture.click("moved-drop");
        await fixture.at("dialog-moved").waitFor({ state: "detached" });
        assert.equal(await fixture.at("field-size").inputValue(), "1");
        await fixture.type("size", "700M");
        await other("volumes/rd7", "Resize", "ta{sv}", String(512 * MIB), "0");
        await asksAgain("resize");
        await goOn();
        await fixture.submit();
        await fixture.closed("resize");
        assert.equal(await size("volumes/rd7"), 700 * MIB);
    });

    it("mode: follows, and is looked at again once chosen", async () => {
        const cache = "caches/rc_2dwa_5fsdd1";
        await fixture.act(cache, "mode");
        await other(cache, "SetMode", "sa{sv}", "write-through", "0");
        await fixture.window.frame.locator("[data-test=field-mode-write-through]:checked").waitFor();
        await fixture.click("field-mode-pass-through");
        await other(cache, "SetMode", "sa{sv}", "write-around", "0");
        await asksAgain("mode");
        await fixture.pictures("mode-moved");
        await goOn();
        assert.equal(await fixture.at("field-mode-pass-through").isChecked(), true);
        await fixture.submit();
        await fixture.closed("mode");
    });

    it("ports: only what was changed here is changed", async () => {
        await fixture.host.run([
            ...["busctl", "call", "org.rapiddisk.Manager", ROOT, "org.rapiddisk.Manager", "CreatePort", "ussa{sv}"],
            ...["3", "tcp", "127.0.0.1", "1", "service", "s", "4423"],
        ]);
        await fixture.row("ports/3").waitFor();
        const before = (await fixture.act(theirs, "ports")).locator("[data-test=field-ports-2]");
        const was = await before.isChecked();
        await fixture.click("field-ports-2");
        await other(theirs, "AddPort", "ua{sv}", "3", "0");
        await fixture.window.frame.locator("[data-test=field-ports-3]:checked").waitFor();
        assert.match(await fixture.command(), new RegExp(`^rapiddisk export ${was ? "remove" : "add"}-port [^ ]+ 2$`));
        await fixture.submit();
        await fixture.closed("ports");
        const words = await fixture.host.run(["rapiddisk", "export", "list", "--json"]);
        assert.match(words, /ports\/3/);
    });

    it("a host that is allowed would end that any host may connect: that is said again", async () => {
        await fixture.act(theirs, "allow-host");
        await fixture.type("host", "nqn.2014-08.org.example:web9");
        await fixture.click("field-how-none");
        await other(theirs, "SetAllowAnyHost", "ba{sv}", "true", "0");
        await asksAgain("allow-host");
        await fixture.pictures("allow-host-moved");
        await goOn();
        await fixture.submit();
        await fixture.closed("allow-host");
    });

    it("any host: another host that is named meanwhile is not dropped unseen", async () => {
        await fixture.act(theirs, "any-host");
        await other(theirs, "AllowHost", "sa{sv}", "nqn.2014-08.org.example:web10", "1", "no-key", "b", "true");
        await moved();
        if ((await fixture.at("field-accepted").count()) > 0) await fixture.click("field-accepted");
        await asksAgain("any-host");
        await goOn();
        await fixture.press("Escape");
        await fixture.closed("any-host");
    });

    it("keys: one that somebody else gave meanwhile is not replaced unseen", async () => {
        const host = "nqn.2014-08.org.example:web10";
        await fixture.act(theirs, "host-keys");
        await fixture.at("field-host").selectOption(host);
        await other(theirs, "SetHostKeys", "sa{sv}", host, "1", "key", "s", KEY);
        await asksAgain("host-keys");
        await fixture.pictures("host-keys-moved");
        const [kept] = (await fixture.host.kernel("nvmetKeys", host)) as string[];
        assert.equal(kept, KEY);
        await other(theirs, "DenyHost", "sa{sv}", host, "0");
    });

    it("what was to be done is done already: that is said, and nothing is done", async () => {
        await fixture.act("volumes/rd4", "lock");
        await other("volumes/rd4", "SetReadOnly", "ba{sv}", "false", "0");
        await fixture.at("dialog-obstacle").waitFor();
        await fixture.pictures("lock-done");
        await fixture.press("Escape");
        await fixture.closed("lock");

        await fixture.act(theirs, "enable");
        await other(theirs, "SetEnabled", "ba{sv}", "false", "0");
        await fixture.at("dialog-obstacle").waitFor();
        await fixture.press("Escape");
        await fixture.closed("enable");

        await fixture.act("volumes/rd4", "persist");
        await other("volumes/rd4", "SetPersistent", "ba{sv}", "true", "0");
        await fixture.at("dialog-obstacle").waitFor();
        await fixture.press("Escape");
        await fixture.closed("persist");

        await fixture.act(theirs, "any-host");
        await other(theirs, "SetAllowAnyHost", "ba{sv}", "true", "0");
        await fixture.at("dialog-obstacle").waitFor();
        await fixture.press("Escape");
        await fixture.closed("any-host");
    });

    it("create: a port that somebody else makes meanwhile is not chosen by itself", async () => {
        await fixture.create("create-export");
        await fixture.host.run([
            ...["busctl", "call", "org.rapiddisk.Manager", ROOT, "org.rapiddisk.Manager", "CreatePort", "ussa{sv}"],
            ...["4", "tcp", "192.0.2.10", "1", "service", "s", "4424"],
        ]);
        await fixture.at("field-ports-4").waitFor();
        assert.equal(await fixture.at("field-ports-4").isChecked(), false);
        assert.equal(await fixture.at("field-ports-1").isChecked(), true);
        await fixture.press("Escape");
        await fixture.closed("create-export");
    });

    it("makes no mistake", () => assert.deepEqual(fixture.window.faults, []));
});
