// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
//
// Finds which software of others is in a bundle, and under which licence. Both come from what esbuild really wrote, not from
// package.json: a dependency that is left out needs no notice, and one that a dependency brings along does.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const texts = new URL("texts/", import.meta.url).pathname;

/** Licences of packages whose package.json names none, read in their licence files. */
const undeclared = new Map([["jsbi", "Apache-2.0"]]);

/** What packages contain of third parties, besides their own work. */
const parts = [
    { name: "Font Awesome Free", version: "5", licence: "CC-BY-4.0", files: /\/react-icons\/dist\/.+-icon\.(js|mjs)$/ },
];

/** What the text of each licence says, by SPDX identifier, with single blanks. A licence that is not here stops the build. */
export const marks = new Map([
    ["MIT", /Permission is hereby granted, free of charge, to any person obtaining/],
    ["ISC", /Permission to use, copy, modify, and\/or distribute this software .* provided that the above/],
    ["0BSD", /Permission to use, copy, modify, and\/or distribute this software .* is hereby granted\./],
    ["BSD-3-Clause", /Redistribution and use in source and binary forms.* endorse or promote products/],
    ["Apache-2.0", /Apache License Version 2\.0/],
    ["CC-BY-4.0", /Creative Commons Attribution 4\.0 International/],
]);

/**
 * Lists the software of others in a bundle.
 * @param {import("esbuild").Metafile} metafile esbuild's account of the bundle
 * @returns {{name: string, version: string, licence: string, text: string, folder?: string}[]} by name and version; `licence` is an
 *     SPDX identifier, `text` the notice to be passed on, `folder` the package's, from node_modules/ on (none for a part of one)
 * @throws {Error} when a package has no licence that can be passed on: what was bundled may then not be distributed
 */
export function bundled({ outputs }) {
    const files = Object.values(outputs).flatMap(({ inputs }) =>
        Object.entries(inputs)
            .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
            .map(([file]) => file),
    );
    const folders = new Set(files.flatMap((file) => file.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/) ?? []));
    const found = [
        ...[...folders].map(ofPackage),
        ...parts.filter((part) => files.some((file) => part.files.test(file))).map(ofPart),
    ];
    const unknown = files.find((file) => /\/node_modules\/.*\/(third-?party|vendor)\//i.test(file));
    if (unknown !== undefined) {
        throw new Error(
            `${unknown} is not its package's own work: name it and its licence in tools/licences/bundled.mjs.`,
        );
    }
    const byName = new Map(found.map((one) => [`${one.name} ${one.version}`, one]));
    return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

function ofPackage(path) {
    const { name, version, license } = JSON.parse(readFileSync(join(path, "package.json"), "utf8"));
    const own = readdirSync(path)
        .filter((file) => /^(licen[cs]e|copying|notice|copyright)/i.test(file))
        .sort();
    const text =
        own.length > 0 ? own.map((file) => readFileSync(join(path, file), "utf8").trim()).join("\n\n") : written(name);
    return checked({
        name,
        version,
        licence: license ?? undeclared.get(name),
        text,
        folder: path.slice(path.indexOf("node_modules/")),
    });
}

function ofPart({ name, version, licence }) {
    return checked({ name, version, licence, text: written(name) });
}

/** The text for software that comes without one. */
function written(name) {
    const file = join(texts, `${name.replace(/[/ ]/g, "-")}.txt`);
    if (!existsSync(file)) {
        throw new Error(`${name} is bundled and has no licence file: write its notice to tools/licences/texts/.`);
    }
    return readFileSync(file, "utf8").trim();
}

function checked(one) {
    const mark = marks.get(one.licence);
    if (mark === undefined) {
        throw new Error(
            `${one.name} is bundled under ${one.licence ?? "no licence that it names"}, which is not known here.`,
        );
    }
    if (!mark.test(one.text.replace(/\s+/g, " "))) {
        throw new Error(`The licence file of ${one.name} does not have the text of ${one.licence}.`);
    }
    return one;
}
