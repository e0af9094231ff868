// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * Sentences of the service are read at the shell, on the page and by HTTP as well: they name what to do in plain words, and no
 * member of the D-Bus interface, which a reader of those does not know.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import ts from "typescript";
import { interfaces } from "../../../service/src/generated/specs.js";

const SOURCES = new URL("../../../service/src/", import.meta.url);
/** Whose sentences reach people. What the bus itself refuses is about the message that a program made. */
const FOLDERS = ["cli", "client", "daemon", "kernel", "model", "rest", "system", "upstream"];

const MEMBERS = Object.values(interfaces).flatMap(({ methods, properties }) => [
    ...Object.keys(methods),
    ...Object.keys(properties),
]);
/** Members of several words, which are no English wherever they stand. */
const COMPOUND = MEMBERS.filter((name) => /[a-z][A-Z]/.test(name));
/** Members of one word: English, unless they have their capital in the middle of a sentence. */
const PLAIN = MEMBERS.filter((name) => !/[a-z][A-Z]/.test(name));

/** Members of the interface that a text names. */
function membersIn(text: string): string[] {
    const words = [...text.matchAll(/[A-Za-z]+/g)];
    const isNamed = ({ 0: word, index }: RegExpExecArray): boolean =>
        COMPOUND.includes(word) || (PLAIN.includes(word) && /[a-z0-9…),;:'"-] ?$/.test(text.slice(0, index)));
    return words.filter(isNamed).map(([word]) => word);
}

/** The text of a literal, of a template with … for its values, or of several that are joined by +. */
function textOf(node: ts.Node): string | undefined {
    if (ts.isStringLiteralLike(node)) {
        return node.text;
    }
    if (ts.isTemplateExpression(node)) {
        return node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join("");
    }
    if (ts.isParenthesizedExpression(node)) {
        return textOf(node.expression);
    }
    if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
        const parts = [textOf(node.left), textOf(node.right)];
        return parts.every((part) => part === undefined) ? undefined : parts.map((part) => part ?? "…").join("");
    }
    return undefined;
}

/** Every text in a source that is a sentence or a part of one, with its line. */
function sentences(file: string, source: string): { line: number; text: string }[] {
    const tree = ts.createSourceFile(file, source, ts.ScriptTarget.ESNext, true);
    const found: { line: number; text: string }[] = [];
    const visit = (node: ts.Node): void => {
        const text = textOf(node);
        if (text === undefined) {
            ts.forEachChild(node, visit);
            return;
        }
        if (/[a-z] |[a-z]…| [a-z]/.test(text)) {
            found.push({ line: tree.getLineAndCharacterOfPosition(node.getStart()).line + 1, text });
        }
        // Values within it may be texts of their own.
        ts.forEachChild(node, (child) => {
            if (textOf(child) === undefined) {
                visit(child);
            }
        });
    };
    visit(tree);
    return found;
}

describe("sentences of the service", () => {
    it("are told from those that name a member, in whatever pieces they are written", () => {
        const named = (source: string): string[] => sentences("a.ts", source).flatMap(({ text }) => membersIn(text));
        assert.deepEqual(named('say("it is saved; " + (`SetPersistent` + `(false) drops ${it}`));'), ["SetPersistent"]);
        assert.deepEqual(named('say(bad ? `remove ${it} and Restore` : "or Forget it");'), ["Restore", "Forget"]);
        assert.deepEqual(named("say(`${it} is there. ${`Put that right, or Forget ${it}`}`);"), ["Forget"]);
        assert.deepEqual(named('say(`${it} is another one. Remove the export first.`, "Forget it", "Forget");'), []);
    });

    it("name no member of the D-Bus interface", () => {
        const files = FOLDERS.flatMap((folder) =>
            readdirSync(new URL(folder, SOURCES), { recursive: true, encoding: "utf8" })
                .map((name) => `${folder}/${name}`)
                // The old notation has the words of RapidDisk 9.
                .filter((name) => name.endsWith(".ts") && !name.startsWith("cli/upstream/")),
        );
        const wrong = files.flatMap((file) =>
            sentences(file, readFileSync(new URL(file, SOURCES), "utf8"))
                .filter(({ text }) => membersIn(text).length > 0)
                .map(({ line, text }) => `${file}:${line} names ${membersIn(text).join(", ")}: ${text}`),
        );
        assert.deepEqual(wrong, []);
    });
});
