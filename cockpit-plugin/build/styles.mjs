// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { PurgeCSS } from "purgecss";

/** Looks of PatternFly that Cockpit does not have. */
const foreign = [/pf-v6-theme-(felt|glass|redhat)/];

/**
 * Leaves out rules for classes that neither the script nor the document names, and custom properties that nothing reads.
 * A class must stand in the source as a whole word, never be put together from pieces.
 * @param {string} css
 * @param {string} script bundled JavaScript
 * @param {string} html
 * @returns {Promise<string>}
 */
export async function shrinkStyles(css, script, html) {
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
        fontFace: true,
        blocklist: foreign,
        dynamicAttributes: [...attributes],
        safelist: { variables: [...new Set(script.match(/--[a-z][\w-]+/g) ?? [])] },
    });
    return small;
}
