// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What keeps people out who do not see, point or read as others do. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Window } from "./browser.js";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Rules whose answer depends on colours and sizes. */
export const LOOKS = ["color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable"];

/**
 * Asks axe about the page's own frame; about colours and sizes, only within the dialog where there is one: what lies
 * behind it was asked about without it.
 * @param rules ids of rules about colours and sizes; all rules when left out
 * @param where page: all of it; dialog: what is in the dialog only, where there is one
 * @returns a line for each thing that it found
 */
export async function axe(
    window: Window,
    rules?: readonly string[],
    where: "page" | "dialog" = rules === undefined ? "page" : "dialog",
): Promise<string[]> {
    await window.evaluate(`window.axe === undefined && (() => { ${source} })()`);
    const only = rules === undefined ? {} : { runOnly: { type: "rule", values: rules } };
    const options = JSON.stringify({ resultTypes: ["violations"], ...only });
    const context = where === "page" ? "document" : `document.querySelector("[role=dialog]") ?? document`;
    return window.evaluate<string[]>(`axe.run(${context}, ${options})
        .then(({ violations }) => violations.flatMap(({ id, help, nodes }) =>
            nodes.map(({ html, any }) => id + ": " + help + ": " + html.slice(0, 200) + " " +
                any.map(({ message }) => message).join(" ").slice(0, 200))))`);
}

/** Things that are wider than the page, so that it scrolls sideways. */
export function tooWide(window: Window): Promise<string[]> {
    return window.evaluate<string[]>(`(() => {
        const root = document.documentElement;
        if (root.scrollWidth <= root.clientWidth) return [];
        return [...document.querySelectorAll("body *")]
            .filter((it) => it.getBoundingClientRect().right > root.clientWidth + 1 && it.children.length === 0)
            .slice(0, 5).map((it) => "wider than the page: " + it.outerHTML.slice(0, 200));
    })()`);
}
