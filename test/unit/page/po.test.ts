// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What `make po` makes of the catalogues when texts of the page change. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readCatalogue, translations } from "../../../cockpit-plugin/build/translations.mjs";

const tree = fileURLToPath(new URL("../../..", import.meta.url));

const head = `# Copyright of nobody
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Language: de\\n"
"Plural-Forms: nplurals=2; plural=n != 1;\\n"
`;
const before = `${head}
#: src/page.tsx
msgid "The cache is removed."
msgstr "Der Cache wird entfernt."

#: src/page.tsx
msgid "There is $0 volume on this host."
msgid_plural "There are $0 volumes on this host."
msgstr[0] "Auf diesem Host gibt es $0 Volume."
msgstr[1] "Auf diesem Host gibt es $0 Volumes."

# Said by a translator.
#: src/page.tsx
msgid "Size"
msgstr "Größe"
`;
const source = `_("The cache is removed.");
ngettext("There is $0 volume on this host.", "There are $0 volumes on this host.", 1);
_("Size");
`;

describe("page: make po", () => {
    let root: string;
    const catalogue = (): string => join(root, "po/de.po");
    /** Runs it over other texts. */
    const run = (text: string, path = process.env.PATH) => {
        writeFileSync(join(root, "src/page.tsx"), text);
        const env = { PATH: path, LC_ALL: "C" };
        return spawnSync(process.execPath, [join(root, "build/po.mjs")], { env, encoding: "utf8" });
    };
    const message = (id: string) => readCatalogue(catalogue()).messages.find((one) => one.id === id);

    beforeEach(() => {
        root = mkdtempSync(join(tmpdir(), "rapiddisk-po-"));
        for (const folder of ["src", "po"]) mkdirSync(join(root, folder));
        cpSync(join(tree, "cockpit-plugin/build"), join(root, "build"), { recursive: true });
        symlinkSync(join(tree, "node_modules"), join(root, "node_modules"));
        writeFileSync(join(root, "manifest.json"), "{}");
        writeFileSync(join(root, "po/LINGUAS"), "de\n");
        writeFileSync(catalogue(), before);
    });
    afterEach(() => rmSync(root, { recursive: true, force: true }));

    it("changes nothing where no text changed", () => {
        const { status, stdout } = run(source);
        assert.deepEqual([status, stdout], [0, "de: 3 texts, 0 not translated, 0 fuzzy\n"]);
        assert.equal(readFileSync(catalogue(), "utf8"), before);
    });

    it("takes out what is gone, and takes in what is new, untranslated", () => {
        const { stdout } = run(`_("Size"); _("Erase");`);
        assert.equal(stdout, "de: 2 texts, 1 not translated, 0 fuzzy\n");
        const size = `# Said by a translator.\n#: src/page.tsx\nmsgid "Size"\nmsgstr "Größe"\n`;
        const erase = `#: src/page.tsx\nmsgid "Erase"\nmsgstr ""\n`;
        assert.equal(readFileSync(catalogue(), "utf8"), `${head}\n${size}\n${erase}`);
    });

    it("keeps the translation of what was reworded, as fuzzy, with what it was a translation of", () => {
        const { status, stdout } = run(source.replace("is removed.", "is removed now."));
        assert.deepEqual([status, stdout], [0, "de: 3 texts, 0 not translated, 1 fuzzy\n"]);
        const reworded = `#: src/page.tsx
#, fuzzy
#| msgid "The cache is removed."
msgid "The cache is removed now."
msgstr "Der Cache wird entfernt."
`;
        const text = readFileSync(catalogue(), "utf8");
        assert.ok(text.includes(reworded), text);

        run(source.replace("is removed.", "is removed now."));
        assert.equal(readFileSync(catalogue(), "utf8"), text);
    });

    it("keeps every plural form of what was reworded", () => {
        run(source.replaceAll("this host", "this machine"));
        const reworded = `#: src/page.tsx
#, fuzzy
#| msgid "There is $0 volume on this host."
#| msgid_plural "There are $0 volumes on this host."
msgid "There is $0 volume on this machine."
msgid_plural "There are $0 volumes on this machine."
msgstr[0] "Auf diesem Host gibt es $0 Volume."
msgstr[1] "Auf diesem Host gibt es $0 Volumes."
`;
        const text = readFileSync(catalogue(), "utf8");
        assert.ok(text.includes(reworded), text);
    });

    it("leaves what is fuzzy out of the product, and it counts as not translated", () => {
        run(source.replace("is removed.", "is removed now."));
        assert.deepEqual(message("The cache is removed now.")?.texts, []);
        assert.deepEqual(message("Size")?.texts, ["Größe"]);
        const sent = translations(join(root, "po")).map(({ contents }) => contents);
        assert.ok(sent.some((contents) => contents.includes("Größe")));
        assert.ok(!sent.some((contents) => contents.includes("Der Cache wird entfernt.")));
    });

    it("says what to install where gettext is missing, and leaves the catalogues alone", () => {
        const { status, stderr } = run(source.replace("is removed.", "is removed now."), root);
        assert.deepEqual([status, stderr], [1, "msgmerge is missing. On Debian: sudo apt-get install gettext\n"]);
        assert.equal(readFileSync(catalogue(), "utf8"), before);
    });

    it("says what is wrong with a catalogue that cannot be read", () => {
        writeFileSync(catalogue(), `${before}\nmsgid "Size"\nmsgstr "Umfang"\n`);
        const { status, stderr } = run(source);
        assert.equal(status, 1);
        assert.match(stderr, /^msgmerge cannot read .*de\.po:\n.*duplicate message definition/);
    });
});
