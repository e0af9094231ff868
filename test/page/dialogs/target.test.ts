// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { DialogFixture } from "./fixture.js";

const HOST = "nqn.2014-08.org.example:web1";

describe("page: dialogs of ports and exports", () => {
    let fixture: DialogFixture;
    /** Object path of the export that the tests make, below the root. */
    let made = "";
    before(async () => {
        fixture = await DialogFixture.make();
        await fixture.host.kernel("setNvmetFeatures", { auth: true });
    });
    afterEach(() => fixture.tidy());
    after(() => fixture.close());

    it("port create: checks what is typed, and keeps it on an error of the service", async () => {
        await fixture.create("create-port");
        assert.equal(await fixture.focused(), "field-transport-tcp");
        await fixture.at("field-address-choice").selectOption("other");
        await fixture.type("address", "not an address");
        await fixture.type("service", "0");
        await fixture.press("Enter");
        await fixture.at("problem-address").waitFor();
        await fixture.at("problem-service").waitFor();
        assert.equal(await fixture.focused(), "field-address");
        await fixture.type("address", "203.0.113.9");
        await fixture.type("service", "4422");
        assert.equal(await fixture.command(), "rapiddisk port create tcp 203.0.113.9 --service 4422");
        await fixture.press("Enter");
        assert.equal(await fixture.error(), "NotFound");
        await fixture.pictures("create-port-error");
        assert.equal(await fixture.at("field-service").inputValue(), "4422");
        await fixture.type("address", "127.0.0.1");
        await fixture.press("Enter");
        await fixture.closed("create-port");
        await fixture.row("ports/3").waitFor();
    });

    it("port: saved at boot, and removed only while no export is on it", async () => {
        await fixture.act("ports/3", "persist");
        assert.equal(await fixture.command(), "rapiddisk port persist 3");
        await fixture.submit();
        await fixture.closed("persist");
        const dialog = await fixture.act("ports/1", "remove");
        await dialog.locator("[data-test=dialog-users]").waitFor();
        await fixture.pictures("remove-port-in-use");
        await fixture.press("Escape");
        await fixture.closed("remove");
        await fixture.act("ports/3", "remove");
        assert.equal(await fixture.command(), "rapiddisk port remove 3");
        await fixture.submit();
        await fixture.closed("remove");
        await fixture.row("ports/3").waitFor({ state: "detached" });
    });

    it("export create: nobody gets in by mistake, and a wrong NQN is told", async () => {
        await fixture.create("create-export");
        await fixture.at("field-device").selectOption("rd7");
        assert.equal(await fixture.at("field-who-named").isChecked(), true);
        await fixture.submit();
        await fixture.at("problem-hosts").waitFor();
        await fixture.type("hosts", `${HOST}\nwrong/name`);
        await fixture.at("problem-hosts").waitFor();
        await fixture.type("hosts", HOST);
        await fixture.at("problem-hosts").waitFor({ state: "detached" });
        await fixture.click("field-no-key");
        assert.equal(await fixture.command(), `rapiddisk export create rd7 --port 1,2 --host ${HOST} --no-key`);
        await fixture.click("field-no-key");
        assert.equal(await fixture.command(), `rapiddisk export create rd7 --port 1,2 --host ${HOST}`);
        await fixture.pictures("create-export");
        await fixture.host.kernel("steps.failVerb", "nvmetCreate", "EIO");
        await fixture.submit();
        assert.equal(await fixture.error(), "Failed");
        assert.equal(await fixture.at("field-hosts").inputValue(), HOST);
        await fixture.submit();
        await fixture.dialog("key").waitFor();
        const key = (await fixture.at("made-key").textContent()) ?? "";
        assert.deepEqual(((await fixture.host.kernel("nvmetKeys", HOST)) as string[])[0], key);
        await fixture.pictures("created-keys");
        await fixture.click("dialog-cancel");
        await fixture.closed("key");
        assert.equal(fixture.host.serviceLog().includes(key), false);
        const row = fixture.window.frame
            .locator('[data-row^="/org/rapiddisk/Manager/exports/"]')
            .filter({ hasText: "rd7" });
        await row.first().waitFor();
        made = ((await row.first().getAttribute("data-row")) ?? "").replace("/org/rapiddisk/Manager/", "");
    });

    it("export create: neither a device nor any host is chosen by itself, whatever the ports", async () => {
        await fixture.host.kernel("otherAttach", 8, 2 ** 24);
        await fixture.row("volumes/rd8").waitFor();
        await fixture.create("create-export");
        assert.equal(await fixture.at("field-device").inputValue(), "");
        await fixture.submit();
        await fixture.at("problem-device").waitFor();
        await fixture.focusedOn("field-device");
        await fixture.pictures("create-export-nothing");
        await fixture.at("field-device").selectOption("rd8");
        for (const port of ["1", "2"]) await fixture.click(`field-ports-${port}`);
        assert.equal(await fixture.at("field-who-named").isChecked(), true);
        await fixture.submit();
        await fixture.at("problem-hosts").waitFor();
        await fixture.click("field-who-any");
        assert.match(await fixture.command(), /export create rd8 --allow-any-host$/);
        await fixture.press("Escape");
        await fixture.closed("create-export");
    });

    it("allow a host with a key that is made here and shown once; deny it again", async () => {
        await fixture.act(made, "allow-host");
        await fixture.type("host", HOST);
        await fixture.press("Enter");
        await fixture.at("problem-host").waitFor();
        const other = "nqn.2014-08.org.example:web2";
        await fixture.type("host", other);
        await fixture.click("field-how-none");
        assert.match(await fixture.command(), / export allow .* nqn.2014-08.org.example:web2 --no-key$/);
        await fixture.click("field-how-make");
        assert.match(await fixture.command(), / export allow .* nqn.2014-08.org.example:web2 --generate-key$/);
        await fixture.pictures("allow-host");
        await fixture.submit();
        await fixture.dialog("key").waitFor();
        const key = (await fixture.at("made-key").textContent()) ?? "";
        assert.match(key, /^DHHC-1:00:[A-Za-z0-9+/]+={0,2}:$/);
        await fixture.pictures("key");
        const [kept] = (await fixture.host.kernel("nvmetKeys", other)) as string[];
        assert.equal(kept, key);
        await fixture.press("Escape");
        assert.equal(await fixture.dialog("key").count(), 1);
        await fixture.click("made-key-copy");
        assert.equal(await fixture.window.evaluate("navigator.clipboard.readText()"), key);
        await fixture.click("dialog-cancel");
        await fixture.closed("key");
        assert.equal(fixture.host.serviceLog().includes(key), false);

        await fixture.act(made, "host-keys");
        await fixture.at("field-host").selectOption(other);
        await fixture.click("field-how-paste");
        await fixture.type("key", "DHHC-1:00:wrong:");
        await fixture.press("Enter");
        await fixture.at("problem-key").waitFor();
        await fixture.pictures("host-keys");
        await fixture.click("field-how-none");
        assert.match(await fixture.command(), / --off$/);
        await fixture.submit();
        await fixture.closed("host-keys");

        await fixture.act(made, "deny-host");
        await fixture.at("field-host").selectOption(other);
        assert.match(await fixture.command(), /^rapiddisk export deny .*web2$/);
        await fixture.pictures("deny-host");
        await fixture.submit();
        await fixture.closed("deny-host");
    });

    it("any host: wants it said plainly, and back", async () => {
        // Any host at all would make the key of this one void.
        await fixture.act(made, "deny-host");
        await fixture.at("field-host").selectOption(HOST);
        await fixture.submit();
        await fixture.closed("deny-host");
        await fixture.act(made, "any-host");
        await fixture.submit();
        await fixture.at("problem-accepted").waitFor();
        await fixture.click("field-accepted");
        assert.match(await fixture.command(), /^rapiddisk export allow .* --any$/);
        await fixture.pictures("any-host");
        await fixture.submit();
        await fixture.closed("any-host");
        await fixture.act(made, "any-host");
        assert.match(await fixture.command(), /^rapiddisk export deny .* --any$/);
        await fixture.submit();
        await fixture.closed("any-host");
    });

    it("ports, on and off, saved at boot", async () => {
        await fixture.act(made, "ports");
        await fixture.submit();
        await fixture.at("problem-ports").waitFor();
        await fixture.click("field-ports-1");
        assert.match(await fixture.command(), /^rapiddisk export remove-port .* 1$/);
        await fixture.pictures("ports");
        await fixture.submit();
        await fixture.closed("ports");
        for (const verb of ["disable", "enable"]) {
            await fixture.act(made, "enable");
            assert.match(await fixture.command(), new RegExp(`^rapiddisk export ${verb} `));
            if (verb === "disable") await fixture.pictures(verb);
            await fixture.submit();
            await fixture.closed("enable");
        }
        await fixture.act(made, "persist");
        assert.match(await fixture.command(), /^rapiddisk export persist /);
        await fixture.pictures("persist-export");
        await fixture.submit();
        await fixture.closed("persist");
    });

    it("remove: lists who is connected first", async () => {
        const theirs = fixture.window.frame
            .locator('[data-row^="/org/rapiddisk/Manager/exports/"]')
            .filter({ hasText: "rd3" })
            .first();
        const path = ((await theirs.getAttribute("data-row")) ?? "").replace("/org/rapiddisk/Manager/", "");
        const dialog = await fixture.act(path, "remove");
        await dialog.locator("[data-test=dialog-connected]").filter({ hasText: "7a6f0f3c" }).waitFor();
        await fixture.pictures("remove-export");
        await fixture.press("Escape");
        await fixture.closed("remove");
        await fixture.act(made, "remove");
        await fixture.submit();
        await fixture.closed("remove");
        await fixture.row(made).waitFor({ state: "detached" });
    });

    it("saved objects that are not there are made again or forgotten", async () => {
        const { host } = fixture;
        await host.kernel("unmount", "rd0", "/srv/scratch");
        await host.kernel("otherDetach", 0);
        await fixture.row("volumes/rd0").waitFor({ state: "detached" });
        await fixture.click("restore");
        await fixture.dialog("restore").waitFor();
        assert.equal(await fixture.command(), "rapiddisk restore");
        await fixture.pictures("restore");
        await host.kernel("steps.failVerb", "attachRamDisk", "EIO");
        await fixture.submit();
        await fixture
            .dialog("not-restored")
            .filter({ hasText: /rd0 .*EIO/ })
            .waitFor();
        await fixture.focusedOn("dialog-cancel");
        await fixture.pictures("not-restored");
        await fixture.press("Enter");
        await fixture.closed("not-restored");
        await fixture.click("restore");
        await fixture.dialog("restore").waitFor();
        await fixture.submit();
        await fixture.closed("restore");
        await fixture.row("volumes/rd0").waitFor();

        await host.kernel("otherDetach", 0);
        await fixture.row("volumes/rd0").waitFor({ state: "detached" });
        await fixture.click("forget");
        await fixture.dialog("forget").waitFor();
        assert.equal(await fixture.command(), "rapiddisk forget rd0");
        await fixture.pictures("forget");
        await fixture.submit();
        await fixture.closed("forget");
        await fixture.at("forget").waitFor({ state: "detached" });
    });
});
