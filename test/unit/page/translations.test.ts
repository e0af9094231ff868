// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { runInNewContext } from "node:vm";
import { extract } from "../../../cockpit-plugin/build/extract.mjs";
import { catalogues, readCatalogue, translations } from "../../../cockpit-plugin/build/translations.mjs";

const root = fileURLToPath(new URL("../../../cockpit-plugin", import.meta.url));
/** `$0`, `$1`, … of a text, each once. */
const placeholders = (text: string): string => [...new Set(text.match(/\$\d/g))].sort().join(" ");

describe("page: translations", () => {
    const { texts, faults } = extract(root);
    const languages = catalogues(`${root}/po`).map(({ language, file }) => ({ ...readCatalogue(file), language }));

    it("can be made of every text: each is a literal", () => {
        assert.deepEqual(faults, []);
        assert.ok(texts.size > 100, `${texts.size} texts`);
    });

    it("are there for German and for a language that is written from right to left", () => {
        const names = languages.map(({ language }) => language);
        assert.ok(names.includes("de"));
        assert.ok(names.some((name) => ["ar", "fa", "he", "ur"].includes(name)));
    });

    for (const { language, messages } of languages) {
        const known = new Map(messages.map((message) => [message.id, message]));

        it(`${language}: every text of the page, and no other (make po)`, () => {
            assert.deepEqual(
                [...texts.keys()].filter((text) => (known.get(text)?.texts.length ?? 0) === 0),
                [],
            );
            assert.deepEqual(
                [...known.keys()].filter((text) => !texts.has(text)),
                [],
            );
        });

        it(`${language}: the same placeholders as the text itself`, () => {
            for (const { id, many, texts: translated } of messages) {
                for (const text of translated) {
                    // A form for one may leave the number out, where the language says "a volume".
                    const allowed = many === "" ? [placeholders(id)] : [placeholders(id), placeholders(many)];
                    assert.ok(allowed.includes(placeholders(text)), `${id}: ${text}`);
                }
            }
        });
    }

    it("become scripts that hand every message to Cockpit, in its form", () => {
        for (const { name, contents } of translations(`${root}/po`)) {
            let got: Record<string, unknown> = {};
            runInNewContext(contents, { cockpit: { locale: (data: Record<string, unknown>) => (got = data) } });
            const head = got[""] as { language: string; "plural-forms": (count: number) => number | boolean };
            assert.equal(name.includes(`.${head.language}.js`), true, name);
            assert.ok(Number(head["plural-forms"](5)) >= 0);
            assert.ok(Object.keys(got).length > 1, `${name} is empty`);
            for (const [id, value] of Object.entries(got)) {
                if (id !== "") assert.equal((value as unknown[])[0], null);
            }
        }
    });
});
