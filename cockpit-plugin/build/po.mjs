// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
//
// What `make po` runs: brings every catalogue of po/ up to the sources. Texts that are gone leave, new ones come in untranslated; one
// that was only reworded keeps its translation, marked as fuzzy, which nothing uses before a translator has looked at it.
import { po } from "gettext-parser";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { extract } from "./extract.mjs";
import { catalogues } from "./translations.mjs";

const root = new URL("..", import.meta.url).pathname.replace(/\/$/, "");

/** Writes a catalogue. Folded lines would make it differ with the version of what wrote it. */
const written = (catalogue) => `${po.compile(catalogue, { foldLength: 0 }).toString().trimEnd()}\n`;

/** The files that have a text, one in each line. */
const reference = ({ places }) => [...new Set(places.map((place) => place.replace(/:.*/, "")))].join("\n");

/** Every text of the sources, none of them translated. @param texts as `extract` finds them */
function template(texts) {
    const entries = [...texts].map(([text, { many }]) => [
        text,
        many === "" ? { msgid: text, msgstr: [""] } : { msgid: text, msgid_plural: many, msgstr: ["", ""] },
    ]);
    const headers = { "Content-Type": "text/plain; charset=utf-8" };
    return written({ charset: "utf-8", headers, translations: { "": Object.fromEntries(entries) } });
}

/** Runs gettext's msgmerge, which also finds what was only reworded. @returns the new catalogue */
function msgmerge(file, pot) {
    const options = ["--quiet", "--previous", "--no-wrap"];
    const { error, status, stdout, stderr } = spawnSync("msgmerge", [...options, file, "-"], { input: pot });
    if (error?.code === "ENOENT") throw new Error("msgmerge is missing. On Debian: sudo apt-get install gettext");
    if (status === null) throw error;
    if (status !== 0) throw new Error(`msgmerge cannot read ${file}:\n${stderr.toString().trimEnd()}`);
    return po.parse(stdout, "utf8");
}

function update({ language, file }, texts, pot) {
    const old = po.parse(readFileSync(file), "utf8");
    const merged = msgmerge(file, pot).translations[""];
    const entries = [...texts].map(([text, found]) => {
        const entry = merged[text];
        return [text, { ...entry, comments: { ...entry.comments, reference: reference(found) } }];
    });
    const header = old.translations[""][""];
    writeFileSync(
        file,
        written({ ...old, translations: { "": Object.fromEntries([["", header], ...entries]) }, obsolete: {} }),
    );
    const fuzzy = entries.filter(([, { comments }]) => comments.flag?.includes("fuzzy")).length;
    const missing = entries.filter(([, { msgstr }]) => msgstr.includes("")).length;
    console.log(`${language}: ${entries.length} texts, ${missing} not translated, ${fuzzy} fuzzy`);
}

const { texts, faults } = extract(root);
try {
    const pot = template(texts);
    for (const catalogue of catalogues(`${root}/po`)) update(catalogue, texts, pot);
} catch (error) {
    faults.push(error.message);
}
for (const fault of faults) console.error(fault);
process.exitCode = faults.length > 0 ? 1 : 0;
