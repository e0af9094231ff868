// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

const rule = "-".repeat(80);

/**
 * Writes the notices that licences demand in every copy.
 * @param {string} what the bundle, as a reader calls it
 * @param {ReturnType<typeof import("./bundled.mjs").bundled>} packages what is in it
 * @returns {string} plain text
 */
export function notices(what, packages) {
    const head = `${what} contains software of others, whose licences and notices follow.\n`;
    return [
        head,
        ...packages.map(({ name, version, licence, text }) => `${name} ${version}\n${licence}\n\n${text}\n`),
    ].join(`\n${rule}\n\n`);
}

/**
 * Lists who has the copyright, as the lines of a licence's text say it.
 * @param {string} text
 * @returns {string[]} years and names, without the word itself
 */
export function holders(text) {
    return text
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => /^Copyright (?!and |\[)/.test(line)) // not: "and related rights", a form to fill in
        .map((line) => line.replace(/^Copyright (\(c\) )?/i, ""));
}
