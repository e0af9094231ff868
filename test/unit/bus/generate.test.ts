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
    const takes = (...facts: string[]) => {
        const option = (_: string, at: number) =>
            at % 2 > 0
                ? []
                : [`<annotation name="org.rapiddisk.Manager.Option.${facts[at]}" value="${facts[at + 1]}"/>`];
        const arg = `<arg name="options" type="a{sv}" direction="in">${doc}${facts.flatMap(option).join("")}</arg>`;
        return `<method name="M">${doc}${arg}</method>`;
    };
    const refused: [string, string, RegExp][] = [
        ["a file descriptor", `<method name="M">${doc}<arg name="x" type="h">${doc}</arg></method>`, /file descriptor/],
        ["two types in one", `<method name="M">${doc}<arg name="x" type="ss">${doc}</arg></method>`, /exactly one/],
        ["no documentation", `<method name="M"></method>`, /DocString/],
        ["an unknown access", `<property name="P" type="s" access="write">${doc}</property>`, /read, readwrite/],
        ["an option without a meaning", takes("k", "u"), /option k: has no Doc/],
        ["an option of an unknown type", takes("k", "t", "k.Doc", "x"), /"t" should be one of b, u, s, as/],
        ["a fact about no option", takes("k.Doc", "x"), /comes before/],
        ["an unknown fact", takes("k", "u", "k.Docs", "x"), /Docs should be one of/],
        ["choices of a number", takes("k", "u", "k.Doc", "x", "k.Choices", "1 2"), /Choices are for/],
        ["a default that is no choice", takes("k", "s", "k.Doc", "x", "k.Choices", "a", "k.Default", "b"), /not among/],
        ["a limit of a text", takes("k", "s", "k.Doc", "x", "k.Maximum", "1"), /for the type u/],
        ["options elsewhere", takes("k", "u", "k.Doc", "x").replace("a{sv}", "s"), /only an argument "options"/],
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
