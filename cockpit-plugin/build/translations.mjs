// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { po } from "gettext-parser";
import { existsSync, readFileSync } from "node:fs";

/** Between a context and its message in a key, as in gettext's own files. */
const CONTEXT = "\u0004";
/** Languages of those that Cockpit speaks which are written from right to left. */
const RIGHT_TO_LEFT = ["ar", "fa", "he", "ur"];

/**
 * Reads a catalogue.
 * @param {string} file path of a .po
 * @returns {{language: string, plural: string, messages: {context: string, id: string, many: string, texts: string[],
 *   places: string[]}[]}}
 */
export function readCatalogue(file) {
    const { headers, translations } = po.parse(readFileSync(file), "utf8");
    const header = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    const messages = Object.values(translations)
        .flatMap((group) => Object.values(group))
        .filter(({ msgid, obsolete }) => msgid !== "" && !obsolete)
        .map(({ msgctxt = "", msgid, msgid_plural = "", msgstr, comments }) => ({
            context: msgctxt,
            id: msgid,
            many: msgid_plural,
            texts: comments?.flag?.includes("fuzzy") || msgstr.includes("") ? [] : msgstr,
            places: (comments?.reference ?? "").split(/\s+/),
        }));
    const plural = /plural=\s*([^;]+)/.exec(header["plural-forms"] ?? "")?.[1] ?? "n != 1";
    // It becomes a part of a script, so it is a formula and nothing else.
    if (!/^[n0-9\s()?:!=<>&|%]+$/.test(plural)) throw new Error(`${file}: not a plural formula: ${plural}`);
    return { language: header.language ?? "", plural, messages };
}

/** Catalogues of the page: language and file, as po/LINGUAS lists them. */
export function catalogues(directory) {
    const list = `${directory}/LINGUAS`;
    if (!existsSync(list)) return [];
    return readFileSync(list, "utf8")
        .split(/\s+/)
        .filter((language) => language !== "" && !language.startsWith("#"))
        .map((language) => ({ language, file: `${directory}/${language}.po` }));
}

/**
 * What a browser loads for a language: a call that hands the messages to Cockpit.
 * @param {ReturnType<typeof readCatalogue>} catalogue
 * @param {(message: {places: string[]}) => boolean} chosen which messages
 */
function script({ language, plural, messages }, chosen) {
    const entries = messages
        .filter((message) => message.texts.length > 0 && chosen(message))
        .map(({ context, id, texts }) => [context === "" ? id : context + CONTEXT + id, [null, ...texts]]);
    const direction = RIGHT_TO_LEFT.includes(language.split(/[-_]/)[0]) ? "rtl" : "ltr";
    const head = `"plural-forms":(n) => (${plural}),"language":${JSON.stringify(language)},"language-direction":"${direction}"`;
    const rest = entries.map(([key, value]) => `,${JSON.stringify(key)}:${JSON.stringify(value)}`).join("");
    return `cockpit.locale({"":{${head}}${rest}});\n`;
}

/**
 * The files of every language.
 * @param {string} directory of the catalogues
 * @returns {{name: string, contents: string}[]} po.LANGUAGE.js for the page, po.manifest.LANGUAGE.js for the menu
 */
export function translations(directory) {
    const menu = ({ places }) => places.some((place) => place.includes("manifest.json"));
    const page = ({ places }) => places.some((place) => !place.includes("manifest.json"));
    return catalogues(directory).flatMap(({ language, file }) => {
        const catalogue = { ...readCatalogue(file), language };
        return [
            { name: `po.${language}.js`, contents: script(catalogue, page) },
            { name: `po.manifest.${language}.js`, contents: script(catalogue, menu) },
        ];
    });
}
