// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
//
// Finds the texts that people read. Read by the compiler and not by xgettext, whose version in Debian 12 knows no TypeScript
// and would leave out, without a word, a text that is not a literal.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";

/** Functions of lib/gettext.ts: how many texts each takes. */
const functions = { _: 1, N_: 1, ngettext: 2 };

/**
 * Every text of the page.
 * @param {string} root the folder cockpit-plugin
 * @returns {{texts: Map<string, {many: string, places: string[]}>, faults: string[]}} by text; and calls that cannot be translated
 */
export function extract(root) {
    const found = { texts: new Map(), faults: [] };
    const files = readdirSync(join(root, "src"), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
        .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
        .filter((file) => !file.endsWith("lib/gettext.ts"))
        .sort();
    for (const file of files) readSource(root, file, found);
    readManifest(root, found);
    return found;
}

function add({ texts, faults }, place, text, many = "") {
    const known = texts.get(text) ?? { many, places: [] };
    if (many !== "" && known.many !== "" && known.many !== many) faults.push(`${place}: "${text}" has two plurals`);
    texts.set(text, { many: known.many || many, places: [...known.places, place] });
}

function readSource(root, file, found) {
    const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2022, true);
    const visit = (node) => {
        const count = ts.isCallExpression(node) && ts.isIdentifier(node.expression) && functions[node.expression.text];
        if (count) {
            const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
            const literals = node.arguments.slice(0, count).map((argument) => literal(argument));
            const place = `${relative(root, file)}:${line}`;
            if (!literals.includes(undefined)) add(found, place, ...literals);
            // _(each) of texts that N_ marked elsewhere.
            else if (count > 1 || ts.isTemplateExpression(node.arguments[0])) {
                found.faults.push(`${place}: not a literal`);
            }
        }
        ts.forEachChild(node, visit);
    };
    visit(source);
}

/** A text, also one that is added up from literals over several lines. */
function literal(node) {
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
    if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.PlusToken) return undefined;
    const [left, right] = [literal(node.left), literal(node.right)];
    return left === undefined || right === undefined ? undefined : left + right;
}

/** Labels and keywords of the menu. */
function readManifest(root, found) {
    const manifest = JSON.parse(readFileSync(join(root, "manifest.json"), "utf8"));
    for (const entry of Object.values({ ...manifest.menu, ...manifest.tools })) {
        add(found, "manifest.json:0", entry.label);
        for (const { matches } of entry.keywords ?? []) for (const word of matches) add(found, "manifest.json:0", word);
        for (const { label } of entry.docs ?? []) add(found, "manifest.json:0", label);
    }
}
