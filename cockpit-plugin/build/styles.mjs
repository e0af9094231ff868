// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { PurgeCSS } from "purgecss";

/** Looks of PatternFly that Cockpit does not have, and the tables with branches that the page does not have. */
const foreign = [/pf-v6-theme-(felt|glass|redhat)/, /tree-view/];
/** Icons as letters, in a font that the host does not have. */
const iconFont = /@font-face\s*\{[^}]*pficon[^}]*\}/g;
/** Names of custom properties, also as a script says them. */
const property = /--[a-z][\w-]+/g;

/**
 * Leaves out rules for classes that neither the script nor the document names, and custom properties that nothing reads.
 * A class must stand in the source as a whole word, never be put together from pieces.
 * @param {string} css
 * @param {string} script bundled JavaScript
 * @param {string} html
 * @returns {Promise<string>}
 */
export async function shrinkStyles(css, script, html) {
    const whole = css.replace(iconFont, "");
    const kept = new Set(script.match(property));
    for (;;) {
        const small = await purge(whole, script, html, [...kept]);
        // PurgeCSS overlooks what keyframes read, and what a property reads that is kept for the script.
        const lost = read(small).filter((name) => !kept.has(name) && !small.includes(`${name}:`));
        if (lost.length === 0) return shortNames(small, script);
        for (const name of lost) kept.add(name);
    }
}

async function purge(css, script, html, variables) {
    const attributes = new Set([...css.matchAll(/\[([a-z-]+)/g)].map(([, name]) => name));
    const [{ css: small }] = await new PurgeCSS().purge({
        css: [{ raw: css }],
        content: [
            { raw: script, extension: "js" },
            { raw: html, extension: "html" },
        ],
        defaultExtractor: (text) => text.match(/[\w-]+/g) ?? [],
        variables: true,
        keyframes: true,
        blocklist: foreign,
        dynamicAttributes: [...attributes],
        safelist: { variables },
    });
    return small;
}

/** Custom properties whose value is used. */
const read = (css) => [...new Set([...css.matchAll(/var\(\s*(--[\w-]+)/g)].map(([, name]) => name))];

/** Gives PatternFly's custom properties names of a few letters, except those that the script says: a third less to send. */
function shortNames(css, script) {
    const said = new Set(script.match(property));
    // A name that the script puts together begins like this.
    const begun = [...said].filter((name) => name.endsWith("-"));
    const names = [...new Set(css.match(/--pf-[\w-]+/g))].filter(
        (name) => !said.has(name) && !begun.some((start) => name.startsWith(start)),
    );
    const short = new Map(names.map((name, index) => [name, `--${index.toString(36)}`]));
    return css.replace(/--pf-[\w-]+/g, (name) => short.get(name) ?? name);
}
