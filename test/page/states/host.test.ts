// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { type Host, openPage, sharedBrowser, startHost, type Window } from "../harness/index.js";
import { REPOSITORY } from "../harness/product.js";

const DECLARATIONS = join(REPOSITORY, "cockpit-plugin/types/cockpit.d.ts");

/** Members of an interface of our declarations: name, and whether it is a function. */
function members(name: string): { name: string; callable: boolean }[] {
    const source = ts.createSourceFile(DECLARATIONS, readFileSync(DECLARATIONS, "utf8"), ts.ScriptTarget.ES2022, true);
    const found: { name: string; callable: boolean }[] = [];
    const visit = (node: ts.Node): void => {
        if (ts.isInterfaceDeclaration(node) && node.name.text === name) {
            for (const member of node.members) {
                if (member.name === undefined) continue;
                found.push({ name: member.name.getText(source), callable: ts.isMethodSignature(member) });
            }
        }
        ts.forEachChild(node, visit);
    };
    visit(source);
    assert.ok(found.length > 0, `no interface ${name}`);
    return found;
}

describe("page: the host's cockpit.js", () => {
    let host: Host;
    let window: Window;

    before(async () => {
        host = await startHost();
        window = await openPage(await sharedBrowser(), host.url);
    });
    after(() => host.stop());

    const objects = {
        Cockpit: "cockpit",
        EventSource: "cockpit",
        Location: "cockpit.location",
        DBusClient: `cockpit.dbus("org.freedesktop.DBus", { bus: "system" })`,
        DBusProxy: `cockpit.dbus("org.freedesktop.DBus", { bus: "system" }).proxy("org.freedesktop.DBus", "/")`,
        Spawn: `cockpit.spawn(["true"])`,
    };
    for (const [name, expression] of Object.entries(objects)) {
        it(`has every member that we declare of ${name}`, async () => {
            const missing = await window.evaluate<string[]>(
                `(() => { const it = ${expression}; return ${JSON.stringify(members(name))}
                    .filter(({ name, callable }) => callable ? typeof it[name] !== "function" : !(name in it))
                    .map(({ name }) => name); })()`,
            );
            assert.deepEqual(missing, []);
        });
    }

    it("is of the version that the manifest asks for, at least", async () => {
        const asked = JSON.parse(readFileSync(join(REPOSITORY, "cockpit-plugin/manifest.json"), "utf8")) as {
            requires: { cockpit: string };
        };
        const version = await host.run(["dpkg-query", "-W", "-f", "${Version}", "cockpit-bridge"]);
        assert.ok(Number.parseInt(version) >= Number(asked.requires.cockpit), version);
    });

    it("sends its usual content security policy with the page, and the fonts that the page names", async () => {
        const [answer, fonts] = await Promise.all([
            fetchInside(window, "index.html"),
            fetchInside(window, "../../static/fonts/RedHatText/RedHatTextVF.woff2"),
        ]);
        assert.match(answer.policy, /default-src 'self'/);
        assert.doesNotMatch(answer.policy, /unsafe/);
        assert.equal(fonts.status, 200);
    });

    it("finds no fault with the page", () => window.close());
});

function fetchInside(window: Window, address: string): Promise<{ status: number; policy: string }> {
    return window.evaluate(
        `fetch(${JSON.stringify(address)}).then((it) =>
            ({ status: it.status, policy: it.headers.get("content-security-policy") ?? "" }))`,
    );
}
