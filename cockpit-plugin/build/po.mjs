// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
//
// What `make po` runs: brings every catalogue of po/ up to the sources. Texts that are gone leave, new ones come in untranslated.
import { po } from "gettext-parser";
import { readFileSync, writeFileSync } from "node:fs";
import { extract } from "./extract.mjs";
import { catalogues } from "./translations.mjs";

const root = new URL("..", import.meta.url).pathname.replace(/\/$/, "");
const { texts, faults } = extract(root);
for (const { language, file } of catalogues(`${root}/po`)) {
    const old = po.parse(readFileSync(file), "utf8");
    const before = old.translations[""];
    const header = before[""];
    const entries = [...texts].map(([text, { many, places }]) => {
        const known = before[text];
        const forms = many === "" ? 1 : Number(/nplurals=(\d+)/.exec(old.headers["Plural-Forms"])[1]);
        const keep = known?.msgstr.length === forms;
        const entry = {
            msgid: text,
            msgstr: keep ? known.msgstr : new Array(forms).fill(""),
            comments: { reference: [...new Set(places.map((place) => place.replace(/:.*/, "")))].join("\n") },
        };
        return [text, many === "" ? entry : { ...entry, msgid_plural: many }];
    });
    const missing = entries.filter(([, { msgstr }]) => msgstr.includes("")).length;
    old.translations = { "": Object.fromEntries([["", header], ...entries]) };
    // Folded lines would make the catalogues differ with the version of what wrote them.
    writeFileSync(file, `${po.compile(old, { foldLength: 0 }).toString().trimEnd()}\n`);
    console.log(`${language}: ${entries.length} texts, ${missing} not translated`);
}
for (const fault of faults) console.error(fault);
process.exitCode = faults.length > 0 ? 1 : 0;
