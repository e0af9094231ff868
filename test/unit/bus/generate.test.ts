// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { generate } from "../../../tools/generate/generate.js";
import { readInterfaces } from "../../../tools/generate/xml.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));

describe("what is generated from the interface", () => {
    it("is what tools/generate.ts makes of dbus/*.xml", () => {
        for (const [name, text] of generate(join(root, "dbus"))) {
            const written = readFileSync(join(root, name), "utf8");
            assert.ok(written === text, `${name} is stale: run npm run generate`);
        }
    });
});

describe("an introspection file", () => {
    const doc = '<annotation name="org.gtk.GDBus.DocString" value="x"/>';
    const file = (inside: string) => `<node><interface name="a.b">${doc}${inside}</interface></node>`;
    const refused: [string, string, RegExp][] = [
        ["a file descriptor", `<method name="M">${doc}<arg name="x" type="h">${doc}</arg></method>`, /file descriptor/],
        ["two types in one", `<method name="M">${doc}<arg name="x" type="ss">${doc}</arg></method>`, /exactly one/],
        ["no documentation", `<method name="M"></method>`, /DocString/],
        ["an unknown access", `<property name="P" type="s" access="write">${doc}</property>`, /read, readwrite/],
        ["an argument without a name", `<method name="M">${doc}<arg type="s">${doc}</arg></method>`, /name is missing/],
    ];
    for (const [what, inside, message] of refused) {
        it(`is refused with ${what}`, () => {
            assert.throws(() => readInterfaces(file(inside), "a.xml"), message);
        });
    }

    it("is refused when it is no XML", () => {
        assert.throws(() => readInterfaces("<node>", "a.xml"), /a\.xml:1/);
    });
});
