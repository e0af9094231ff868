// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { Desk } from "./desk.js";

const HOST = "nqn.2014-08.org.example:web1";

describe("page: dialogs of ports and exports", () => {
    let desk: Desk;
    /** Object path of the export that the tests make, below the root. */
    let made = "";
    before(async () => {
        desk = await Desk.make();
        await desk.host.kernel("setNvmetFeatures", { auth: true });
    });
    afterEach(() => desk.tidy());
    after(() => desk.close());

    it("port create: checks what is typed, and keeps it on an error of the service", async () => {
        await desk.create("create-port");
        assert.equal(await desk.focused(), "field-transport-tcp");
        await desk.at("field-address-choice").selectOption("other");
        await desk.type("address", "not an address");
        await desk.type("service", "0");
        await desk.press("Enter");
        await desk.at("problem-address").waitFor();
        await desk.at("problem-service").waitFor();
        assert.equal(await desk.focused(), "field-address");
        await desk.type("address", "203.0.113.9");
        await desk.type("service", "4422");
        assert.equal(await desk.command(), "rapiddisk port create tcp 203.0.113.9 --service 4422");
        await desk.press("Enter");
        assert.equal(await desk.error(), "NotFound");
        await desk.pictures("create-port-error");
        assert.equal(await desk.at("field-service").inputValue(), "4422");
        await desk.type("address", "127.0.0.1");
        await desk.press("Enter");
        await desk.closed("create-port");
        await desk.row("ports/3").waitFor();
    });

    it("port: saved at boot, and removed only while no export is on it", async () => {
        await desk.act("ports/3", "persist");
        assert.equal(await desk.command(), "rapiddisk port persist 3");
        await desk.submit();
        await desk.closed("persist");
        const dialog = await desk.act("ports/1", "remove");
        await dialog.locator("[data-test=dialog-users]").waitFor();
        await desk.pictures("remove-port-in-use");
        await desk.press("Escape");
        await desk.closed("remove");
        await desk.act("ports/3", "remove");
        assert.equal(await desk.command(), "rapiddisk port remove 3");
        await desk.submit();
        await desk.closed("remove");
        await desk.row("ports/3").waitFor({ state: "detached" });
    });

    it("export create: nobody gets in by mistake, and a wrong NQN is told", async () => {
        await desk.create("create-export");
        await desk.at("field-device").selectOption("rd7");
        assert.equal(await desk.at("field-who-named").isChecked(), true);
        await desk.submit();
        await desk.at("problem-hosts").waitFor();
        await desk.type("hosts", `${HOST}\nwrong/name`);
        await desk.at("problem-hosts").waitFor();
        await desk.type("hosts", HOST);
        await desk.at("problem-hosts").waitFor({ state: "detached" });
        await desk.click("field-no-key");
        assert.equal(await desk.command(), `rapiddisk export create rd7 --port 1,2 --host ${HOST} --no-key`);
        await desk.click("field-no-key");
        assert.equal(await desk.command(), `rapiddisk export create rd7 --port 1,2 --host ${HOST}`);
        await desk.pictures("create-export");
        await desk.host.kernel("steps.failVerb", "nvmetCreate", "EIO");
        await desk.submit();
        assert.equal(await desk.error(), "Failed");
        assert.equal(await desk.at("field-hosts").inputValue(), HOST);
        await desk.submit();
        await desk.dialog("key").waitFor();
        const key = (await desk.at("made-key").textContent()) ?? "";
        assert.deepEqual(((await desk.host.kernel("nvmetKeys", HOST)) as string[])[0], key);
        await desk.pictures("created-keys");
        await desk.click("dialog-cancel");
        await desk.closed("key");
        assert.equal(desk.host.serviceLog().includes(key), false);
        const row = desk.window.frame
            .locator('[data-row^="/org/rapiddisk/Manager/exports/"]')
            .filter({ hasText: "rd7" });
        await row.first().waitFor();
        made = ((await row.first().getAttribute("data-row")) ?? "").replace("/org/rapiddisk/Manager/", "");
    });

    it("export create: neither a device nor any host is chosen by itself, whatever the ports", async () => {
        await desk.host.kernel("otherAttach", 8, 2 ** 24);
        await desk.row("volumes/rd8").waitFor();
        await desk.create("create-export");
        assert.equal(await desk.at("field-device").inputValue(), "");
        await desk.submit();
        await desk.at("problem-device").waitFor();
        await desk.focusedOn("field-device");
        await desk.pictures("create-export-nothing");
        await desk.at("field-device").selectOption("rd8");
        for (const port of ["1", "2"]) await desk.click(`field-ports-${port}`);
        assert.equal(await desk.at("field-who-named").isChecked(), true);
        await desk.submit();
        await desk.at("problem-hosts").waitFor();
        await desk.click("field-who-any");
        assert.match(await desk.command(), /export create rd8 --allow-any-host$/);
        await desk.press("Escape");
        await desk.closed("create-export");
    });

    it("allow a host with a key that is made here and shown once; deny it again", async () => {
        await desk.act(made, "allow-host");
        await desk.type("host", HOST);
        await desk.press("Enter");
        await desk.at("problem-host").waitFor();
        const other = "nqn.2014-08.org.example:web2";
        await desk.type("host", other);
        await desk.click("field-how-none");
        assert.match(await desk.command(), / export allow .* nqn.2014-08.org.example:web2 --no-key$/);
        await desk.click("field-how-make");
        assert.match(await desk.command(), / export allow .* nqn.2014-08.org.example:web2 --generate-key$/);
        await desk.pictures("allow-host");
        await desk.submit();
        await desk.dialog("key").waitFor();
        const key = (await desk.at("made-key").textContent()) ?? "";
        assert.match(key, /^DHHC-1:00:[A-Za-z0-9+/]+={0,2}:$/);
        await desk.pictures("key");
        const [kept] = (await desk.host.kernel("nvmetKeys", other)) as string[];
        assert.equal(kept, key);
        await desk.press("Escape");
        assert.equal(await desk.dialog("key").count(), 1);
        await desk.click("made-key-copy");
        assert.equal(await desk.window.evaluate("navigator.clipboard.readText()"), key);
        await desk.click("dialog-cancel");
        await desk.closed("key");
        assert.equal(desk.host.serviceLog().includes(key), false);

        await desk.act(made, "host-keys");
        await desk.at("field-host").selectOption(other);
        await desk.click("field-how-paste");
        await desk.type("key", "DHHC-1:00:wrong:");
        await desk.press("Enter");
        await desk.at("problem-key").waitFor();
        await desk.pictures("host-keys");
        await desk.click("field-how-none");
        assert.match(await desk.command(), / --off$/);
        await desk.submit();
        await desk.closed("host-keys");

        await desk.act(made, "deny-host");
        await desk.at("field-host").selectOption(other);
        assert.match(await desk.command(), /^rapiddisk export deny .*web2$/);
        await desk.pictures("deny-host");
        await desk.submit();
        await desk.closed("deny-host");
    });

    it("any host: wants it said plainly, and back", async () => {
        // Any host at all would make the key of this one void.
        await desk.act(made, "deny-host");
        await desk.at("field-host").selectOption(HOST);
        await desk.submit();
        await desk.closed("deny-host");
        await desk.act(made, "any-host");
        await desk.submit();
        await desk.at("problem-accepted").waitFor();
        await desk.click("field-accepted");
        assert.match(await desk.command(), /^rapiddisk export allow .* --any$/);
        await desk.pictures("any-host");
        await desk.submit();
        await desk.closed("any-host");
        await desk.act(made, "any-host");
        assert.match(await desk.command(), /^rapiddisk export deny .* --any$/);
        await desk.submit();
        await desk.closed("any-host");
    });

    it("ports, on and off, saved at boot", async () => {
        await desk.act(made, "ports");
        await desk.submit();
        await desk.at("problem-ports").waitFor();
        await desk.click("field-ports-1");
        assert.match(await desk.command(), /^rapiddisk export remove-port .* 1$/);
        await desk.pictures("ports");
        await desk.submit();
        await desk.closed("ports");
        for (const verb of ["disable", "enable"]) {
            await desk.act(made, "enable");
            assert.match(await desk.command(), new RegExp(`^rapiddisk export ${verb} `));
            if (verb === "disable") await desk.pictures(verb);
            await desk.submit();
            await desk.closed("enable");
        }
        await desk.act(made, "persist");
        assert.match(await desk.command(), /^rapiddisk export persist /);
        await desk.pictures("persist-export");
        await desk.submit();
        await desk.closed("persist");
    });

    it("remove: lists who is connected first", async () => {
        const theirs = desk.window.frame
            .locator('[data-row^="/org/rapiddisk/Manager/exports/"]')
            .filter({ hasText: "rd3" })
            .first();
        const path = ((await theirs.getAttribute("data-row")) ?? "").replace("/org/rapiddisk/Manager/", "");
        const dialog = await desk.act(path, "remove");
        await dialog.locator("[data-test=dialog-connected]").filter({ hasText: "7a6f0f3c" }).waitFor();
        await desk.pictures("remove-export");
        await desk.press("Escape");
        await desk.closed("remove");
        await desk.act(made, "remove");
        await desk.submit();
        await desk.closed("remove");
        await desk.row(made).waitFor({ state: "detached" });
    });

    it("saved objects that are not there are made again or forgotten", async () => {
        const { host } = desk;
        await host.kernel("unmount", "rd0", "/srv/scratch");
        await host.kernel("otherDetach", 0);
        await desk.row("volumes/rd0").waitFor({ state: "detached" });
        await desk.click("restore");
        await desk.dialog("restore").waitFor();
        assert.equal(await desk.command(), "rapiddisk restore");
        await desk.pictures("restore");
        await host.kernel("steps.failVerb", "attachRamDisk", "EIO");
        await desk.submit();
        await desk
            .dialog("not-restored")
            .filter({ hasText: /rd0 .*EIO/ })
            .waitFor();
        await desk.focusedOn("dialog-cancel");
        await desk.pictures("not-restored");
        await desk.press("Enter");
        await desk.closed("not-restored");
        await desk.click("restore");
        await desk.dialog("restore").waitFor();
        await desk.submit();
        await desk.closed("restore");
        await desk.row("volumes/rd0").waitFor();

        await host.kernel("otherDetach", 0);
        await desk.row("volumes/rd0").waitFor({ state: "detached" });
        await desk.click("forget");
        await desk.dialog("forget").waitFor();
        assert.equal(await desk.command(), "rapiddisk forget rd0");
        await desk.pictures("forget");
        await desk.submit();
        await desk.closed("forget");
        await desk.at("forget").waitFor({ state: "detached" });
    });
});
